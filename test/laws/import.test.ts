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

/** Tells whether a spec is proved to do what the manifests do; asserts that its text says just what was compared. */
function isEqual(imported: ImportedMesh): boolean {
  const { differences, defects } = imported.comparison
  assert.equal(defects, [], JSON.stringify(defects))
  printSpecs([{ name: 'prod', imported, head: ' Imported.' }])
  return differences.length === 0
}

/** A mesh has hundreds of parts: to shrink it takes longer than to read it. */
const unshrunk = { endOnFailure: true }

laws('the spec of a mesh that somebody wrote by hand does what that mesh does', () => {
  const counts = { all: 0, equal: 0 }
  holds(
    fc.property(manifests({ services: 4 }), ({ objects, meshConfig }) => {
      const operator = {
        apiVersion: 'install.istio.io/v1alpha1',
        kind: 'IstioOperator',
        metadata: { name: 'istio', namespace: 'istio-system' },
        spec: { meshConfig },
      }
      counts.all++
      if (isEqual(importObjects([...objects, operator]))) counts.equal++
    }),
    unshrunk,
  )
  // A name that is taken may leave no room for an object that has to stay: then the import tells the difference.
  console.log(`${counts.equal} of ${counts.all} are proved equal`)
  assert.ok(counts.equal >= 0.95 * counts.all, `${counts.equal} of ${counts.all} are proved equal`)
})

laws('the spec of what a spec makes does what that makes', () => {
  let compared = 0
  holds(
    fc.property(specs(), drawn => {
      const result = compile(drawn.entry, getWorkspace(getTexts(drawn)))
      fc.pre(result.ok)
      const emitted = [...result.value.manifests('for-cluster')].map(({ object }) => object)
      const assumed = listAssumedObjects(result.value, result.sources).map(({ value }) => value)
      const imported = importObjects([...emitted, ...assumed])
      const differing = imported.comparison.differences.map(({ change, destinations }) =>
        JSON.stringify([change, destinations]),
      )
      assert.ok(isEqual(imported), differing.join('\n'))
      compared++
    }),
    unshrunk,
  )
  assert.ok(compared >= 100, `${compared} meshes`)
})

laws.run()
