import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { parse } from 'yaml'
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
  // Istio reports a warning for a relative place without a priority.
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

const counting = compileText(`
meshc: v1
mesh: shop
rateLimiters:
  shared: { grpc: ratelimit.limits:8081, timeout: 50ms }
  strict: { grpc: ratelimit.limits:8081, domain: shop-strict, failOpen: false }
gateways:
  public: { hosts: [shop.example.com], certificate: { issuer: letsencrypt-prod }, http: off, rateLimit: 1000/s }
services:
  cart:
    namespace: shop
    port: { http: 80 }
    expose: [{ gateway: public, host: shop.example.com }]
    allow: [{ from: gateway/public }, { from: web }]
    routes: [{ name: search, when: { paths: [/search*] }, rateLimit: { limiter: shared, requests: 20/s } }]
    rateLimit: { limiter: shared, requests: 6000/m, perHeader: { x-user: 10/s, x-team: 50/h } }
  web: { namespace: shop, port: { http: 80 }, allow: [{ from: cart }], rateLimit: { limiter: strict, perHeader: { x-user: 10/s } } }
`)
if (!counting.ok) throw new Error(counting.diagnostics.map(({ message }) => message).join('\n'))
const counted = listObjects(counting.value, 'EnvoyFilter')

const findCounted = (wanted: string) => counted.find(({ name }) => name === wanted)!.spec.configPatches

const limiterFilter = (domain: string, isClosed: boolean, timeout: string) => ({
  name: 'envoy.filters.http.ratelimit',
  typed_config: {
    '@type': 'type.googleapis.com/envoy.extensions.filters.http.ratelimit.v3.RateLimit',
    domain,
    failure_mode_deny: isClosed,
    timeout,
    rate_limit_service: {
      grpc_service: {
        envoy_grpc: {
          cluster_name: 'outbound|8081||ratelimit.limits.svc.cluster.local',
          authority: 'ratelimit.limits.svc.cluster.local',
        },
      },
      transport_api_version: 'V3',
    },
  },
})
const ofService = (name: string) => ({ generic_key: { descriptor_key: 'service', descriptor_value: name } })
const byHeader = (header: string) => ({ request_headers: { header_name: header, descriptor_key: header } })

test('the sidecars of a service ask its rate limiter about all requests, and about each value of a header', () => {
  const [filter, ...others] = findCounted('cart.rate-limit')
  assert.equal(filter?.patch.value, limiterFilter('shop', false, '0.05s'))
  assert.equal(others, [
    {
      applyTo: 'VIRTUAL_HOST',
      match: { context: 'SIDECAR_INBOUND' },
      patch: {
        operation: 'MERGE',
        value: {
          rate_limits: [
            { actions: [ofService('shop/cart')] },
            { actions: [ofService('shop/cart'), byHeader('x-team')] },
            { actions: [ofService('shop/cart'), byHeader('x-user')] },
          ],
        },
      },
    },
  ])
  const [closed] = findCounted('web.rate-limit')
  assert.equal(closed?.patch.value, limiterFilter('shop-strict', true, '0.1s'))
})

test('a gateway may count all requests by itself, and ask about those of a route', () => {
  const [local, filter, ...routes] = findCounted('public.gateway-rate-limit')
  assert.is(local?.patch.value.name, 'envoy.filters.http.local_ratelimit')
  assert.equal(filter?.patch.value, limiterFilter('shop', false, '0.05s'))
  assert.equal(routes, [
    {
      applyTo: 'HTTP_ROUTE',
      match: {
        context: 'GATEWAY',
        routeConfiguration: { vhost: { name: 'shop.example.com:443', route: { name: 'search' } } },
      },
      patch: {
        operation: 'MERGE',
        value: {
          route: {
            rate_limits: [
              {
                actions: [{ generic_key: { descriptor_key: 'route', descriptor_value: 'shop/cart/search' } }],
              },
            ],
          },
        },
      },
    },
  ])
})

test('the limits of each rate limiter are in a ConfigMap beside its Service', () => {
  const maps = [...counting.value.manifests()]
    .filter(({ path }) => path.startsWith('manifests/limits/'))
    .map(({ path, object }) => ({ path, data: (object as { data: Record<string, string> }).data }))
  assert.equal(
    maps.map(({ path, data }) => [path, Object.keys(data)]),
    [
      ['manifests/limits/shared.rate-limits.yaml', ['shared.yaml']],
      ['manifests/limits/strict.rate-limits.yaml', ['strict.yaml']],
    ],
  )
  const [shared, strict] = maps.map(({ data }) => parse(Object.values(data)[0]!) as unknown)
  assert.equal(shared, {
    domain: 'shop',
    descriptors: [
      {
        key: 'route',
        value: 'shop/cart/search',
        rate_limit: { unit: 'second', requests_per_unit: 20 },
      },
      {
        key: 'service',
        value: 'shop/cart',
        rate_limit: { unit: 'minute', requests_per_unit: 6000 },
        descriptors: [
          { key: 'x-team', rate_limit: { unit: 'hour', requests_per_unit: 50 } },
          { key: 'x-user', rate_limit: { unit: 'second', requests_per_unit: 10 } },
        ],
      },
    ],
  })
  assert.equal(strict, {
    domain: 'shop-strict',
    descriptors: [
      {
        key: 'service',
        value: 'shop/web',
        descriptors: [{ key: 'x-user', rate_limit: { unit: 'second', requests_per_unit: 10 } }],
      },
    ],
  })
})

test('a sidecar that asks a rate limiter knows it', () => {
  const hostsOfSidecars = Object.fromEntries(
    listObjects(counting.value, 'Sidecar').map(({ name, spec }) => [name, spec.egress?.[0]?.hosts]),
  )
  assert.ok(hostsOfSidecars['cart']?.includes('limits/ratelimit.limits.svc.cluster.local'))
  assert.ok(hostsOfSidecars['web']?.includes('limits/ratelimit.limits.svc.cluster.local'))
})

test.run()
