import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { usualLimits } from '../../compiler/behavior/budget.ts'
import { evaluate } from '../../compiler/behavior/evaluate/evaluate.ts'
import { compare } from '../../compiler/behavior/index.ts'
import { getModel } from '../support/model-of.ts'
import { makeShopDeployment } from '../support/shop-deployment.ts'

/**
 * A rate limit of a known form adds a note, and does not change the result. Every other EnvoyFilter is
 * unknown.
 */
const test = suite('rate limits')

const mesh = [
  makeShopDeployment('web'),
  makeShopDeployment('cart'),
  makeShopDeployment('edge'),
  {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'cart', namespace: 'shop' },
    spec: { selector: { app: 'cart' }, ports: [{ name: 'http', port: 80, targetPort: 8080 }] },
  },
  {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'edge', namespace: 'shop' },
    spec: { selector: { app: 'edge' }, ports: [{ name: 'http', port: 80, targetPort: 8080 }] },
  },
  {
    apiVersion: 'networking.istio.io/v1',
    kind: 'Gateway',
    metadata: { name: 'edge', namespace: 'shop' },
    spec: {
      selector: { app: 'edge' },
      servers: [{ port: { number: 80, name: 'http', protocol: 'HTTP' }, hosts: ['shop.example.com'] }],
    },
  },
  {
    apiVersion: 'networking.istio.io/v1',
    kind: 'VirtualService',
    metadata: { name: 'edge', namespace: 'shop' },
    spec: {
      hosts: ['shop.example.com'],
      gateways: ['edge'],
      http: [
        {
          name: 'search',
          match: [{ uri: { prefix: '/search' } }],
          route: [{ destination: { host: 'cart', port: { number: 80 } } }],
        },
        { name: 'rest', route: [{ destination: { host: 'cart', port: { number: 80 } } }] },
      ],
    },
  },
]
const inside = {
  from: { namespace: 'shop', labels: { app: 'web' } },
  to: { host: 'cart.shop.svc.cluster.local', port: 80 },
}
const outside = (path: string) => ({
  from: { gateway: { namespace: 'shop', labels: { app: 'edge' } } },
  to: { host: 'shop.example.com', port: 80 },
  path,
})

const always = { default_value: { numerator: 100, denominator: 'HUNDRED' } }
const bucket = (most: number, interval = '1s') => ({
  max_tokens: most,
  tokens_per_fill: 100,
  fill_interval: interval,
})
const type = 'type.googleapis.com/envoy.extensions.filters.http.local_ratelimit.v3.LocalRateLimit'
const enabled = { stat_prefix: 'limit', filter_enabled: always, filter_enforced: always }
const perUser = {
  rate_limits: [{ actions: [{ request_headers: { header_name: 'X-User', descriptor_key: 'user' } }] }],
  descriptors: [{ entries: [{ key: 'user' }], token_bucket: bucket(100, '60s') }],
}
const filter = (config: object, context = 'SIDECAR_INBOUND', listener: object = {}) => ({
  applyTo: 'HTTP_FILTER',
  match: {
    context,
    listener: {
      filterChain: {
        filter: {
          name: 'envoy.filters.network.http_connection_manager',
          subFilter: { name: 'envoy.filters.http.router' },
        },
      },
      ...listener,
    },
  },
  patch: {
    operation: 'INSERT_BEFORE',
    value: { name: 'envoy.filters.http.local_ratelimit', typed_config: { '@type': type, ...config } },
  },
})
const route = (name: string, config: object) => ({
  applyTo: 'HTTP_ROUTE',
  match: {
    context: 'GATEWAY',
    routeConfiguration: { vhost: { name: 'shop.example.com:80', route: { name } } },
  },
  patch: {
    operation: 'MERGE',
    value: {
      typed_per_filter_config: { 'envoy.filters.http.local_ratelimit': { '@type': type, ...config } },
    },
  },
})
const limit = (app: string, configPatches: readonly object[], more: object = {}) => ({
  apiVersion: 'networking.istio.io/v1alpha3',
  kind: 'EnvoyFilter',
  metadata: { name: 'limit', namespace: 'shop' },
  spec: { workloadSelector: { labels: { app } }, priority: 10, configPatches, ...more },
})

