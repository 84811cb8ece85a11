// Draws what in the corpus is drawn: a few meshes, and the requests of all, after those that `written.jsonl` of a mesh has. `node --import tsx test/behavior/draw-corpus.ts`,
// then the truth anew: `UPDATE_GOLDEN=1 node --import tsx test/oracle/run.ts test/oracle/behavior.test.ts`.

import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { manifests } from '../arbitraries/manifests/manifests.ts'
import { requestsFor } from '../arbitraries/manifests/requests.ts'
import { manifestTexts } from './manifest-texts.ts'

/** The seed of each drawn mesh, and how many services it has at most. */
const drawnMeshes = [
  [11, 4],
  [12, 4],
  [13, 6],
  [14, 6],
  [15, 8],
  [16, 8],
  [17, 12],
  [18, 12],
  [19, 20],
  [20, 20],
  [21, 6],
  [22, 6],
  [23, 8],
  [24, 8],
  [25, 10],
  [26, 10],
  [27, 14],
  [28, 14],
] as const

for (const [seed, services] of drawnMeshes) {
  const home = join(import.meta.dirname, `meshes/drawn-${seed}`)
  const [drawn] = fc.sample(manifests({ services }), { seed, numRuns: 1 })
  if (drawn === undefined) throw new Error('nothing was drawn')
  mkdirSync(home, { recursive: true })
  writeFileSync(join(home, 'manifests.yaml'), manifestTexts(drawn))
}

// The corpus is complete only after these steps.
const { corpus, listObjects: objectsOf, requestsPerMesh, writtenRequests } = await import('./corpus.ts')
for (const mesh of corpus) {
  const objects = objectsOf(mesh).map(({ value }) => value)
  const written = writtenRequests(mesh)
  const numRuns = requestsPerMesh - written.length
  const requests = [...written, ...fc.sample(requestsFor(objects), { seed: 1, numRuns })]
  const lines = requests.map((request, index) => JSON.stringify({ id: String(index + 1), ...request }))
  writeFileSync(join(mesh.home, 'requests.jsonl'), `${lines.join('\n')}\n`)
}
