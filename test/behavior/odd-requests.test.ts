import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { compare } from '../../compiler/behavior/compare/compare.ts'
import { evaluate } from '../../compiler/behavior/evaluate/evaluate.ts'
import { getModel } from '../support/model-of.ts'

const odd = suite('behavior/odd-requests')

const object = (kind: string, namespace: string, name: string, spec: object, annotations: object = {}) => ({
  apiVersion: /^(Service|Deployment)$/.test(kind)
    ? kind === 'Service'
      ? 'v1'
      : 'apps/v1'
    : 'networking.istio.io/v1',
  kind,
  metadata: { name, namespace, annotations },
  spec,
})
const deployment = (namespace: string, name: string, annotations: object = {}) =>
  object('Deployment', namespace, name, {
    template: {
      metadata: { labels: { app: name }, annotations },
      spec: { serviceAccountName: name, containers: [{ name: 'app' }] },
    },
  })
const service = (namespace: string, name: string, ports: readonly object[]) =>
  object('Service', namespace, name, { selector: { app: name }, ports })
const routes = (...http: readonly object[]) =>
  object('VirtualService', 'shop', 'cart', { hosts: ['cart'], http })

const toCart = { route: [{ destination: { host: 'cart' } }] }
const shop = [
  deployment('web', 'web'),
  deployment('shop', 'cart'),
  service('shop', 'cart', [{ name: 'http', port: 80, targetPort: 8080 }]),
]
const web = { namespace: 'web', serviceAccount: 'web', labels: { app: 'web' } }
const host = 'cart.shop.svc.cluster.local'

odd('CORS beside a redirect or an answer changes nothing, to either engine', () => {
  const corsPolicy = { allowOrigins: [{ exact: 'https://a.example.com' }] }
  for (const answer of [{ redirect: { uri: '/a' } }, { directResponse: { status: 410 } }]) {
    const before = getModel([...shop, routes(answer)])
    const after = getModel([...shop, routes({ ...answer, corsPolicy })])
    const { defects, differences } = compare(before, after)
    assert.equal([defects, differences], [[], []])
    const headers = { origin: 'https://a.example.com', 'access-control-request-method': 'GET' }
    const asked = { from: web, to: { host, port: 80 }, method: 'OPTIONS', path: '/', headers }
    assert.is(evaluate(after, asked).verdict, 'redirect' in answer ? 'REDIRECT' : 'DIRECT_RESPONSE')
  }
})

odd('a UDP port does not affect a TCP port with the same number', () => {
  const udp = { name: 'udp', port: 80, protocol: 'UDP', targetPort: 9090 }
  const both = service('shop', 'cart', [udp, { name: 'http', port: 80, targetPort: 8080 }])
  const { defects, differences } = compare(getModel(shop), getModel([...shop.slice(0, 2), both]))
  assert.equal([defects, differences], [[], []])
})

odd('an answer to a method that no parser knows is no access, and not a difference', () => {
  const before = getModel([...shop, routes(toCart)])
  const after = getModel([
    ...shop,
    routes({ match: [{ method: { exact: 'get' } }], redirect: { uri: '/a' } }, toCart),
  ])
  assert.equal(compare(before, after).differences, [])
  for (const method of ['get', 'FOO', 'CONNECT', 'QUERY'])
    assert.is(
      evaluate(after, { from: web, to: { host, port: 80 }, method, path: '/' }).verdict,
      'BAD_REQUEST',
    )
})

odd('a host with an empty port is the host without a port', () => {
  const headers = { host: `${host}:` }
  const { route } = evaluate(getModel(shop), { from: web, to: { host, port: 80 }, path: '/', headers })
  assert.is(route?.virtualHost, `${host}:80`)
})

odd('a gateway that terminates mTLS of the mesh sees the identity of the caller, not its own', () => {
  const gateway = { 'inject.istio.io/templates': 'gateway' }
  const mutual = { mode: 'ISTIO_MUTUAL' }
  const model = getModel([
    ...shop,
    service('shop', 'raw', [{ name: 'tcp', port: 7000 }]),
    deployment('shop', 'raw'),
    deployment('edge', 'front', gateway),
    service('edge', 'front', [{ name: 'tls', port: 9443 }]),
    object('Gateway', 'edge', 'front', {
      selector: { app: 'front' },
      servers: [
        { port: { number: 9443, name: 'tls', protocol: 'TLS' }, hosts: ['raw.example.com'], tls: mutual },
      ],
    }),
    object('VirtualService', 'edge', 'front', {
      hosts: ['raw.example.com'],
      gateways: ['front'],
      tcp: [{ route: [{ destination: { host: 'raw.shop.svc.cluster.local', port: { number: 7000 } } }] }],
    }),
    object('DestinationRule', 'edge', 'front', {
      host: 'front.edge.svc.cluster.local',
      trafficPolicy: { tls: { ...mutual, sni: 'raw.example.com' } },
    }),
  ])
  const to = { host: 'front.edge.svc.cluster.local', port: 9443 }
  const [outcome] = evaluate(model, { from: web, to, protocol: 'tcp' }).outcomes
  assert.is(outcome?.verdict, 'ALLOW')
  assert.is(outcome?.peer, 'spiffe://cluster.local/ns/web/sa/web')
})

/** Lists an HTTP gateway for all hosts, with the proxies in front of it and its routes. */
const listFront = (topology: object, http: readonly object[]) => [
  deployment('web', 'web'),
  deployment('edge', 'front', {
    'inject.istio.io/templates': 'gateway',
    'proxy.istio.io/config': JSON.stringify({ gatewayTopology: topology }),
  }),
  service('edge', 'front', [{ name: 'http', port: 80 }]),
  object('Gateway', 'edge', 'front', {
    selector: { app: 'front' },
    servers: [{ port: { number: 80, name: 'http', protocol: 'HTTP' }, hosts: ['*'] }],
  }),
  object('VirtualService', 'edge', 'front', { hosts: ['*'], gateways: ['front'], http }),
]
const front = { host: 'front.edge.svc.cluster.local', port: 80 }

// Envoy's filter for the PROXY protocol closes a connection that does not begin with this protocol.
odd('a gateway behind a load balancer with the PROXY protocol closes connections of the mesh', () => {
  const list = (topology: object) => listFront(topology, [{ directResponse: { status: 418 } }])
  const listVerdicts = (topology: object) =>
    [false, true].map(plaintext => {
      const [outcome] = evaluate(getModel(list(topology)), { from: web, to: front, plaintext }).outcomes
      return `${outcome?.verdict} ${outcome?.status}`
    })
  assert.equal(listVerdicts({ numTrustedProxies: 1 }), ['DIRECT_RESPONSE 418', 'DIRECT_RESPONSE 418'])
  assert.equal(listVerdicts({ proxyProtocol: {} }), ['UPSTREAM_RESET 503', 'RESET undefined'])
})

odd('a gateway that sends to itself is a circle, which neither engine follows', () => {
  const circle = {
    match: [{ uri: { prefix: '/circle' } }],
    route: [{ destination: { host: front.host, port: { number: 80 } } }],
  }
  const answer = { directResponse: { status: 418 } }
  const [before, after] = [[circle, answer], [answer]].map(http => getModel(listFront({}, http)))
  const [outcome] = evaluate(before!, { from: web, to: front, path: '/circle' }).outcomes
  assert.is(outcome?.verdict, 'UNKNOWN')
  assert.is(outcome?.unknown[0]?.reason?.code, 'gateway-sending-on-mesh-traffic')
  const { defects, unknown } = compare(before!, after!)
  assert.equal(defects, [])
  assert.ok(unknown.length > 0)
})

odd.run()
