import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { Route, Share } from '../../compiler/mesh/mesh.ts'
import { explained, getMesh, getService } from './resolve-spec.ts'

const routes = suite('resolve: routes')

/** Lists the routes of `reviews`, with these fields, its namespace, its port and these defaults. */
const listRoutes = (fields: string, defaults = '') =>
  getService(
    getMesh(
      `defaults: { ${defaults} }\nservices: { reviews: { namespace: shop, port: { http: 9080 }, ${fields} } }`,
    ),
    'reviews',
  ).routes

const shown = (shares: readonly Share[]) =>
  shares.map(({ version, weight }) => `${version?.name.value ?? 'all'} ${explained(weight)}`)

const summary = ({ name, when, shares, mirror, redirect }: Route) => ({
  name: name.value,
  isForAll: when === undefined,
  shares: shown(shares),
  ...(mirror.length > 0 && { mirror: shown(mirror) }),
  ...(redirect !== undefined && { redirect: redirect.path?.value }),
})

routes('traffic is one route for everything, its shares sorted by version', () => {
  assert.equal(
    listRoutes('versions: { stable: {}, canary: {} }, traffic: { stable: 90%, canary: 10% }').map(summary),
    [
      {
        name: 'default',
        isForAll: true,
        shares: [
          'canary 10 < services.reviews.traffic.canary',
          'stable 90 < services.reviews.traffic.stable',
        ],
      },
    ],
  )
})

routes('blue-green: the active version takes everything', () => {
  assert.equal(listRoutes('versions: { blue: {}, green: {} }, active: green').map(summary), [
    { name: 'default', isForAll: true, shares: ['green 100 < services.reviews.active'] },
  ])
})

routes('a service without versions takes everything itself, and its only version does', () => {
  assert.equal(listRoutes('owner: team-reviews').map(summary), [
    { name: 'default', isForAll: true, shares: ['all 100 < default:traffic'] },
  ])
  assert.equal(listRoutes('versions: { v1: {} }').map(summary), [
    { name: 'default', isForAll: true, shares: ['v1 100 < services.reviews.versions.v1, default:traffic'] },
  ])
})

routes('routes keep their order, and unmatched requests follow the traffic of the service', () => {
  const written = listRoutes(`
    versions: { v1: {}, v2: {}, v3: {} },
    traffic: { v1: 80%, v3: 20% },
    routes: [
      { name: testers, when: { headers: { end-user: jason } }, traffic: { v2: 100% } },
      { name: old-api, when: { paths: [/v1/*], methods: [GET] }, redirect: { path: /v2/ } },
    ]`)
  assert.equal(written.map(summary), [
    { name: 'testers', isForAll: false, shares: ['v2 100 < services.reviews.routes.0.traffic.v2'] },
    { name: 'old-api', isForAll: false, shares: [], redirect: '/v2/' },
    {
      name: 'default',
      isForAll: true,
      shares: ['v1 80 < services.reviews.traffic.v1', 'v3 20 < services.reviews.traffic.v3'],
    },
  ])
})

routes('a route for everything needs no other, and a route without traffic takes that of the service', () => {
  const written = listRoutes(`
    versions: { v1: {}, v2: {} },
    active: v1,
    routes: [
      { name: testers, when: { query: { beta: 'on' } }, traffic: { v2: 100% } },
      { name: everyone, timeout: 5s },
    ]`)
  assert.equal(written.map(summary), [
    { name: 'testers', isForAll: false, shares: ['v2 100 < services.reviews.routes.0.traffic.v2'] },
    { name: 'everyone', isForAll: true, shares: ['v1 100 < services.reviews.active'] },
  ])
})

