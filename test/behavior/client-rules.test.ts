import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { indexDestinationRules } from '../../compiler/behavior/evaluate/destination-rule-index.ts'
import { findClientRules } from '../../compiler/behavior/symbolic/client-rules.ts'
import { indexModel } from '../../compiler/behavior/symbolic/indexed-model.ts'
import { holds } from '../holds.ts'
import { getModel } from '../support/model-of.ts'

const test = suite('behavior/client-rules')

const namespaces = ['shop', 'web', 'istio-system']

const service = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'cart', namespace: 'shop' },
  spec: { selector: { app: 'cart' }, ports: [{ name: 'http', port: 80 }] },
}

const callers = namespaces.flatMap(namespace =>
  ['v1', 'v2'].map(version => ({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: `caller-${version}`, namespace },
    spec: { template: { metadata: { labels: { version, 'sidecar.istio.io/inject': 'true' } } } },
  })),
)

const exports = fc.constantFrom(undefined, ['*'], ['.'], ['web'], ['shop'], ['shop', 'web'], ['.', 'web'])
const selectors = fc.constantFrom(undefined, undefined, { version: 'v1' }, { version: 'v2' })

interface Rule {
  readonly namespace: string
  readonly host: string
  readonly exportTo: readonly string[] | undefined
  readonly labels: Readonly<Record<string, string>> | undefined
}

const rules: fc.Arbitrary<Rule> = fc.record({
  namespace: fc.constantFrom('shop', 'shop', ...namespaces),
  host: fc.constantFrom('cart.shop.svc.cluster.local', 'cart.shop.svc.cluster.local', '*.svc.cluster.local'),
  exportTo: exports,
  labels: selectors,
})

/** Makes the objects of drawn rules, of which the first has the first name. */
const makeRules = (drawn: readonly Rule[]) =>
  drawn.map(({ namespace, host, exportTo, labels }, index) => ({
    apiVersion: 'networking.istio.io/v1',
    kind: 'DestinationRule',
    metadata: { name: `rule-${index}`, namespace },
    spec: {
      host,
      ...(exportTo && { exportTo }),
      ...(labels && { workloadSelector: { matchLabels: labels } }),
    },
  }))

test('both engines find the same rules for each caller, in the same order', () => {
  let merged = 0
  holds(
    fc.property(
      fc.array(rules, { minLength: 1, maxLength: 6 }),
      fc.constantFrom(undefined, ['.']),
      (drawn, defaultDestinationRuleExportTo) => {
        const model = getModel([service, ...callers, ...makeRules(drawn)], { defaultDestinationRuleExportTo })
        const indexed = indexModel(model)
        const index = indexDestinationRules(model)
        const [cart] = model.services
        for (const workload of model.workloads) {
          const names = findClientRules(indexed, workload, cart!)?.rules.map(({ name }) => name)
          assert.equal(
            names,
            index.find(workload, cart!)?.from.map(({ name }) => name),
            workload.namespace,
          )
          if ((names?.length ?? 0) > 1) merged += 1
        }
      },
    ),
    { numRuns: 500 },
  )
  assert.ok(merged > 100, `${merged} callers have merged rules`)
})

test.run()
