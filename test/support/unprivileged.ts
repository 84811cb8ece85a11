import { cpSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { bundle, meshc, type Run } from './meshc.ts'
import { giveTo, project } from './project.ts'

/** A runner of meshc without the rights of root, since root can write read-only files. */
interface Unprivileged {
  run(folder: string, words: readonly string[]): Promise<Run>
  /** Changes the owner of a folder to the user of `run`. */
  handOver(folder: string): void
}

/**
 * Returns a runner as the user `nobody`, who can read only a copy of the bundle; without root, as the current
 * user.
 */
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
