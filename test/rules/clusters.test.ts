import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { compile } from '../../compiler/compile.ts'
import type { DiagnosticCode } from '../../compiler/diagnostics/diagnostic.ts'
import { compileText, getWorkspace } from '../support/compile-text.ts'
import { plantedFault, soundSpec } from '../support/planted-fault.ts'

/** The rules for the clusters of an environment. A spec is compiled for its first cluster, or for the cluster with a file. */
const test = suite('rules of clusters')

const fault = (
  code: DiagnosticCode,
  what: string,
  spec: string,
  message: string,
  beside: Readonly<Record<string, string>> = {},
) => test(`${code}: ${what}`, () => plantedFault(code, spec, message, beside))

const sound = (what: string, spec: string, beside: Readonly<Record<string, string>> = {}) =>
  test(`nothing wrong: ${what}`, () => soundSpec(spec, beside))

const services = `
services:
  cart: { namespace: shop, port: { http: 8080 }, allow: [{ from: web }] }
  web: { namespace: shop }
`
const networks = 'clusters: { eu1: { network: eu }, eu2: { network: eu }, us1: { network: us } }'
const gateway = 'gateways: { east-west: { eastWest: true } }'

fault('MESH2051', 'no cluster', `«clusters»: {}${services}`, '`clusters` names no cluster')

test('MESH2051: an entry that chooses none', () => {
  const text = `meshc: v1\nmesh: shop\n${networks}\n${gateway}${services}`
  const entry = 'spec/prod/mesh.yaml'
  const { diagnostics } = compile(entry, getWorkspace({ [entry]: text }))
  assert.equal(
    diagnostics.map(({ code, message, help }) => [code, message, help]),
    [
      [
        'MESH2051',
        'the spec has `clusters`, and no cluster is chosen',
        'compile `eu1`, `eu2` or `us1`: the entry of a cluster is `spec/<environment>/<cluster>/mesh.yaml`',
      ],
    ],
  )
})

fault(
  'MESH2052',
  'a service runs in an undeclared cluster',
  `${networks}
${gateway}
services:
  cart: { namespace: shop, port: { http: 8080 }, clusters: [us1, «eu3»], allow: [{ from: web }] }
  web: { namespace: shop }
`,
  'the environment has no cluster `eu3`',
)

fault(
  'MESH2052',
  'a folder of an undeclared cluster',
  `«clusters»: { eu1: { network: eu } }${services}`,
  '`spec/prod/eu9/mesh.yaml` is about the cluster `eu9`, which is none of `spec/prod/mesh.yaml`',
  { 'spec/prod/eu9/mesh.yaml': 'meshc: v1\n' },
)

fault(
  'MESH2002',
  'the destination of all clusters',
  `‹clusters›: { eu1: { network: eu } }
delivery: { «cluster»: shop-prod }${services}`,
  'the spec sets both `clusters` and `delivery.cluster`',
)

fault(
  'MESH2002',
  'an east-west gateway with hosts',
  `${networks}
gateways: { east-west: { ‹eastWest›: true, «hosts»: [shop.example.com] } }${services}`,
  'the gateway `east-west` sets both `eastWest` and `hosts`',
)

fault(
  'MESH3476',
  'a cluster without a network',
  `clusters: { eu1: { network: eu }, «eu2»: {} }${services}`,
  'the cluster `eu2` has no network, and others have one',
)

fault(
  'MESH3477',
  'networks without an east-west gateway',
  `clusters: { eu1: { «network»: eu }, us1: { network: us } }${services}`,
  'the clusters have 2 networks, and `eu1` has no east-west gateway',
)

fault(
  'MESH3478',
  'an east-west gateway without networks',
  `clusters: { eu1: { network: eu }, eu2: { network: eu } }
gateways: { east-west: { «eastWest»: true } }${services}`,
  'the east-west gateway `east-west` joins nothing: the clusters do not have two networks',
)

fault(
  'MESH3479',
  'a service of another mesh',
  `clusters: { eu1: {}, eu2: {} }
services:
  cart: { namespace: shop, port: { http: 8080 }, «clusters»: [eu2], allow: [{ from: web }] }
  web: { namespace: shop }
`,
  '`cart` runs in other clusters only, which are meshes of their own',
)

fault(
  'MESH3480',
  'plain text between networks',
  `${networks}
${gateway}
services:
  cart: { namespace: shop, port: { http: 8080, mtls: off }, «clusters»: [us1], allow: [{ from: anyone, because: a test }] }
  web: { namespace: shop }
`,
  '`cart` takes plain text at `http`, and `eu1` is in another network: only mutual TLS passes between networks',
)

fault(
  'MESH3480',
  'a headless service of another cluster',
  `clusters: { eu1: { network: eu }, eu2: { network: eu } }
services:
  kafka: { namespace: shop, port: { tcp: 9092 }, headless: true, «clusters»: [eu2], allow: [{ from: web }] }
  web: { namespace: shop }
`,
  '`kafka` is headless and has no pods in `eu1`: its name leads to no address there',
)

fault(
  'MESH3021',
  'two Services of one pod in different clusters',
  `clusters: { eu1: { network: eu }, eu2: { network: eu } }
services:
  cart: { namespace: shop, port: { http: 8080 }, ‹clusters›: [eu1], allow: [{ from: web }] }
  «cart-admin»: { namespace: shop, workload: { labels: { app: cart }, serviceAccount: cart }, port: { http: 9090 }, allow: [{ from: web }] }
  web: { namespace: shop }
`,
  '`cart-admin` and `cart` select the same pods, but run in different clusters',
)

