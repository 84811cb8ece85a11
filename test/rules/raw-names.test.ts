import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { collectParts } from '../../compiler/validate/parts.ts'
import { rawNames } from '../../compiler/validate/rules/raw/raw-names.ts'
import { compileText } from '../support/compile-text.ts'

const test = suite('rules/raw-names')

/** Counts how often the rule reads the kind of a raw object, in a mesh with some of them. */
function countReads(size: number): number {
  const filters = Array.from({ length: size }, (_, index) => [
    '  - apiVersion: networking.istio.io/v1alpha3',
    '    kind: EnvoyFilter',
    `    metadata: { name: filter-${index}, namespace: shop }`,
    '    spec: { workloadSelector: { labels: { app: cart } } }',
  ])
  const spec = [
    'meshc: v1',
    'mesh: shop',
    'environment: prod',
    'services: { cart: { namespace: shop, port: { http: 8080 } } }',
    'raw:',
    ...filters.flat(),
  ]
  const result = compileText(spec.join('\n'))
  if (!result.ok) throw new Error(result.diagnostics.map(({ message }) => message).join('\n'))
  const { mesh } = result.value
  let reads = 0
  const raw = mesh.raw.map(object => ({
    ...object,
    get kind() {
      reads++
      return object.kind
    },
  }))
  const watched = { ...mesh, raw }
  assert.equal([...rawNames.check(watched, collectParts(watched))], [])
  return reads
}

test('the rule asks each raw object for its kind, not each one for all', () => {
  assert.ok(countReads(80) < 5 * countReads(20), `${countReads(80)} and ${countReads(20)} reads`)
})

test.run()
