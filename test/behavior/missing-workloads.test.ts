import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { listVerdicts } from '../support/both-engines.ts'
import { getModel } from '../support/model-of.ts'
import { makeShopDeployment } from '../support/shop-deployment.ts'

/** Requests to workloads of the mesh that no manifest contains: the endpoints of a ServiceEntry. */
const test = suite('missing workloads')

const host = 'ledger.shop.internal'
const makeEntry = (location: string, endpoint: object) => ({
  apiVersion: 'networking.istio.io/v1',
  kind: 'ServiceEntry',
  metadata: { name: 'ledger', namespace: 'shop' },
  spec: {
    hosts: [host],
    location,
    resolution: 'STATIC',
    ports: [{ number: 80, name: 'http', protocol: 'HTTP' }],
    endpoints: [{ address: '192.0.2.7', ...endpoint }],
  },
})
const mutualRule = {
  apiVersion: 'networking.istio.io/v1',
  kind: 'DestinationRule',
  metadata: { name: 'ledger', namespace: 'shop' },
  spec: { host, trafficPolicy: { tls: { mode: 'ISTIO_MUTUAL' } } },
}
const label = { labels: { 'security.istio.io/tlsMode': 'istio' } }
const identity = { serviceAccount: 'ledger' }

const cases: Readonly<Record<string, readonly [readonly object[], 'ALLOW' | 'UPSTREAM_RESET' | 'UNKNOWN']>> =
  {
    'an endpoint of the mesh without a sidecar gets plaintext': [[makeEntry('MESH_INTERNAL', {})], 'ALLOW'],
    'an endpoint with the label of a sidecar': [[makeEntry('MESH_INTERNAL', label)], 'UNKNOWN'],
    'an endpoint with an identity': [[makeEntry('MESH_INTERNAL', identity)], 'UNKNOWN'],
    'a rule asks for mutual TLS in the mesh': [[makeEntry('MESH_INTERNAL', {}), mutualRule], 'UNKNOWN'],
    'a system outside gets plaintext, whatever its label': [[makeEntry('MESH_EXTERNAL', label)], 'ALLOW'],
    'a rule asks a system outside for mutual TLS': [
      [makeEntry('MESH_EXTERNAL', {}), mutualRule],
      'UPSTREAM_RESET',
    ],
    'a rule asks for mutual TLS, and a label promises it': [
      [makeEntry('MESH_EXTERNAL', label), mutualRule],
      'UNKNOWN',
    ],
  }

for (const [name, [objects, expected]] of Object.entries(cases))
  test(`${name}: ${expected}`, () => {
    const model = getModel([makeShopDeployment('web'), ...objects])
    assert.equal(listVerdicts(model, 'web', { host, port: 80 }), [expected])
  })

test.run()
