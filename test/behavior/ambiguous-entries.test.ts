import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { listVerdicts } from '../support/both-engines.ts'
import { getModel } from '../support/model-of.ts'
import { makeShopDeployment } from '../support/shop-deployment.ts'

/** Two ServiceEntries of one host: istiod puts the older first, and orders two of one age by chance. */
const test = suite('ambiguous entries')

const host = 'bank.example'
const january = { creationTimestamp: '2026-01-01T08:00:00Z' }
const june = { creationTimestamp: '2026-06-01T08:00:00Z' }
const port = (number: number, protocol: string) => ({ number, name: protocol.toLowerCase(), protocol })
const makeEntry = (name: string, metadata: object, spec: object) => ({
  apiVersion: 'networking.istio.io/v1',
  kind: 'ServiceEntry',
  metadata: { name, namespace: 'shop', ...metadata },
  spec: { hosts: [host], resolution: 'DNS', ports: [port(80, 'HTTP')], ...spec },
})

const cases: Readonly<
  Record<
    string,
    readonly [first: readonly [object, object], second: readonly [object, object], verdict: string]
  >
> = {
  'two protocols of a port': [[{}, {}], [{}, { ports: [port(80, 'HTTPS')] }], 'UNKNOWN'],
  'two resolutions, of an older and of a younger entry': [
    [january, {}],
    [june, { resolution: 'NONE' }],
    'ALLOW',
  ],
  'two protocols of a port, of one second': [[june, {}], [june, { ports: [port(80, 'HTTPS')] }], 'UNKNOWN'],
  'two resolutions': [[{}, {}], [{}, { resolution: 'NONE' }], 'UNKNOWN'],
  'an entry inside of the mesh and one outside': [[{}, {}], [{}, { location: 'MESH_INTERNAL' }], 'UNKNOWN'],
  'two namespaces': [[{}, {}], [{ namespace: 'bank' }, { ports: [port(80, 'HTTPS')] }], 'ALLOW'],
  'two lists of endpoints for a port': [
    [january, { endpoints: [{ address: 'a.bank.example' }] }],
    [june, { endpoints: [{ address: 'b.bank.example' }] }],
    'UNKNOWN',
  ],
  'two lists of endpoints for two ports of one name': [
    [january, { endpoints: [{ address: 'a.bank.example' }] }],
    [june, { endpoints: [{ address: 'b.bank.example' }], ports: [port(8080, 'HTTP')] }],
    'UNKNOWN',
  ],
  'two lists of endpoints for two ports': [
    [january, { endpoints: [{ address: 'a.bank.example' }] }],
    [june, { endpoints: [{ address: 'b.bank.example' }], ports: [port(443, 'HTTPS')] }],
    'ALLOW',
  ],
  'two ports': [[{}, {}], [{}, { ports: [port(443, 'HTTPS')] }], 'ALLOW'],
  'the same twice': [[{}, {}], [{}, {}], 'ALLOW'],
}

for (const [name, [first, second, expected]] of Object.entries(cases))
  test(`${name}: ${expected}`, () => {
    const entries = [makeEntry('first', ...first), makeEntry('second', ...second)]
    for (const ordered of [entries, entries.toReversed()])
      assert.equal(
        listVerdicts(getModel([makeShopDeployment('web'), ...ordered]), 'web', { host, port: 80 }),
        [expected],
      )
  })

test.run()
