import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { evaluate } from '../../compiler/behavior/evaluate/evaluate.ts'
import type { BehaviorModel } from '../../compiler/behavior/model.ts'
import { pairCallers } from '../../compiler/behavior/pairs/callers.ts'
import { enterGateway } from '../../compiler/behavior/symbolic/gateway-entry.ts'
import { buildOutsideTree } from '../../compiler/behavior/symbolic/gateway-tree.ts'
import { indexModel } from '../../compiler/behavior/symbolic/indexed-model.ts'
import { makeRequestSpace } from '../../compiler/behavior/symbolic/request-space.ts'
import { buildPlaintextTree, buildSidecarTree } from '../../compiler/behavior/symbolic/sidecar-tree.ts'
import { isUnknown } from '../../compiler/behavior/symbolic/tree.ts'
import { getModel } from '../support/model-of.ts'

/** An unmodelled object leaves only its own effects unknown. */
const test = suite('objects that are not modelled')

const object = (apiVersion: string, kind: string, name: string, spec: object, namespace = 'shop') => ({
  apiVersion,
  kind,
  metadata: { name, namespace },
  spec,
})
const deployment = (name: string, namespace = 'shop', pod: object = {}) =>
  object(
    'apps/v1',
    'Deployment',
    name,
    {
      selector: { matchLabels: { app: name } },
      template: { metadata: { labels: { app: name }, ...pod }, spec: { containers: [{ name: 'app' }] } },
    },
    namespace,
  )
const ports = [
  { name: 'http', port: 80, targetPort: 8080 },
  { name: 'http-admin', port: 9090, targetPort: 9091 },
]
const service = (name: string, namespace = 'shop') =>
  object('v1', 'Service', name, { selector: { app: name }, ports }, namespace)

const mesh = [
  ...['payments', 'ledger'].flatMap(name => [service(name), deployment(name)]),
  deployment('web'),
  deployment('bare', 'shop', { annotations: { 'sidecar.istio.io/inject': 'false' } }),
  service('bare'),
  service('edge', 'edge'),
  deployment('edge', 'edge'),
  object(
    'networking.istio.io/v1',
    'Gateway',
    'edge',
    {
      selector: { app: 'edge' },
      servers: [{ port: { number: 8080, name: 'http', protocol: 'HTTP' }, hosts: ['shop.example.com'] }],
    },
    'edge',
  ),
  object('networking.istio.io/v1', 'VirtualService', 'edge', {
    hosts: ['shop.example.com'],
    gateways: ['edge/edge'],
    http: [{ route: [{ destination: { host: 'payments.shop.svc.cluster.local', port: { number: 80 } } }] }],
  }),
]

/** Requests by caller and destination. */
const asked = [
  'web payments:80',
  'web payments:9090',
  'payments ledger:80',
  'web bare:80',
  'bare payments:80',
  'outside payments:80',
] as const
type Asked = (typeof asked)[number]

const all: readonly Asked[] = asked
const atPayments: readonly Asked[] = [
  'web payments:80',
  'web payments:9090',
  'bare payments:80',
  'outside payments:80',
]

const envoyFilter = (patch: object, spec: object = {}, namespace = 'shop') =>
  object(
    'networking.istio.io/v1alpha3',
    'EnvoyFilter',
    'filter',
    { configPatches: [patch], ...spec },
    namespace,
  )
const selected = { workloadSelector: { labels: { app: 'payments' } } }
const filterIn = (context: string, listener: object = {}) => ({
  applyTo: 'HTTP_FILTER',
  match: { context, listener },
  patch: { operation: 'INSERT_BEFORE' },
})
const networkPolicy = (spec: object) =>
  object('networking.k8s.io/v1', 'NetworkPolicy', 'network', { podSelector: {}, ...spec })
const payments = { podSelector: { matchLabels: { app: 'payments' } } }
const plugin = (spec: object) =>
  object('extensions.istio.io/v1alpha1', 'WasmPlugin', 'plugin', { url: 'oci://example.com/plugin', ...spec })