function follow(filters: readonly object[], request: Parameters<typeof evaluate>[1]) {
  const result = evaluate(getModel([...mesh, ...filters] as never), request)
  const steps = [...result.steps, ...result.outcomes.flatMap(outcome => outcome.steps)]
  const notes = steps.filter(({ step }) => step === 'rate limit')
  const outcomes = result.outcomes.map(outcome => ({ ...outcome, steps: [] }))
  return {
    verdict: result.verdict,
    outcomes,
    notes: notes.map(({ says }) => says),
    places: notes.map(({ at }) => at[0]?.path),
  }
}

test('a limit of a sidecar is a note, and the result is the same', () => {
  const plain = follow([], inside)
  const limited = follow([limit('cart', [filter({ ...enabled, token_bucket: bucket(200) })])], inside)
  assert.equal(limited.outcomes, plain.outcomes)
  assert.is(limited.verdict, 'ALLOW')
  assert.equal(limited.notes, ['429 possible: 100 requests a second, 200 at once, at each instance'])
  assert.equal(limited.places, [['spec', 'configPatches', 0]])
})

test('each value of a header may have a limit', () => {
  const { notes } = follow(
    [limit('cart', [filter({ ...enabled, token_bucket: bucket(100), ...perUser })])],
    inside,
  )
  assert.equal(notes, [
    '429 possible: 100 requests a second, and 100 requests a minute for each value of the header `x-user`, at each instance',
  ])
})

test('a struct has the same meaning', () => {
  const patch = filter({})
  const value = { ...enabled, token_bucket: bucket(100) }
  const typed = { '@type': 'type.googleapis.com/udpa.type.v1.TypedStruct', type_url: type, value }
  const struct = { ...patch, patch: { ...patch.patch, value: { ...patch.patch.value, typed_config: typed } } }
  assert.equal(follow([limit('cart', [struct])], inside).notes, [
    '429 possible: 100 requests a second, at each instance',
  ])
})

test('a limit of a port is for that port of the pods', () => {
  const at = (portNumber: number) =>
    follow(
      [limit('cart', [filter({ ...enabled, token_bucket: bucket(100) }, 'SIDECAR_INBOUND', { portNumber })])],
      inside,
    )
  assert.is(at(8080).notes.length, 1)
  assert.is(at(8081).notes.length, 0)
})

test('a route at a gateway has its own limit in place of that of the gateway', () => {
  const routed = { ...enabled, token_bucket: bucket(500, '60s') }
  const base = { ...enabled, token_bucket: bucket(100) }
  const patches = [filter(base, 'GATEWAY'), route('search', routed)]
  assert.equal(follow([limit('edge', patches)], outside('/search')).notes, [
    '429 possible: 100 requests a minute, 500 at once, at each instance',
  ])
  assert.equal(follow([limit('edge', patches)], outside('/')).notes, [
    '429 possible: 100 requests a second, at each instance',
  ])
  const empty = [filter({ stat_prefix: 'limit' }, 'GATEWAY'), route('search', routed)]
  assert.equal(follow([limit('edge', empty)], outside('/')).notes, [], 'the filter limits none by itself')
  assert.equal(
    follow([limit('edge', [route('search', routed)])], outside('/search')).notes,
    [],
    'no filter counts',
  )
})

test('a route with a limit of a header alone has a bucket that refuses nothing, which Envoy asks for', () => {
  const limitWith = (config: object) =>
    follow(
      [
        limit('edge', [
          filter({ stat_prefix: 'limit' }, 'GATEWAY'),
          route('search', { ...enabled, ...config }),
        ]),
      ],
      outside('/search'),
    )
  const full = { max_tokens: 4_294_967_295, tokens_per_fill: 4_294_967_295, fill_interval: '1s' }
  assert.equal(limitWith({ ...perUser, token_bucket: full }).notes, [
    '429 possible: 100 requests a minute for each value of the header `x-user`, at each instance',
  ])
  assert.is(limitWith(perUser).verdict, 'UNKNOWN')
})

test('a limit of other pods has no effect', () => {
  const { notes, verdict } = follow(
    [limit('web', [filter({ ...enabled, token_bucket: bucket(100) })])],
    inside,
  )
  assert.equal({ notes, verdict }, { notes: [], verdict: 'ALLOW' })
})