routes('a mirror of the service copies the requests of each route that sends them on', () => {
  const written = listRoutes(`
    versions: { v1: {}, v2: {}, v3: {} },
    active: v1,
    mirror: { v2: 5% },
    routes: [
      { name: moved, when: { paths: [/old] }, redirect: { path: /new } },
      { name: beta, when: { headers: { x-beta: '*' } }, traffic: { v1: 100% }, mirror: { v3: 50% } },
    ]`)
  assert.equal(
    written.map(({ mirror }) => shown(mirror)),
    [[], ['v3 50 < services.reviews.routes.1.mirror.v3'], ['v2 5 < services.reviews.mirror.v2']],
  )
})

routes('a route sets its timeout, and inherits the other settings from its service', () => {
  const [slow, quick, rest] = listRoutes(
    `timeout: 5s,
     retries: { attempts: 1 },
     routes: [
       { name: slow, when: { paths: [/export] }, timeout: 2m, retries: none },
       { name: quick, when: { paths: [/ping] }, timeout: 200ms },
     ]`,
    'retries: { perTryTimeout: 3s }',
  )
  const times = (route: Route | undefined) =>
    [route?.timeout, route?.retries.attempts, route?.retries.perTryTimeout].map(explained)
  assert.equal(times(slow), [
    '"2m" < services.reviews.routes.0.timeout',
    '0 < services.reviews.routes.0.retries',
    'undefined',
  ])
  assert.equal(times(quick), [
    '"200ms" < services.reviews.routes.1.timeout',
    '1 < services.reviews.retries.attempts',
    '"200ms" < defaults.retries.perTryTimeout, services.reviews.routes.1.timeout',
  ])
  assert.equal(times(rest), [
    '"5s" < services.reviews.timeout',
    '1 < services.reviews.retries.attempts',
    '"3s" < defaults.retries.perTryTimeout, services.reviews.timeout',
  ])
})

routes('conditions are exact, beginnings, any value, or regular expressions', () => {
  const [route] = listRoutes(`
    routes: [
      {
        name: testers,
        when: {
          headers: { x-any: '*', x-begin: 'v1-*', end-user: jason, x-form: { regex: 'v[12]' } },
          withoutHeaders: [x-internal],
          query: { beta: 'on' },
          methods: [POST, GET],
          paths: [/api/*, /healthz, { regex: '/v[0-9]+/.*' }],
        },
        rewrite: { path: / },
        headers: { response: { remove: [server], set: { x-b: b, x-a: a } } },
      },
    ]`)
  const when = route?.when
  assert.ok(when)
  assert.equal(
    when.headers.map(([name, { value }]) => [name, value]),
    [
      ['end-user', { exact: 'jason' }],
      ['x-any', { present: true }],
      ['x-begin', { prefix: 'v1-' }],
      ['x-form', { regex: 'v[12]' }],
    ],
  )
  assert.equal(
    when.query.map(([name, value]) => [name, explained(value)]),
    [['beta', '{"exact":"on"} < services.reviews.routes.0.when.query.beta']],
  )
  assert.equal(when.withoutHeaders.map(explained), [
    '"x-internal" < services.reviews.routes.0.when.withoutHeaders.0',
  ])
  assert.equal(
    when.methods.map(({ value }) => value),
    ['POST', 'GET'],
  )
  assert.equal(
    when.paths.map(({ value }) => value),
    [{ prefix: '/api/' }, { exact: '/healthz' }, { regex: '/v[0-9]+/.*' }],
  )
  assert.is(explained(route.rewrite?.path), '"/" < services.reviews.routes.0.rewrite.path')
  assert.equal(
    route.headers?.response.set.map(([name, { value }]) => [name, value]),
    [
      ['x-a', 'a'],
      ['x-b', 'b'],
    ],
  )
  assert.equal(
    route.headers?.response.remove.map(({ value }) => value),
    ['server'],
  )
  assert.equal(route.headers?.request.set, [])
})

routes('an empty rewrite is no rewrite', () => {
  assert.is(listRoutes('routes: [{ name: everyone, rewrite: {} }]')[0]?.rewrite, undefined)
})

routes.run()
