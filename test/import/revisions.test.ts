import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { usualLimits } from '../../compiler/behavior/budget.ts'
import { makeModelReader } from '../../compiler/behavior/read/read-model.ts'
import { importMesh } from '../../compiler/import/import-mesh.ts'
import { summarizeImport } from '../../compiler/import/import-summary.ts'
import { printSpecs } from '../../compiler/import/spec-files.ts'
import { listAssumedObjects } from '../../compiler/manifests/assumed-objects.ts'
import { listCompiledObjects } from '../../compiler/manifests/compiled-objects.ts'
import { compileText } from '../support/compile-text.ts'

const revisions = suite('import of control planes beside each other')

/** Compiles a spec, and imports its output together with the other objects of the cluster. */
function importAgain(text: string): {
  readonly text: string
  readonly raw: number
  readonly patched: number
} {
  const result = compileText(text)
  if (!result.ok) throw new Error(result.diagnostics.map(({ message }) => message).join('\n'))
  const imported = importMesh({
    entry: 'spec/prod/mesh.yaml',
    head: { meshc: 'v1', mesh: 'shop', environment: 'prod' },
    read: makeModelReader(),
    objects: [
      ...listCompiledObjects(result.value, 'out/prod'),
      ...listAssumedObjects({ mesh: result.value.mesh, layers: result.layers }, result.sources),
    ],
    part: undefined,
    limits: usualLimits,
  })
  assert.equal(imported.comparison.differences, [])
  assert.equal(imported.comparison.unknown, [])
  const { raw, patched } = summarizeImport(imported)
  return { text: printSpecs([{ name: 'prod', imported, head: ' Imported.' }])[0]!.text, raw, patched }
}

const getSpec = (istio: string, namespaces: string) => `meshc: v1
mesh: shop
manages: mesh
istio: ${istio}
namespaces: ${namespaces}
services:
  web: { namespace: web, port: { http: 8080 }, allow: [{ from: cart }] }
  cart: { namespace: shop, port: { http: 8080 }, allow: [{ from: web }] }
`

revisions('the revisions, their tags and the namespaces that have moved come back', () => {
  const { text, raw, patched } = importAgain(
    getSpec(
      '{ revisions: { stable: { version: 1.31.2, tags: [prod, old] }, canary: { version: 1.31.4 } }, revision: prod }',
      '{ shop: { revision: canary } }',
    ),
  )
  assert.match(text, /^ {2}revision: prod$/m)
  assert.match(text, /\bcanary: \{ version: 1\.31\.4 \}/)
  assert.match(text, /\bstable: \{ version: 1\.31\.2, tags: \[ prod, old \] \}/)
  assert.match(text, /^ {2}shop: \{ revision: canary \}$/m)
  assert.equal({ raw, patched }, { raw: 0, patched: 0 })
})

revisions('namespaces join control planes of another owner', () => {
  const { text, raw, patched } = importAgain(
    getSpec('{ install: none, revision: stable }', '{ shop: { revision: canary } }'),
  )
  assert.match(text, 'install: none')
  // Of two that are named as often, either may be that of the others.
  assert.match(text, /^ {2}revision: (stable|canary)$/m)
  assert.match(text, /^ {2}(web: \{ revision: stable \}|shop: \{ revision: canary \})$/m)
  assert.equal({ raw, patched }, { raw: 0, patched: 0 })
})

revisions.run()
