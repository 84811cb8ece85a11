import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { completeManifests } from '../../bin/manifests/complete-manifests.ts'
import { usualLimits } from '../../compiler/behavior/budget.ts'
import { makeModelReader } from '../../compiler/behavior/read/read-model.ts'
import { compile } from '../../compiler/compile.ts'
import { type ImportedMesh, importMesh } from '../../compiler/import/import-mesh.ts'
import { printSpecs } from '../../compiler/import/spec-files.ts'
import { listAssumedObjects } from '../../compiler/manifests/assumed-objects.ts'
import { manifests } from '../arbitraries/manifests/manifests.ts'
import { getTexts, specs } from '../arbitraries/mesh.ts'
import { holds } from '../holds.ts'
import { getWorkspace } from '../support/compile-text.ts'
import { listObjects } from '../support/model-of.ts'

const laws = suite('laws: import')

const head = { meshc: 'v1', mesh: 'shop', environment: 'prod', manages: 'mesh' }

function importObjects(values: readonly unknown[]): ImportedMesh {
  const read = makeModelReader()
  const { objects } = completeManifests(read, listObjects(values))
  const entry = 'spec/prod/mesh.yaml'
  return importMesh({ entry, head, read, objects, part: undefined, limits: usualLimits })
}

/**
 * Asserts that a spec does what the manifests do, and that its text says just what was compared. Requests may fare otherwise only where an
 * object is told that the spec cannot hold: it stays where it is, and its name is taken.
 */
function assertEqual({ comparison, unsaid, ...imported }: ImportedMesh): void {
  const { differences, defects } = comparison
  assert.equal(defects, [], JSON.stringify(defects))
  const isBlocked = unsaid.some(({ reason }) => reason.startsWith('it stays where it is'))
  const told = differences.map(({ change, callers, destinations }) =>
    JSON.stringify([change, callers, destinations]),
  )
  assert.ok(told.length === 0 || isBlocked, told.join('\n'))
  printSpecs([{ name: 'prod', imported: { comparison, unsaid, ...imported }, head: ' Imported.' }])
}

/** A mesh has hundreds of parts: to shrink it takes longer than to read it. */
const unshrunk = { endOnFailure: true }

laws('the spec of a mesh that somebody wrote by hand does what that mesh does', () => {
  holds(
    fc.property(manifests({ services: 4 }), ({ objects, meshConfig }) => {
      const operator = {
        apiVersion: 'install.istio.io/v1alpha1',
        kind: 'IstioOperator',
        metadata: { name: 'istio', namespace: 'istio-system' },
        spec: { meshConfig },
      }
      assertEqual(importObjects([...objects, operator]))
    }),
    unshrunk,
  )
})

laws('the spec of what a spec makes does what that makes', () => {
  let compared = 0
  holds(
    fc.property(specs(), drawn => {
      const result = compile(drawn.entry, getWorkspace(getTexts(drawn)))
      fc.pre(result.ok)
      const emitted = [...result.value.manifests('for-cluster')].map(({ object }) => object)
      const assumed = listAssumedObjects(result.value, result.sources).map(({ value }) => value)
      assertEqual(importObjects([...emitted, ...assumed]))
      compared++
    }),
    unshrunk,
  )
  assert.ok(compared >= 100, `${compared} meshes`)
})

laws.run()