const good = filter({ ...enabled, token_bucket: bucket(100) })
const strange: Readonly<Record<string, object>> = {
  'a second patch of another kind': { configPatches: [good, { ...good, applyTo: 'CLUSTER' }] },
  'a version of the proxy': { configPatches: [{ ...good, match: { ...good.match, proxy: {} } }] },
  'every context': { configPatches: [filter({ ...enabled, token_bucket: bucket(100) }, 'ANY')] },
  'half of the requests': {
    configPatches: [
      filter({
        ...enabled,
        filter_enforced: { default_value: { numerator: 50 } },
        token_bucket: bucket(100),
      }),
    ],
  },
  'a bucket that Envoy refuses': {
    configPatches: [filter({ ...enabled, token_bucket: bucket(100, '0.01s') })],
  },
  'another status': {
    configPatches: [
      filter({ ...enabled, token_bucket: bucket(100), status: { code: 'ServiceUnavailable' } }),
    ],
  },
  'headers for the service': {
    configPatches: [
      filter({ ...enabled, token_bucket: bucket(100), request_headers_to_add_when_not_enforced: [{}] }),
    ],
  },
  'no patch': { configPatches: [] },
  targets: { targetRefs: [{}] },
}
for (const [says, spec] of Object.entries(strange))
  test(`${says}: the answer is unknown`, () => {
    // An object without patches changes no configuration.
    const expected = says === 'no patch' || says === 'targets' ? 'ALLOW' : 'UNKNOWN'
    const { verdict, notes } = follow([limit('cart', [good], spec)], inside)
    assert.equal({ verdict, notes }, { verdict: expected, notes: [] })
  })

test('a limit changes no request, which is proved', () => {
  const limits = limit('cart', [good])
  const [plain, limited] = [getModel(mesh as never), getModel([...mesh, limits] as never)]
  const { differences, unknown, defects } = compare(plain, limited, usualLimits)
  assert.equal({ differences, unknown, defects }, { differences: [], unknown: [], defects: [] })
})

const limiterType = 'type.googleapis.com/envoy.extensions.filters.http.ratelimit.v3.RateLimit'
const limiterFilter = (config: object = {}, context = 'SIDECAR_INBOUND', service: object = {}) => {
  const patch = filter({}, context)
  const cluster = 'outbound|8081||ratelimit.limits.svc.cluster.local'
  const typed_config = {
    '@type': limiterType,
    domain: 'shop',
    rate_limit_service: {
      grpc_service: { envoy_grpc: { cluster_name: cluster } },
      transport_api_version: 'V3',
      ...service,
    },
    ...config,
  }
  return {
    ...patch,
    patch: { ...patch.patch, value: { name: 'envoy.filters.http.ratelimit', typed_config } },
  }
}
const generic = (value: string) => ({ generic_key: { descriptor_key: 'service', descriptor_value: value } })
const user = { request_headers: { header_name: 'X-User', descriptor_key: 'user' } }
const hosts = (limits: readonly object[], match: object = {}, context = 'SIDECAR_INBOUND') => ({
  applyTo: 'VIRTUAL_HOST',
  match: { context, ...match },
  patch: { operation: 'MERGE', value: { rate_limits: limits } },
})
const inHost = (name: string, more: object = {}) => ({ routeConfiguration: { vhost: { name, ...more } } })
const routeEntries = (name: string, limits: readonly object[]) => ({
  applyTo: 'HTTP_ROUTE',
  match: {
    context: 'GATEWAY',
    routeConfiguration: { vhost: { name: 'shop.example.com:80', route: { name } } },
  },
  patch: { operation: 'MERGE', value: { route: { rate_limits: limits } } },
})
const config = (lines: readonly object[], domain = 'shop') => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'shared.rate-limits', namespace: 'limits' },
  data: {
    'shared.yaml': `domain: ${JSON.stringify(domain)}\ndescriptors:\n${lines.map(line => `  - ${JSON.stringify(line)}\n`).join('')}`,
  },
})
const perMinute = (requests: number) => ({ unit: 'minute', requests_per_unit: requests })
const host = '`ratelimit.limits.svc.cluster.local`'
const all = [{ actions: [generic('shop/cart')] }, { actions: [generic('shop/cart'), user] }]

test('a filter that asks a rate-limit service is a note that names what it counts by', () => {
  const plain = follow([], inside)
  const counted = follow([limit('cart', [limiterFilter(), hosts(all)])], inside)
  assert.equal(counted.outcomes, plain.outcomes)
  assert.equal(counted.notes, [
    `429 possible: ${host} counts by \`service: shop/cart\`, and by \`service: shop/cart\` and each value of the header \`x-user\` in the domain \`shop\``,
  ])
})

