import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { evaluate } from '../../compiler/behavior/evaluate/evaluate.ts'
import type { Request } from '../../compiler/behavior/request.ts'
import type { Result } from '../../compiler/behavior/result.ts'
import { getModel } from '../support/model-of.ts'

/**
 * Proxies of namespaces that see the same objects share the configuration of istiod, except for short names.
 */
const test = suite('behavior/like namespaces')

const object = (kind: string, namespace: string, name: string, spec: unknown) => ({
  apiVersion: { Service: 'v1', Deployment: 'apps/v1' }[kind] ?? 'networking.istio.io/v1',
  kind,
  metadata: { namespace, name },
  spec,
})
const workload = (namespace: string, name: string, port: object) => [
  object('Service', namespace, name, { selector: { app: name }, ports: [{ port: 80, ...port }] }),
  object('Deployment', namespace, name, {
    template: { metadata: { labels: { app: name } }, spec: { serviceAccountName: name } },
  }),
]
const objects = [
  ...workload('shop', 'cart', { name: 'http' }),
  ...workload('web', 'cart', { name: 'http' }),
  ...workload('web', 'front', { name: 'http', port: 8080 }),
  ...workload('data', 'kafka', { name: 'tcp', port: 9092 }),
  object('VirtualService', 'shop', 'cart', {
    hosts: ['cart'],
    http: [
      { match: [{ uri: { prefix: '/old' } }], redirect: { uri: '/' } },
      { route: [{ destination: { host: 'cart' } }] },
    ],
  }),
  object('ServiceEntry', 'web', 'api', {
    hosts: ['api.example.com'],
    ports: [{ number: 80, name: 'http', protocol: 'HTTP' }],
    resolution: 'DNS',
  }),
]
/**
 * An object that makes namespaces differ and that matches no request. With this object, proxies share
 * nothing.
 */
const unlike = object('VirtualService', 'shop', 'other', {
  hosts: ['other.example.com'],
  http: [{ match: [{ sourceNamespace: 'shop' }], route: [{ destination: { host: 'cart' } }] }],
})

const hosts = [
  'cart',
  'cart.shop',
  'cart.web',
  'CART',
  'front',
  'kafka',
  'kafka.data',
  'api.example.com',
  'no',
  'no.where',
]
const callers = [
  ['shop', 'cart'],
  ['web', 'front'],
  ['data', 'kafka'],
] as const
const requests: readonly Request[] = callers.flatMap(([namespace, workload]) =>
  hosts.flatMap(host =>
    [80, 8080, 9092].map(port => ({
      from: { namespace, labels: { app: workload } },
      to: { host, port },
      protocol: 'http' as const,
      method: 'GET',
      path: '/old',
    })),
  ),
)

test('a shared model answers as a model of each namespace', () => {
  const [shared, apart] = [getModel(objects), getModel([...objects, unlike])]
  const comparable = ({ steps, outcomes, ...result }: Result) =>
    JSON.stringify(
      { ...result, outcomes: outcomes.map(({ steps: _, ...outcome }) => outcome), count: steps.length },
      (key, value) => (key === 'source' ? undefined : value),
    )
  const answers = requests.map(request => comparable(evaluate(shared, request)))
  assert.equal(
    answers,
    requests.map(request => comparable(evaluate(apart, request))),
  )
  assert.ok(new Set(answers).size > 8, String(new Set(answers).size))
})

test('a short name belongs to the namespace of the caller', () => {
  const model = getModel(objects)
  const reached = (namespace: string, workload: string) =>
    evaluate(model, {
      from: { namespace, labels: { app: workload } },
      to: { host: 'cart', port: 80 },
      protocol: 'http',
      method: 'GET',
      path: '/',
    }).outcomes.map(({ workload }) => workload)
  assert.equal(reached('shop', 'cart'), ['shop/cart'])
  assert.equal(reached('web', 'front'), ['web/cart'])
  assert.not.equal(reached('data', 'kafka'), ['shop/cart'])
})

test.run()