const constructs: Readonly<Record<string, readonly [object, readonly Asked[]]>> = {
  'an EnvoyFilter of what a workload takes': [envoyFilter(filterIn('SIDECAR_INBOUND'), selected), atPayments],
  'an EnvoyFilter of what a workload sends': [
    envoyFilter(filterIn('SIDECAR_OUTBOUND'), selected),
    ['payments ledger:80'],
  ],
  'an EnvoyFilter of all of a workload': [
    envoyFilter(filterIn('ANY'), selected),
    [...atPayments, 'payments ledger:80'],
  ],
  'an EnvoyFilter without a context': [
    envoyFilter({ applyTo: 'CLUSTER', patch: { operation: 'MERGE' } }, selected),
    [...atPayments, 'payments ledger:80'],
  ],
  'an EnvoyFilter of one port that is taken': [
    envoyFilter(filterIn('SIDECAR_INBOUND', { portNumber: 9091 }), selected),
    ['web payments:9090'],
  ],
  'an EnvoyFilter of one port that is dialled': [
    envoyFilter(filterIn('SIDECAR_OUTBOUND', { portNumber: 9090 })),
    ['web payments:9090'],
  ],
  'an EnvoyFilter of the name of a listener': [
    envoyFilter(filterIn('ANY', { name: '0.0.0.0_9090' })),
    ['web payments:9090'],
  ],
  'an EnvoyFilter of the listener for all that comes in': [
    envoyFilter(filterIn('ANY', { name: 'virtualInbound' }), selected),
    atPayments,
  ],
  'an EnvoyFilter of gateways': [
    envoyFilter(filterIn('GATEWAY'), {}, 'istio-system'),
    ['outside payments:80'],
  ],
  'an EnvoyFilter of sidecars, at a gateway': [envoyFilter(filterIn('SIDECAR_INBOUND'), {}, 'edge'), []],
  'an EnvoyFilter of gateways, at a sidecar': [envoyFilter(filterIn('GATEWAY'), selected), []],
  'an EnvoyFilter of a waypoint': [
    envoyFilter(filterIn('ANY'), { targetRefs: [{ kind: 'Gateway', name: 'waypoint' }] }),
    [],
  ],
  'a NetworkPolicy of what arrives': [networkPolicy({ ...payments, ingress: [] }), atPayments],
  'a NetworkPolicy of what leaves': [
    networkPolicy({ ...payments, policyTypes: ['Egress'], egress: [] }),
    ['payments ledger:80'],
  ],
  'a NetworkPolicy of both': [
    networkPolicy({ ...payments, egress: [{ to: [] }] }),
    [...atPayments, 'payments ledger:80'],
  ],
  'a NetworkPolicy at pods without a sidecar': [
    networkPolicy({ podSelector: { matchLabels: { app: 'bare' } }, policyTypes: ['Ingress', 'Egress'] }),
    ['web bare:80', 'bare payments:80'],
  ],
  'a NetworkPolicy that allows everything': [networkPolicy({ ingress: [{}] }), []],
  'a NetworkPolicy of all pods': [networkPolicy({ policyTypes: ['Ingress', 'Egress'] }), all],
  'a WasmPlugin': [
    plugin({ selector: { matchLabels: { app: 'payments' } } }),
    [...atPayments, 'payments ledger:80'],
  ],
  'a WasmPlugin of servers': [
    plugin({ match: [{ mode: 'SERVER' }], selector: { matchLabels: { app: 'payments' } } }),
    atPayments,
  ],
  'a WasmPlugin of clients': [
    plugin({ match: [{ mode: 'CLIENT' }], selector: { matchLabels: { app: 'payments' } } }),
    ['payments ledger:80'],
  ],
}

for (const [name, [construct, expected]] of Object.entries(constructs))
  test(name, () => {
    const model = getModel([...mesh, construct])
    assert.equal(
      asked.filter(each => isUnknownTo.evaluation(model, each)),
      expected.toSorted(byPlace),
      'one request',
    )
    assert.equal(
      asked.filter(each => isUnknownTo.comparison(model, each)),
      expected.toSorted(byPlace),
      'all requests',
    )
  })

const byPlace = (a: Asked, b: Asked) => asked.indexOf(a) - asked.indexOf(b)

const isUnknownTo = {
  evaluation(model: BehaviorModel, each: Asked): boolean {
    const { caller, host, port } = getParts(each)
    const from =
      caller === 'outside'
        ? { gateway: { namespace: 'edge', labels: { app: 'edge' } } }
        : { namespace: 'shop', labels: { app: caller } }
    const to = caller === 'outside' ? { host: 'shop.example.com', port: 80 } : { host, port }
    return evaluate(model, { from, to }).verdict === 'UNKNOWN'
  },
  comparison(model: BehaviorModel, each: Asked): boolean {
    const indexed = indexModel(model)
    const { caller, host, port } = getParts(each)
    const target = { host, port, protocol: 'http' as const }
    const who = pairCallers(indexed, indexed).find(
      ({ name }) => name.kind === 'workload' && name.name === caller,
    )
    const tree =
      who === undefined
        ? buildOutsideTree(
            indexed,
            indexed.workloadsByName.get('edge/edge')!,
            {
              host: 'shop.example.com',
              port: 80,
              scheme: 'http',
            },
            enterGateway,
          )
        : who.before.hasSidecar
          ? buildSidecarTree(indexed, who.before, target, enterGateway)
          : buildPlaintextTree(indexed, who.before, target, enterGateway)
    const { compile, diagrams } = makeRequestSpace([tree], model.settings.pathNormalization, [model])
    return diagrams.leaves(compile(tree)).some(leaf => {
      const value = diagrams.valueOf(leaf)
      return typeof value === 'object' && isUnknown(value)
    })
  },
}

function getParts(each: Asked) {
  const [, caller = '', name = '', port = ''] = /^(\S+) (\S+):(\d+)$/.exec(each) ?? []
  return { caller, host: `${name}.shop.svc.cluster.local`, port: Number(port) }
}

test.run()
