import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { explained, getMesh, getService } from './resolve-spec.ts'

const policy = suite('resolve: policies')

/** Returns the policy of `cart`, with these defaults and fields. */
const policyOfCart = (defaults: string, service: string) =>
  getService(
    getMesh(`
      defaults: { ${defaults} }
      services:
        cart: { namespace: shop, port: { http: 8080 }, ${service} }
    `),
    'cart',
  ).policy

/** Returns the timeout, the attempts and the timeout of each try. */
const times = (defaults: string, service: string) => {
  const { timeout, retries } = policyOfCart(defaults, service)
  return [timeout, retries.attempts, retries.perTryTimeout].map(explained)
}

policy('the nearest level that sets a field wins, field by field', () => {
  const { circuitBreaker, connections } = policyOfCart(
    'circuitBreaker: { interval: 10s, maxEjected: 20% }, connections: { max: 1000 }',
    'circuitBreaker: { consecutiveErrors: 3, maxEjected: 30% }',
  )
  const { consecutiveErrors, interval, ejectFor, maxEjected } = circuitBreaker!
  assert.equal([consecutiveErrors, interval, ejectFor, maxEjected, connections!.max].map(explained), [
    '3 < services.cart.circuitBreaker.consecutiveErrors',
    '"10s" < defaults.circuitBreaker.interval',
    '"30s" < default:circuit-breaker',
    '30 < services.cart.circuitBreaker.maxEjected',
    '1000 < defaults.connections.max',
  ])
})

policy('without `perTryTimeout`, no try takes longer than its request', () => {
  assert.equal(times('', 'timeout: 5s'), [
    '"5s" < services.cart.timeout',
    '2 < default:retries',
    '"5s" < default:retries, services.cart.timeout',
  ])
  assert.equal(times('', 'timeout: 1m'), [
    '"1m" < services.cart.timeout',
    '2 < default:retries',
    '"10s" < default:retries, services.cart.timeout',
  ])
})

policy('`perTryTimeout` of the whole mesh yields to the timeout of a service', () => {
  assert.equal(times('retries: { perTryTimeout: 10s }', 'timeout: 2500ms'), [
    '"2500ms" < services.cart.timeout',
    '2 < default:retries',
    '"2500ms" < defaults.retries.perTryTimeout, services.cart.timeout',
  ])
})

policy('a rule checks `perTryTimeout` that is set at the level of the timeout', () => {
  assert.equal(times('', 'timeout: 5s, retries: { perTryTimeout: 10s }'), [
    '"5s" < services.cart.timeout',
    '2 < default:retries',
    '"10s" < services.cart.retries.perTryTimeout',
  ])
  assert.equal(times('timeout: 5s', 'retries: { attempts: 1, perTryTimeout: 10s }'), [
    '"5s" < defaults.timeout',
    '1 < services.cart.retries.attempts',
    '"10s" < services.cart.retries.perTryTimeout',
  ])
})

policy('a stream has no limit, and neither have its tries', () => {
  assert.equal(times('retries: { perTryTimeout: 10s }', 'timeout: none'), [
    '"none" < services.cart.timeout',
    '2 < default:retries',
    'undefined',
  ])
})

policy('without retries nothing is tried again', () => {
  const { retries } = policyOfCart('retries: { attempts: 5, on: [5xx] }', 'retries: none')
  assert.equal([retries.attempts, retries.perTryTimeout, retries.on].map(explained), [
    '0 < services.cart.retries',
    'undefined',
    '[] < services.cart.retries',
  ])
})

policy('the retries of Istio itself are two, without a limit of time for each', () => {
  const { retries } = policyOfCart('retries: { attempts: 5, on: [5xx] }', 'retries: istio-default')
  assert.is(retries.isIstioDefault, true)
  assert.equal([retries.attempts, retries.perTryTimeout, retries.on].map(explained), [
    '2 < services.cart.retries',
    'undefined',
    '["connect-failure","refused-stream","unavailable","cancelled"] < services.cart.retries',
  ])
  assert.equal(times('retries: istio-default', 'retries: { attempts: 1 }'), [
    '"30s" < default:timeout',
    '1 < services.cart.retries.attempts',
    '"10s" < default:retries',
  ])
})

policy(
  '`none` or `unlimited` at the nearest level removes all limits, and a nearer field restores them',
  () => {
    const words = 'circuitBreaker: none, connections: unlimited'
    for (const { circuitBreaker, connections } of [
      policyOfCart(words, ''),
      policyOfCart('circuitBreaker: { interval: 10s }, connections: { max: 7 }', words),
    ])
      assert.equal([circuitBreaker, connections], [undefined, undefined])
    const { circuitBreaker, connections } = policyOfCart(
      words,
      'circuitBreaker: { interval: 10s }, connections: { max: 7 }',
    )
    assert.equal(
      [circuitBreaker?.interval, circuitBreaker?.ejectFor, connections?.max, connections?.pending].map(
        explained,
      ),
      [
        '"10s" < services.cart.circuitBreaker.interval',
        '"30s" < default:circuit-breaker',
        '7 < services.cart.connections.max',
        '100 < default:connections',
      ],
    )
  },
)

policy('a service can retry where the mesh does not', () => {
  assert.equal(times('retries: none', 'retries: { attempts: 1 }'), [
    '"30s" < default:timeout',
    '1 < services.cart.retries.attempts',
    '"10s" < default:retries',
  ])
})

policy('the hash key goes with the policy `consistent-hash`', () => {
  const hashed = 'loadBalancing: { policy: consistent-hash, cookie: session }'
  const shown = (service: string) => {
    const { policy, header, cookie } = policyOfCart(hashed, service).loadBalancing
    return [policy, header, cookie].map(explained)
  }
  assert.equal(shown('loadBalancing: { header: x-user }'), [
    '"consistent-hash" < defaults.loadBalancing.policy',
    '"x-user" < services.cart.loadBalancing.header',
    'undefined',
  ])
  assert.equal(shown('loadBalancing: { policy: round-robin }'), [
    '"round-robin" < services.cart.loadBalancing.policy',
    'undefined',
    'undefined',
  ])
  assert.equal(shown('owner: team-cart'), [
    '"consistent-hash" < defaults.loadBalancing.policy',
    'undefined',
    '"session" < defaults.loadBalancing.cookie',
  ])
})

policy('services without settings share one policy', () => {
  const mesh = getMesh(`
    services:
      cart: { namespace: shop, port: { http: 8080 } }
      web: { namespace: shop, port: { http: 8080 }, connections: { max: 500 } }
  `)
  const cart = getService(mesh, 'cart').policy
  const web = getService(mesh, 'web').policy
  assert.is(web.circuitBreaker, cart.circuitBreaker)
  assert.is(web.retries, cart.retries)
  assert.is.not(web.connections, cart.connections)
})

policy('an external system takes the defaults too', () => {
  const [stripe] = getMesh(`
    defaults: { timeout: 10s, connections: { max: 50 } }
    external:
      stripe: { hosts: [api.stripe.com], port: { https: 443 }, circuitBreaker: { consecutiveErrors: 3 } }
  `).externals
  assert.ok(stripe)
  const { timeout, circuitBreaker, connections } = stripe.policy
  assert.equal([timeout, circuitBreaker!.consecutiveErrors, connections!.max].map(explained), [
    '"10s" < defaults.timeout',
    '3 < external.stripe.circuitBreaker.consecutiveErrors',
    '50 < defaults.connections.max',
  ])
})

policy.run()
