import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { compileText } from '../support/compile-text.ts'
import { listObjects } from '../support/output.ts'

const test = suite('rate limits')

const result = compileText(`
meshc: v1
mesh: shop
faults: allowed
gateways:
  public:
    hosts: [shop.example.com]
    certificate: { issuer: letsencrypt-prod }
    ports: { http: 8080, https: 8443 }
  internal: { hosts: [shop.internal.example.com], certificate: { issuer: private }, http: off, rateLimit: { perHeader: { x-key: 5/s } } }
services:
  cart:
    namespace: shop
    port: { http: 80 }
    workload: { labels: { app: cart, tier: backend }, serviceAccount: cart }
    expose: [{ gateway: public, host: shop.example.com }]
    allow: [{ from: gateway/public }, { from: web }]
    routes: [{ name: search, when: { paths: [/search*] }, rateLimit: { requests: 20/s, burst: 50 } }]
    fault: { delay: 1s, when: { headers: { x-chaos: 'on' } } }
    rateLimit: { requests: 6000/m, perHeader: { x-user: { requests: 10/s, burst: 30 }, x-team: 50/h } }
  cart-admin:
    namespace: shop
    port: { http: 9090 }
    workload: { labels: { app: cart, tier: backend }, serviceAccount: cart }
    allow: [{ from: web }]
  web: { namespace: shop, port: { http: 80 }, expose: [{ gateway: internal, host: shop.internal.example.com }], allow: [{ from: gateway/internal }] }
`)
if (!result.ok) throw new Error(result.diagnostics.map(({ message }) => message).join('\n'))
const filters = listObjects(result.value, 'EnvoyFilter')

const find = (wanted: string) => {
  const [filter, ...others] = filters.filter(({ name }) => name === wanted)
  assert.equal(others, [])
  assert.ok(filter, wanted)
  return filter
}

const always = { default_value: { numerator: 100, denominator: 'HUNDRED' } }
const type = 'type.googleapis.com/envoy.extensions.filters.http.local_ratelimit.v3.LocalRateLimit'

test('a service, each gateway with a limit, and one with a limited route have an EnvoyFilter', () => {
  assert.equal(filters.map(({ name }) => name).sort(), [
    'cart.rate-limit',
    'internal.gateway-rate-limit',
    'public.gateway-rate-limit',
  ])
})

test('the sidecars of a service count before the router, and each value of a header by itself', () => {
  const { namespace, spec } = find('cart.rate-limit')
  assert.is(namespace, 'shop')
  assert.equal(spec.workloadSelector, { labels: { app: 'cart', tier: 'backend' } })
  // Istio warns of a relative place without a priority.
  assert.is(spec.priority, 10)
  assert.equal(spec.configPatches, [
    {
      applyTo: 'HTTP_FILTER',
      match: {
        context: 'SIDECAR_INBOUND',
        listener: {
          filterChain: {
            filter: {
              name: 'envoy.filters.network.http_connection_manager',
              subFilter: { name: 'envoy.filters.http.router' },
            },
          },
        },
      },
      patch: {
        operation: 'INSERT_BEFORE',
        value: {
          name: 'envoy.filters.http.local_ratelimit',
          typed_config: {
            '@type': type,
            stat_prefix: 'rate_limit',
            token_bucket: { max_tokens: 6000, tokens_per_fill: 6000, fill_interval: '60s' },
            filter_enabled: always,
            filter_enforced: always,
            max_dynamic_descriptors: 10_000,
            rate_limits: ['x-team', 'x-user'].map(header => ({
              actions: [{ request_headers: { header_name: header, descriptor_key: header } }],
            })),
            descriptors: [
              {
                entries: [{ key: 'x-team' }],
                token_bucket: { max_tokens: 50, tokens_per_fill: 50, fill_interval: '3600s' },
              },
              {
                entries: [{ key: 'x-user' }],
                token_bucket: { max_tokens: 30, tokens_per_fill: 10, fill_interval: '1s' },
              },
            ],
          },
        },
      },
    },
  ])
})

test('a route has its limit at each listener of its gateway, with and without the fault', () => {
  const [filter, ...routes] = find('public.gateway-rate-limit').spec.configPatches
  assert.equal(filter?.patch.value.typed_config, { '@type': type, stat_prefix: 'rate_limit' })
  assert.equal(
    routes.map(({ match }) => match),
    ['shop.example.com:8443', 'shop.example.com:8080'].flatMap(name =>
      ['search', 'search-fault'].map(route => ({
        context: 'GATEWAY',
        routeConfiguration: { vhost: { name, route: { name: route } } },
      })),
    ),
  )
  for (const { applyTo, patch } of routes) {
    assert.equal([applyTo, patch.operation], ['HTTP_ROUTE', 'MERGE'])
    assert.equal(patch.value.typed_per_filter_config, {
      'envoy.filters.http.local_ratelimit': {
        '@type': type,
        stat_prefix: 'rate_limit',
        token_bucket: { max_tokens: 50, tokens_per_fill: 20, fill_interval: '1s' },
        filter_enabled: always,
        filter_enforced: always,
      },
    })
  }
})

test('a gateway may limit only the values of a header', () => {
  const [filter] = find('internal.gateway-rate-limit').spec.configPatches
  assert.is(Object.hasOwn(filter!.patch.value.typed_config!, 'token_bucket'), false)
})

test.run()
