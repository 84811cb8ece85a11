import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { istioSource } from './istio.ts'
import type { Part } from './part.ts'

const locate = (path: string) => fileURLToPath(new URL(path, import.meta.url))

/** The manifests of Istio's samples and tests, in the folders of its source. */
export const istioMeshes: Part = {
  inputs: [locate('istio-meshes.ts'), locate('../istio/go.mod'), locate('../istio/go.sum')],
  make: async target => {
    const source = await istioSource()
    for (const entry of await readdir(source, { recursive: true, withFileTypes: true })) {
      const file = join(entry.parentPath, entry.name)
      if (!entry.isFile() || !file.endsWith('.yaml') || file.includes('/charts/')) continue
      const text = await readFile(file, 'utf8')
      if (!manifestPattern.test(text) || text.includes('{{')) continue
      const copy = join(target, relative(source, file))
      await mkdir(dirname(copy), { recursive: true })
      await writeFile(copy, text)
    }
  },
}

const manifestPattern =
  /^ *kind: (?:VirtualService|DestinationRule|Gateway|ServiceEntry|Sidecar|AuthorizationPolicy|PeerAuthentication|RequestAuthentication)$/m
