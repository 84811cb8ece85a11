import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { evaluate } from '../../compiler/behavior/evaluate/evaluate.ts'
import type { BehaviorModel } from '../../compiler/behavior/model.ts'
import { pairCallers } from '../../compiler/behavior/pairs/callers.ts'
import { makeCallerWay } from '../../compiler/behavior/pairs/ways.ts'
import { indexModel } from '../../compiler/behavior/symbolic/indexed-model.ts'
import { isFate, makeRequestSpace } from '../../compiler/behavior/symbolic/request-space.ts'
import { describeUnmodelledReason } from '../../compiler/behavior/unmodelled-reasons.ts'
import { getModel } from '../support/model-of.ts'
import { makeShopDeploymentInMesh } from '../support/shop-deployment.ts'

/** Pods with annotations that exclude traffic from their sidecars. */
const test = suite('captured traffic')

type Answer = 'ALLOW' | 'UNKNOWN'

/**
 * An annotation of `web`. Then the answers at two ports: to requests from `web` to `cart`, and from `cart` to
 * `web`.
 */
const cases: Readonly<
  Record<string, readonly [annotations: object, at80: Answer, at3306: Answer, served: Answer]>
> = {
  'no annotation': [{}, 'ALLOW', 'ALLOW', 'ALLOW'],
  'a port that it sends past the sidecar': [{ excludeOutboundPorts: '3306' }, 'ALLOW', 'UNKNOWN', 'ALLOW'],
  'no port that it sends past the sidecar': [{ excludeOutboundPorts: '' }, 'ALLOW', 'ALLOW', 'ALLOW'],
  'a port that the injector refuses': [{ excludeOutboundPorts: 'mysql' }, 'UNKNOWN', 'UNKNOWN', 'UNKNOWN'],
  'addresses that it sends past the sidecar': [
    { excludeOutboundIPRanges: '10.0.0.0/8' },
    'UNKNOWN',
    'UNKNOWN',
    'ALLOW',
  ],
  'the ports that the sidecar takes': [{ includeInboundPorts: '8080' }, 'ALLOW', 'ALLOW', 'UNKNOWN'],
  'interfaces that the sidecar leaves alone': [
    { excludeInterfaces: 'eth1' },
    'UNKNOWN',
    'UNKNOWN',
    'UNKNOWN',
  ],
}

for (const [name, [annotations, at80, at3306, served]] of Object.entries(cases))
  test(`${name}: ${at80}, ${at3306} and ${served}`, () => {
    const model = getModel([...makeService('web', annotations), ...makeService('cart', {})])
    assert.equal(
      [
        answer(model, 'web', 'cart', 80),
        answer(model, 'web', 'cart', 3306),
        answer(model, 'cart', 'web', 80),
      ],
      [at80, at3306, served],
    )
  })

test('the answer names the ports that bypass the sidecar', () => {
  const model = getModel([
    ...makeService('web', { excludeOutboundPorts: '3306,5432' }),
    ...makeService('cart', {}),
  ])
  const { unknown } = ask(model, 'web', 'cart', 3306)
  assert.equal(
    unknown.map(({ reason, path }) => [path.at(-1), reason && describeUnmodelledReason(reason)]),
    [
      [
        'traffic.sidecar.istio.io/excludeOutboundPorts',
        'outbound traffic that bypasses the sidecar, to `3306` or `5432`',
      ],
    ],
  )
})

test.run()

/** Makes a Service with two HTTP ports, and its Deployment. */
function makeService(name: string, annotations: object): readonly object[] {
  const written = Object.entries(annotations).map(([key, value]) => [
    `traffic.sidecar.istio.io/${key}`,
    value,
  ])
  return [
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name, namespace: 'shop' },
      spec: {
        selector: { app: name },
        ports: [
          { name: 'http', port: 80 },
          { name: 'http-more', port: 3306 },
        ],
      },
    },
    makeShopDeploymentInMesh(name, Object.fromEntries(written)),
  ]
}

const ask = (model: BehaviorModel, caller: string, callee: string, port: number) =>
  evaluate(model, {
    from: { namespace: 'shop', labels: { app: caller } },
    to: { host: `${callee}.shop.svc.cluster.local`, port },
  })

/** Returns the answer of both engines. */
function answer(model: BehaviorModel, caller: string, callee: string, port: number): string {
  const { verdict } = ask(model, caller, callee, port)
  const indexed = indexModel(model)
  const { after } = pairCallers(indexed, indexed).find(({ name }) => name.name === caller && !name.plaintext)!
  const way = makeCallerWay(after, { host: `${callee}.shop.svc.cluster.local`, port, protocol: 'http' })
  const tree = way.buildTree(indexed)
  const { compile, diagrams } = makeRequestSpace([tree], 'BASE', [model])
  const values = diagrams.leaves(compile(tree)).map(leaf => diagrams.valueOf(leaf))
  const isKnown = values.every(value => typeof value === 'object' && isFate(value))
  assert.is(isKnown ? 'known' : 'UNKNOWN', verdict === 'UNKNOWN' ? 'UNKNOWN' : 'known')
  return verdict
}
