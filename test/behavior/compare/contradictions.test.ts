import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { compare } from '../../../compiler/behavior/compare/compare.ts'
import { getModel } from '../../support/model-of.ts'

/** Changes for which the two engines once disagreed. Other such meshes are in the corpus. */
const test = suite('behavior/compare/contradictions')

const namespace = {
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: { name: 'edge', labels: { 'istio-injection': 'enabled' } },
}

const makeGateway = (hosts: readonly string[]) => ({
  apiVersion: 'networking.istio.io/v1',
  kind: 'Gateway',
  metadata: { name: 'public', namespace: 'edge' },
  spec: {
    selector: { istio: 'public' },
    servers: [{ port: { number: 80, name: 'http', protocol: 'HTTP' }, hosts }],
  },
})

/** A Deployment of gateway proxies with the labels of the Gateway. */
const makeProxies = (name: string) => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name, namespace: 'edge' },
  spec: {
    template: {
      metadata: {
        labels: { istio: 'public' },
        annotations: { 'inject.istio.io/templates': 'gateway' },
      },
      spec: { serviceAccountName: name },
    },
  },
})

const makeCart = (hosts: readonly string[]) => [
  {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'cart', namespace: 'edge' },
    spec: { selector: { app: 'cart' }, ports: [{ name: 'http', port: 80 }] },
  },
  {
    apiVersion: 'networking.istio.io/v1',
    kind: 'VirtualService',
    metadata: { name: 'shop', namespace: 'edge' },
    spec: {
      hosts,
      gateways: ['public'],
      http: [{ route: [{ destination: { host: 'cart' } }] }],
    },
  },
]

const policy = {
  apiVersion: 'security.istio.io/v1',
  kind: 'AuthorizationPolicy',
  metadata: { name: 'cart', namespace: 'edge' },
  spec: {
    selector: { matchLabels: { app: 'cart' } },
    rules: [{ from: [{ source: { principals: ['cluster.local/ns/edge/sa/public'] } }] }],
  },
}

test('a gateway whose labels another gateway has, too, is unknown', () => {
  const objects = [
    namespace,
    makeGateway(['shop.example.com']),
    ...makeCart(['shop.example.com']),
    policy,
    makeProxies('public'),
  ]
  const { defects, unknown } = compare(getModel(objects), getModel([...objects, makeProxies('canary')]))
  assert.equal(defects, [])
  assert.ok(
    unknown.some(({ because }) => because.some(({ reason }) => reason?.code === 'indistinguishable-caller')),
  )
})

test('hosts of gateways in upper case are hosts of requests in lower case', () => {
  const [before, after] = ['shop.example.com', 'Shop.Example.com'].map(host =>
    getModel([namespace, ...makeCart([host]), makeProxies('public'), makeGateway([host])]),
  )
  const { defects, differences, unknown } = compare(before!, after!)
  assert.equal([defects, differences, unknown], [[], [], []])
})

test.run()
