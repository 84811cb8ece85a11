import { cpSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { bundle, meshc, type Run } from './meshc.ts'
import { giveTo, project } from './project.ts'

/** Runs meshc without the rights of root, to whom no file is read-only. */
interface Unprivileged {
  run(folder: string, words: readonly string[]): Promise<Run>
  /** Gives a folder to the user that `run` runs as. */
  handOver(folder: string): void
}

/** The user `nobody`, who can read only a copy of the bundle; without root, the user who runs the tests. */
export function unprivileged(): Unprivileged {
  if (process.getuid?.() !== 0) return { run: (folder, words) => meshc(folder, words), handOver: () => {} }
  const nobody = 65534
  const copy = project({})
  const root = dirname(dirname(bundle))
  for (const path of [
    'dist',
    'package.json',
    'templates',
    'schema/crds.json',
    'schema/istio-settings.json',
    'schema/mesh.schema.json',
    'schema/generated/mesh-shape.json',
  ])
    cpSync(join(root, path), join(copy, path), { recursive: true })
  giveTo(nobody, copy)
  return {
    run: (folder, words) => meshc(folder, words, { bundle: join(copy, 'dist/meshc.cjs'), user: nobody }),
    handOver: folder => giveTo(nobody, folder),
  }
}
