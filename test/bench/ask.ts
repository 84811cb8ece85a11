import { lintMesh } from '../../bin/behavior/lint-findings.ts'
import { usualLimits } from '../../compiler/behavior/budget.ts'
import { compare, modelReader } from '../../compiler/behavior/index.ts'
import { objectsOf } from '../support/model-of.ts'
import { corpusMeshes, hardMeshes } from './hard-meshes.ts'

/*
 * Asks one mesh by its name what `lint` and `diff` ask, and tells the CPU seconds of each question on a line:
 * `lint 0.42`, then a `diff` for each mesh before.
 */
const [name = ''] = process.argv.slice(2)
const mesh = [...hardMeshes(), ...corpusMeshes()].find(each => each.name === name)
if (mesh === undefined) throw new Error(`there is no mesh ${name}`)

const objects = objectsOf(mesh.objects)
tell('lint', () => lintMesh(modelReader()(objects), usualLimits, () => {}))
for (const before of mesh.before) {
  // What both sides have is one object, as a reader of two sides has it.
  const known = new Map(objects.map(object => [object.value, object]))
  tell('diff', () => {
    const read = modelReader()
    const after = read(objects)
    compare(read(before.map(value => known.get(value)!)), after)
  })
}

function tell(question: string, ask: () => void): void {
  const start = process.cpuUsage()
  ask()
  const { user, system } = process.cpuUsage(start)
  console.log(`${question} ${(user + system) / 1e6}`)
}