test('a ConfigMap of meshc holds the limits', () => {
  const limits = [
    {
      key: 'service',
      value: 'shop/cart',
      rate_limit: perMinute(6000),
      descriptors: [{ key: 'user', rate_limit: perMinute(10) }],
    },
  ]
  const filters = [limit('cart', [limiterFilter(), hosts(all)]), config(limits)]
  assert.equal(follow(filters, inside).notes, [
    `429 possible: 6000 requests a minute, and 10 requests a minute for each value of the header \`x-user\`, as ${host} counts them for all instances`,
  ])
  const others = [
    limit('cart', [limiterFilter(), hosts(all)]),
    config([{ key: 'service', value: 'shop/web' }]),
  ]
  assert.equal(follow(others, inside).notes, [], 'the domain limits other services')
})

test('a service that refuses without an answer makes 500 possible', () => {
  const closed = limiterFilter({ failure_mode_deny: true })
  const [note] = follow([limit('cart', [closed, hosts(all)])], inside).notes
  assert.ok(note?.endsWith('; 500 possible while it does not answer'), note)
})

test('the virtual host of a sidecar is named after the port of the Service', () => {
  const at = (name: string) =>
    follow([limit('cart', [limiterFilter(), hosts(all, inHost(name))])], inside).notes.length
  assert.equal([at('inbound|http|80'), at('inbound|http|8080'), at('')], [1, 0, 1])
})

test("Istio's own form counts at a gateway, and a route replaces it", () => {
  const entry = { actions: [{ request_headers: { header_name: ':path', descriptor_key: 'PATH' } }] }
  const everywhere = hosts([entry], inHost('', { route: { action: 'ANY' } }), 'GATEWAY')
  const filters = [
    limit('edge', [limiterFilter({}, 'GATEWAY')]),
    limit('edge', [everywhere, routeEntries('search', [{ actions: [generic('search')] }])]),
  ]
  assert.equal(follow(filters, outside('/')).notes, [
    `429 possible: ${host} counts by each value of the header \`:path\` in the domain \`shop\``,
  ])
  assert.equal(follow(filters, outside('/search')).notes, [
    `429 possible: ${host} counts by \`service: search\` in the domain \`shop\``,
  ])
  assert.equal(follow(filters.slice(1), outside('/')).notes, [], 'no filter asks')
})

test('entries for a route that answers by itself take its answer away: unknown', () => {
  const redirecting = {
    apiVersion: 'networking.istio.io/v1',
    kind: 'VirtualService',
    metadata: { name: 'old', namespace: 'shop' },
    spec: {
      hosts: ['old.example.com'],
      gateways: ['edge'],
      http: [{ name: 'old', redirect: { uri: '/new' } }],
    },
  }
  const filters = [limit('edge', [limiterFilter({}, 'GATEWAY'), routeEntries('old', all)])]
  assert.is(follow(filters, outside('/')).verdict, 'ALLOW')
  assert.is(follow([...filters, redirecting], outside('/')).verdict, 'UNKNOWN')
})

const oddLimits: Readonly<Record<string, readonly object[]>> = {
  'another stage': [limiterFilter({ stage: 1 }), hosts(all)],
  'another status': [limiterFilter({ rate_limited_status: { code: 'ServiceUnavailable' } }), hosts(all)],
  'a service outside of the clusters': [
    limiterFilter({}, 'SIDECAR_INBOUND', { grpc_service: { google_grpc: { target_uri: 'limits:8081' } } }),
    hosts(all),
  ],
  'an action of another kind': [limiterFilter(), hosts([{ actions: [{ metadata: {} }] }])],
  'no action': [limiterFilter(), hosts([{ actions: [] }])],
  'a virtual host with more than entries': [
    limiterFilter(),
    { ...hosts(all), patch: { operation: 'MERGE', value: { rate_limits: all, require_tls: 'ALL' } } },
  ],
  'an entry of an unknown stage': [limiterFilter(), hosts([{ stage: 2, actions: [user] }])],
}
for (const [says, configPatches] of Object.entries(oddLimits))
  test(`a rate-limit service with ${says}: the answer is unknown`, () => {
    const { verdict, notes } = follow([limit('cart', configPatches)], inside)
    assert.equal({ verdict, notes }, { verdict: 'UNKNOWN', notes: [] })
  })

test('a rate-limit service changes no request, which is proved', () => {
  const limits = limit('cart', [limiterFilter(), hosts(all)])
  const [plain, limited] = [getModel(mesh as never), getModel([...mesh, limits] as never)]
  const { differences, unknown, defects } = compare(plain, limited, usualLimits)
  assert.equal({ differences, unknown, defects }, { differences: [], unknown: [], defects: [] })
})

test.run()
