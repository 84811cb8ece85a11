import { readFileSync } from 'node:fs'
import { lintMesh } from '../../bin/behavior/lint-findings.ts'
import { usualLimits } from '../../compiler/behavior/budget.ts'
import { compare, makeModelReader } from '../../compiler/behavior/index.ts'
import { listObjects } from '../support/model-of.ts'

/*
 * Asks the questions of `lint` and `diff` about the mesh in a JSON file. Prints the CPU seconds of each
 * question on a line: `lint 0.42`, then a `diff` for each mesh before.
 */
const { objects: values, before: allBefore }: Asked = JSON.parse(readFileSync(process.argv[2]!, 'utf8'))

/** The mesh, and for each mesh before it the indexes of its objects. */
export interface Asked {
  readonly objects: readonly unknown[]
  readonly before: readonly (readonly number[])[]
}

const objects = listObjects(values)
tell('lint', () => lintMesh({ model: makeModelReader()(objects), isForeign: true }, usualLimits, () => {}))
for (const before of allBefore)
  tell('diff', () => {
    const read = makeModelReader()
    const after = read(objects)
    // An object on both sides is a single object, as in a reader of two sides.
    compare(read(before.map(place => objects[place]!)), after)
  })

function tell(question: string, ask: () => void): void {
  const begin = performance.now()
  const start = process.cpuUsage()
  ask()
  const { user, system } = process.cpuUsage(start)
  console.log(`${question} ${(user + system) / 1e6} ${(performance.now() - begin) / 1e3}`)
}
