import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { Compilation } from '../../compiler/compilation.ts'
import { findShapeFaults, readKnownGroups } from '../../schema/crds.ts'
import { isRecord } from '../../schema/json-schema.ts'
import { admissionCases } from '../behavior/admitted-objects.ts'
import { everySpec } from '../support/drawn-specs.ts'
import { compileEnvironment, compileSpec, environments } from '../support/specs.ts'

const crds = suite('CRDs')

for (const name of environments)
  crds(`no object of out/${name} is refused by its CRD`, () => assertTaken(compileEnvironment(name)))

crds('no object that meshc writes is refused by its CRD', () =>
  everySpec(spec => assertTaken(compileSpec(spec))),
)

crds('no object that a cluster takes is refused by its CRD', () => {
  for (const { object, refusal } of admissionCases)
    if (refusal === undefined) assert.equal([...findShapeFaults({ ...object })], [], JSON.stringify(object))
})

crds('every kind that meshc writes for these groups is known', () => {
  const kinds = [...readKnownGroups().values()].flatMap(group => Object.keys(group))
  for (const kind of ['VirtualService', 'AppProject', 'Certificate', 'PrometheusRule', 'Kiali'])
    assert.ok(kinds.includes(kind), kind)
})

crds.run()

/** The kinds whose objects meshc checks with stricter schemas than the CRDs. */
function assertTaken(compilation: Compilation): void {
  for (const { path, object } of compilation.manifests()) {
    if (path.endsWith('.raw.yaml') || !isRecord(object)) continue
    assert.equal([...findShapeFaults(object)], [], path)
  }
}
