import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { parseAllDocuments } from 'yaml'
import { readModel } from '../../compiler/behavior/read/read-model.ts'
import { listAssumedObjects } from '../../compiler/manifests/assumed-objects.ts'
import { compileText } from '../support/compile-text.ts'

/** Ports and pods whose traffic no sidecar intercepts. */
const test = suite('direct ports')

const { files, compilation } = compiled(`
meshc: v1
mesh: shop
namespaces: { legacy: { injection: off } }
services:
  web: { namespace: shop }
  orders:
    namespace: shop
    ports: { http: 8080, metrics: { http: 9102, target: 9300, sidecar: off } }
    versions: { v1: {}, v2: { loadBalancing: { warmup: 1m } } }
    traffic: { v1: 90%, v2: 10% }
    allow:
      - { from: web, ports: [http] }
      - { from: anyone, ports: [metrics], because: Prometheus runs outside of the mesh }
  db:
    namespace: shop
    workload: { sidecar: off }
    port: { tcp: 5432 }
    allow: [{ from: anyone, because: no sidecar guards it }]
  erp:
    namespace: legacy
    port: { http: 80 }
    allow: [{ from: anyone, because: no sidecar guards it }]
`)

test('callers speak plain text to a port that the sidecar leaves alone', () => {
  const { trafficPolicy } = files.find(
    ({ kind, name }) => kind === 'DestinationRule' && name === 'orders',
  )!.spec
  const { portLevelSettings } = trafficPolicy as { readonly portLevelSettings: readonly object[] }
  const [{ port, tls }] = portLevelSettings as [{ readonly port: object; readonly tls: object }]
  assert.is(portLevelSettings.length, 1)
  assert.equal([port, tls], [{ number: 9102 }, { mode: 'DISABLE' }])
})

test('a policy has no rule for a port that no sidecar takes', () => {
  const policies = files.filter(
    ({ kind, name }) => kind === 'AuthorizationPolicy' && name !== 'deny-by-default',
  )
  assert.equal(
    policies.map(({ name, spec }) => [name, spec['rules']]),
    [
      [
        'orders',
        [
          {
            from: [{ source: { principals: ['cluster.local/ns/shop/sa/web'] } }],
            to: [{ operation: { ports: ['8080'] } }],
          },
        ],
      ],
    ],
  )
})

test('pods without a sidecar have the rule and the route of callers, and nothing that a sidecar holds', () => {
  const kinds = (name: string) => files.filter(file => file.name === name).map(({ kind }) => kind)
  assert.equal(kinds('db'), ['DestinationRule'])
  assert.equal(kinds('erp'), ['DestinationRule', 'VirtualService'])
})

test('the engine knows which pods have no sidecar, and which ports one leaves alone', () => {
  const { workloads } = readModel(listAssumedObjects(compilation, []))
  assert.equal(
    workloads.map(({ name, proxy, bypassedPorts }) => [name, proxy, bypassedPorts]),
    [
      ['db', 'none', []],
      // The pods have a label that their Namespace makes unnecessary.
      ['erp', 'none', []],
      ['orders-v1', 'sidecar', [9300]],
      ['orders-v2', 'sidecar', [9300]],
      ['web', 'sidecar', []],
    ],
  )
})

test.run()

interface Emitted {
  readonly kind: string
  readonly name: string
  readonly spec: Readonly<Record<string, unknown>>
}

function compiled(text: string) {
  const result = compileText(text)
  if (!result.ok) throw new Error(result.diagnostics.map(({ message }) => message).join('\n'))
  const files = [...result.value.files()]
    .filter(({ path }) => path.startsWith('manifests/'))
    .flatMap(({ text }) => parseAllDocuments(text).map(document => document.toJS()))
    .map(({ kind, metadata, spec }): Emitted => ({ kind, name: metadata.name, spec }))
  return { files, compilation: result.value }
}
