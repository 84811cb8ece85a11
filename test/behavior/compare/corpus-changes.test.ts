import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { makeModelReader } from '../../../compiler/behavior/read/read-model.ts'
import { changeObjects } from '../../arbitraries/manifests/changes.ts'
import type { KubernetesObject } from '../../arbitraries/manifests/kubernetes-object.ts'
import { requestsFor } from '../../arbitraries/manifests/requests.ts'
import { listObjects as readable } from '../../support/model-of.ts'
import { freshSeed } from '../../support/seed.ts'
import { corpus, listObjects, listRequests } from '../corpus.ts'
import { assertReportsAll } from './reports-all.ts'

const changes = suite('changes of the corpus')

/** The number of drawn changes. Each run draws new changes from a printed seed; `SEED=…` repeats them. */
const changesDrawn = Number(process.env['CHANGES'] ?? 200)
const requestsDrawn = 15

const meshes = corpus.map(mesh => ({
  name: mesh.name,
  // Kubernetes gives every manifest the same shape.
  objects: listObjects(mesh).map(({ value }) => value as KubernetesObject),
  requests: listRequests(mesh),
}))

const meshDrawn = fc.nat({ max: meshes.length - 1 }).map(place => meshes[place]!)

changes('of one object appear as requests see them, without a contradiction of the engines', () => {
  const seen = { found: 0, told: 0 }
  console.log(`SEED=${freshSeed}`)
  fc.assert(
    fc.property(
      fc
        .tuple(meshDrawn, meshDrawn, fc.nat(), fc.nat(), fc.nat())
        .map(([mesh, second, way, where, what]) => ({
          mesh,
          changed: changeObjects(mesh.objects, second.objects, way, where, what),
        }))
        .chain(({ mesh, changed }) =>
          fc.record({
            name: fc.constant(mesh.name),
            before: fc.constant(mesh.objects),
            after: fc.constant(changed),
            requests: fc
              .array(requestsFor([...new Set([...mesh.objects, ...changed])]), {
                minLength: requestsDrawn,
                maxLength: requestsDrawn,
              })
              .map(drawn => [...mesh.requests, ...drawn]),
          }),
        ),
      ({ name, before, after, requests }) => {
        const values = [...new Set([...before, ...after])]
        const manifestObjects = new Map(readable(values).map(object => [object.value, object]))
        const read = makeModelReader()
        const [behaviorModel, otherBehaviorModel] = [before, after].map(side =>
          read(side.map(value => manifestObjects.get(value)!)),
        )
        try {
          const { comparison, differing: result } = assertReportsAll(
            behaviorModel!,
            otherBehaviorModel!,
            requests,
          )
          seen.found += result
          seen.told += comparison.differences.length
        } catch (problem) {
          const [removed, added] = [
            before.filter(object => !after.includes(object)),
            after.filter(object => !before.includes(object)),
          ]
          throw new Error(
            `${name}: ${JSON.stringify(removed)} became ${JSON.stringify(added)}: ${(problem as Error).message}`,
            { cause: problem },
          )
        }
      },
    ),
    // The numbers choose an object of a mesh, so a smaller number does not make a smaller mesh.
    { seed: freshSeed, numRuns: changesDrawn, endOnFailure: true, includeErrorInReport: true },
  )
  console.log(`${seen.told} differences told, ${seen.found} found by requests`)
  assert.ok(seen.told > changesDrawn / 4 && seen.found > changesDrawn / 4)
})

changes(
  'a machine without a proxy that is removed is another caller than the pod that has its labels then',
  () => {
    const machines = meshes.find(({ name }) => name === 'virtual-machines')!
    const after = machines.objects.filter(
      ({ kind, metadata }) => kind !== 'WorkloadEntry' || metadata.name !== 'archive',
    )
    const manifestObjects = new Map(readable(machines.objects).map(object => [object.value, object]))
    const read = makeModelReader()
    const [first, second] = [machines.objects, after].map(side =>
      read(side.map(value => manifestObjects.get(value)!)),
    )
    assert.is(after.length, machines.objects.length - 1)
    assertReportsAll(first!, second!, machines.requests)
  },
)

changes.run()
