import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { evaluate } from '../../compiler/behavior/evaluate/evaluate.ts'
import { compileText } from '../support/compile-text.ts'
import { getSpecModel } from '../support/model-of.ts'

const test = suite('settings that pass through')

const getSpec = (istio: string) => `meshc: v1
mesh: shop
services:
  web: { namespace: shop }
  cart: { namespace: shop, port: { http: 8080 }, allow: [{ from: web }] }
${istio}`

/** Evaluates a request of web to cart in a mesh with these settings. */
function ask(istio: string) {
  const { verdict, unknown } = evaluate(getSpecModel(getSpec(istio)), {
    from: { namespace: 'shop', serviceAccount: 'web' },
    to: { host: 'cart.shop.svc.cluster.local', port: 8080 },
  })
  return { verdict, unknown: unknown.map(({ path }) => path.join('.')) }
}

function compiled(istio: string) {
  const result = compileText(getSpec(istio))
  if (!result.ok) throw new Error(result.diagnostics.map(({ message }) => message).join('\n'))
  return { compilation: result.value, sources: result.sources }
}

/**
 * Finds the places in the spec for a scalar that is both in the IstioOperator and in the values of istiod.
 */
const findOrigins = (istio: string, last: string) =>
  [...compiled(istio).compilation.sourceMap()]
    .filter(
      ({ file, path }) =>
        /^istio\/(istio-operator|values-(istiod|istio-public))/.test(file) && path.at(-1) === last,
    )
    .map(({ file, path, origins }) => [
      file,
      path.join('.'),
      ...origins.filter(origin => typeof origin !== 'string').map(origin => origin.join('.')),
    ])

test('a setting without effect on requests changes no answer', () => {
  assert.equal(ask('istio: { meshConfig: { protocolDetectionTimeout: 2s } }'), {
    verdict: 'ALLOW',
    unknown: [],
  })
})

test('a setting that affects requests and is not modelled makes answers UNKNOWN', () => {
  const { verdict, unknown } = ask(
    'istio: { meshConfig: { defaultConfig: { runtimeValues: { "envoy.x": "1" } } } }',
  )
  assert.is(verdict, 'UNKNOWN')
  assert.equal(unknown, ['defaultConfig.runtimeValues.envoy.x'])
})

test('each value has the line of the spec that passes it through, in both forms', () => {
  const spec = 'istio: { values: { env: { GOMEMLIMIT: 1GiB }, global: { logAsJson: true } } }'
  assert.equal(findOrigins(spec, 'GOMEMLIMIT'), [
    ['istio/istio-operator.yaml', 'spec.values.pilot.env.GOMEMLIMIT', 'istio.values.env.GOMEMLIMIT', 'mesh'],
    ['istio/values-istiod.yaml', 'env.GOMEMLIMIT', 'istio.values.env.GOMEMLIMIT'],
  ])
  assert.equal(findOrigins(spec, 'logAsJson'), [
    ['istio/istio-operator.yaml', 'spec.values.global.logAsJson', 'istio.values.global.logAsJson', 'mesh'],
    ['istio/values-istiod.yaml', 'global.logAsJson', 'istio.values.global.logAsJson'],
  ])
})

test('each value of the chart of a gateway has its line, in both forms', () => {
  const passed = (values: string) =>
    `gateways: { public: { hosts: [shop.example.com], certificate: { secret: shop }, values: ${values} } }`
  const component = 'spec.components.ingressGateways.0.k8s'
  const file = 'istio/istio-operator.yaml'
  const origin = 'gateways.public.values'
  assert.equal(findOrigins(passed('{ nodeSelector: { pool: edge } }'), 'pool'), [
    [file, `${component}.nodeSelector.pool`, `${origin}.nodeSelector.pool`, 'gateways.public', 'mesh'],
    ['istio/values-istio-public.yaml', 'nodeSelector.pool', `${origin}.nodeSelector.pool`, 'gateways.public'],
  ])
  // The component has a list of variables, and changes to objects instead of other values.
  assert.equal(
    findOrigins(passed('{ env: { GOGC: "50" } }'), 'value').map(([, path]) => path),
    [`${component}.env.0.value`],
  )
  assert.equal(
    findOrigins(passed('{ minReadySeconds: 5 }'), 'value').map(([, , place]) => place),
    [`${origin}.minReadySeconds`],
  )
})

test('a value takes the place of one that meshc decides without a field', () => {
  const spec = 'istio: { meshConfig: { meshMTLS: { minProtocolVersion: TLSV1_3 } } }'
  const origin = 'istio.meshConfig.meshMTLS.minProtocolVersion'
  assert.equal(findOrigins(spec, 'minProtocolVersion'), [
    ['istio/istio-operator.yaml', 'spec.meshConfig.meshMTLS.minProtocolVersion', origin, 'mesh'],
    ['istio/values-istiod.yaml', 'meshConfig.meshMTLS.minProtocolVersion', origin],
  ])
})

test.run()