sound(
  'plain text within a network',
  `${networks}
${gateway}
services:
  cart: { namespace: shop, port: { http: 8080, mtls: off }, clusters: [eu2, us1], allow: [{ from: anyone, because: a test }] }
  web: { namespace: shop }
`,
)

fault(
  'MESH3497',
  'a failover to a region without a cluster',
  `clusters: { eu1: { region: eu-west-1 }, us1: { region: us-east-1 } }
defaults: { loadBalancing: { locality: { failover: { us-east-1: «eu-west-2» } } } }${services}`,
  'no cluster is in `eu-west-2`',
)

fault(
  'MESH3497',
  'a share for a zone without a cluster',
  `clusters: { eu1: { region: eu-west-1, zones: [eu-west-1a, eu-west-1b] } }
defaults:
  loadBalancing:
    locality: { distribute: { eu-west-1/eu-west-1a/*: { eu-west-1/eu-west-1b/*: 90%, «eu-west-1/eu-west-1c/*»: 10% } } }${services}`,
  'no cluster is in `eu-west-1/eu-west-1c/*`',
)

sound(
  'localities of clusters, with zones and without, and of a machine',
  `clusters: { eu1: { region: eu-west-1, zones: [eu-west-1a] }, us1: { region: us-east-1 } }
defaults:
  loadBalancing:
    locality: { distribute: { eu-west-1/eu-west-1a/*: { us-east-1/b/*: 90%, rack-7/*: 10% } } }
services:
  cart: { namespace: shop, port: { http: 8080 }, workload: { machines: { 10.3.0.11: { locality: rack-7 } } }, allow: [{ from: web }] }
  web: { namespace: shop }
`,
)

sound('settings of one cluster', `${networks}\n${gateway}${services}`, {
  'spec/prod/us1/mesh.yaml': 'meshc: v1\nservices: { cart: { timeout: 2s } }\n',
})

sound('meshes of one shape, with other callers', `clusters: { eu1: {}, us1: {} }${services}`, {
  'spec/prod/us1/mesh.yaml':
    'meshc: v1\nservices: { cart: { allow: [{ from: anyone, because: a test }] } }\n',
})

test('MESH1024: other callers in one cluster of a mesh', () => {
  const { diagnostics } = compileText({
    'spec/prod/mesh.yaml': `meshc: v1\nmesh: shop\n${networks}\n${gateway}${services}`,
    'spec/prod/us1/mesh.yaml':
      'meshc: v1\nservices: { cart: { allow: [{ from: anyone, because: a test }], timeout: 2s } }\n',
  })
  assert.equal(
    diagnostics.map(({ code, message, at }) => [code, message, at.file]),
    [
      [
        'MESH1024',
        '`services.cart.allow` is the same in every cluster, and this file is about one of them',
        'spec/prod/us1/mesh.yaml',
      ],
    ],
  )
})

test('MESH1024: a patch and a raw object about callers in one cluster of a mesh', () => {
  const patch = (method: string) =>
    `  - { kind: AuthorizationPolicy, namespace: shop, name: cart, patch: { spec: { action: ${method} } } }\n`
  const raw =
    'raw:\n  - { apiVersion: security.istio.io/v1, kind: PeerAuthentication, metadata: { name: x, namespace: shop } }\n'
  const report = (base: string, text: string) =>
    compileText({
      'spec/prod/mesh.yaml': `meshc: v1\nmesh: shop\n${networks}\n${gateway}${services}${base}`,
      'spec/prod/us1/mesh.yaml': `meshc: v1\n${text}`,
    }).diagnostics.flatMap(({ code, message, at }) => (code === 'MESH1024' ? [`${at.file}: ${message}`] : []))
  const message = (section: string, kind: string) =>
    `spec/prod/us1/mesh.yaml: \`${section}\` has other entries for ${kind} than \`spec/prod/mesh.yaml\`, and who may call is the same in every cluster`
  assert.equal(report('', `patches:\n${patch('DENY')}`), [message('patches', 'AuthorizationPolicy')])
  assert.equal(report('', raw), [message('raw', 'PeerAuthentication')])
  assert.equal(report(`patches:\n${patch('DENY')}`, `patches:\n${patch('DENY')}`), [])
  // A list replaces the list of the lower layer.
  assert.equal(report(`patches:\n${patch('DENY')}`, 'patches: []\n'), [
    message('patches', 'AuthorizationPolicy'),
  ])
  const rule =
    '  - { kind: DestinationRule, namespace: shop, name: cart, patch: { spec: { exportTo: [.] } } }\n'
  assert.equal(report('', `patches:\n${rule}`), [])
})

test('MESH1023: clusters in the file of a cluster', () => {
  const { diagnostics } = compileText({
    'spec/prod/mesh.yaml': `meshc: v1\nmesh: shop\nclusters: { eu1: { network: eu } }${services}`,
    'spec/prod/eu1/mesh.yaml': 'meshc: v1\nclusters: { eu1: { region: eu-west-1 } }\n',
  })
  assert.equal(
    diagnostics.map(({ code, at }) => [code, at.file]),
    [['MESH1023', 'spec/prod/eu1/mesh.yaml']],
  )
})

test.run()
