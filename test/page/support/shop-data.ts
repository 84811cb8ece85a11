import type { MeshMap } from '../../../compiler/map/mesh-map.ts'
import type { PageData, PageEdit, PageEnvironment, PageMesh } from '../../../compiler/map/page-data.ts'
import { type CallPart, makeMap, type NodePart } from './make-map.ts'

/*
 * A shop: 14 services in 4 namespaces, a workload without a service, 2 gateways, 3 external systems. A change opens the ledger to
 * reports, closes search to partners, moves a tenth of the cart to v2, and adds the service reviews.
 */

const owners: Readonly<Record<string, string>> = {
  shop: 'team-storefront',
  pay: 'team-payments',
  data: 'team-data',
}

function service(namespace: string, name: string, versions: NodePart['versions'] = []): NodePart {
  return {
    kind: 'service',
    namespace,
    name,
    versions:
      versions.length > 0 ? versions : [{ workload: `${namespace}/${name}`, hasSidecar: true, shares: [] }],
    ...(owners[namespace] === undefined ? {} : { owner: owners[namespace] }),
  }
}

const gateway = (name: string): NodePart => ({
  kind: 'gateway',
  namespace: 'edge',
  name,
  hosts: [`${name}.example.com`],
  versions: [{ workload: `edge/${name}`, hasSidecar: true, shares: [] }],
})

const external = (name: string): NodePart => ({ kind: 'external', name, hosts: [name] })

function makeNodes(side: 'before' | 'after'): readonly NodePart[] {
  const shares = side === 'before' ? [100, undefined] : [90, 10]
  const cart = shares.flatMap((share, index) =>
    share === undefined ? [] : [{ workload: `shop/cart-v${index + 1}`, hasSidecar: true, shares: [share] }],
  )
  return [
    { kind: 'internet', name: 'Internet' },
    { kind: 'anyone', name: 'any caller' },
    gateway('public'),
    gateway('partner'),
    service('edge', 'auth'),
    service('shop', 'web'),
    service('shop', 'cart', cart),
    service('shop', 'catalog'),
    service('shop', 'orders'),
    service('shop', 'search', [{ workload: 'shop/search', hasSidecar: false, shares: [] }]),
    ...(side === 'after' ? [service('shop', 'reviews')] : []),
    service('pay', 'payments'),
    service('pay', 'ledger'),
    service('pay', 'fraud'),
    service('data', 'users'),
    service('data', 'sessions'),
    service('data', 'inventory'),
    service('data', 'reports'),
    {
      kind: 'workload',
      namespace: 'data',
      name: 'nightly',
      owner: 'team-data',
      versions: [{ workload: 'data/nightly', hasSidecar: true, shares: [] }],
    },
    external('api.stripe.com'),
    external('hooks.partner.example'),
    external('s3.eu-central-1.amazonaws.com'),
  ]
}

function makeCalls(side: 'before' | 'after'): readonly CallPart[] {
  const idsIn = (namespace: string, ...names: string[]) => names.map(name => `service ${namespace}/${name}`)
  return [
    { from: ['internet Internet'], to: 'gateway edge/public', transports: ['tls'] },
    { from: ['internet Internet'], to: 'gateway edge/partner', transports: ['tls'], label: '/partners/*' },
    { from: ['gateway edge/public'], to: 'service shop/web', label: 'GET, POST /*' },
    { from: ['gateway edge/public'], to: 'service edge/auth', label: 'POST /login' },
    ...(side === 'before'
      ? [
          {
            from: ['gateway edge/partner'],
            to: 'service shop/search',
            label: 'GET /search',
            transports: ['plaintext'] as const,
          },
        ]
      : []),
    { from: ['gateway edge/partner'], to: 'service shop/catalog', label: 'GET /partners/*' },
    { from: idsIn('shop', 'web'), to: 'service shop/cart', label: 'GET, POST /api/cart/*' },
    {
      from: idsIn('shop', 'web', 'cart', 'orders'),
      to: 'service shop/catalog',
      label: 'GET /api/products/*',
    },
    {
      from: idsIn('shop', 'web'),
      to: 'service shop/search',
      label: 'GET /search',
      transports: ['plaintext'],
    },
    { from: idsIn('shop', 'web', 'cart'), to: 'service shop/orders', label: 'POST /api/orders' },
    ...(side === 'after'
      ? [{ from: idsIn('shop', 'web'), to: 'service shop/reviews', label: 'GET, POST /api/reviews/*' }]
      : []),
    {
      from: idsIn('shop', 'orders'),
      to: 'service pay/payments',
      label: 'POST /v1/charges, header x-tenant is set',
    },
    { from: idsIn('pay', 'payments'), to: 'service pay/fraud', label: 'POST /check' },
    { from: idsIn('pay', 'payments'), to: 'service pay/ledger', label: 'POST /entries' },
    { from: idsIn('pay', 'payments'), to: 'external api.stripe.com', label: '' },
    ...(side === 'after'
      ? [{ from: idsIn('data', 'reports'), to: 'service pay/ledger', label: 'GET /entries' }]
      : []),
    { from: idsIn('edge', 'auth'), to: 'service data/users', label: 'GET /users/*' },
    { from: idsIn('edge', 'auth'), to: 'service data/sessions', label: '' },
    { from: idsIn('shop', 'catalog', 'orders'), to: 'service data/inventory', label: 'GET /stock/*' },
    { from: ['workload data/nightly'], to: 'service data/reports', label: 'POST /run' },
    { from: idsIn('data', 'reports'), to: 'external s3.eu-central-1.amazonaws.com', label: 'PUT /reports/*' },
    {
      from: idsIn('shop', 'orders'),
      to: 'external hooks.partner.example',
      certainty: 'unknown',
      transports: [],
    },
    {
      from: ['anyone any caller', ...idsIn('shop', 'web')],
      to: 'service data/sessions',
      isOpen: true,
      label: 'GET /healthz',
    },
  ]
}

function makeMesh(side: 'before' | 'after', map: MeshMap): PageMesh {
  return {
    name: 'shop, production',
    isForeign: false,
    assumed: ['The gateway public has no workload in the manifests, so one is assumed.'],
    specNames: [['web', 'shop/web']],
    remoteWorkloads: [],
    instances: [],
    commandOptions: '--env prod',
    facts: {},
    reasons: [],
    reasonLists: [],
    map,
    objects: [{ value: { kind: 'Service', metadata: { name: side } }, file: 0, lines: [] }],
    files: ['out/prod/shop/cart.yaml'],
  }
}

/** Makes the data of the shop, with the change unless `hasChange` is false. */
export function makeShopData(hasChange = true): PageData {
  const mesh = makeMesh('after', makeMap(makeNodes('after'), makeCalls('after')))
  const makeData = (environment: PageEnvironment): PageData => ({
    meshc: '0.1.0',
    environments: [environment],
  })
  if (!hasChange) return makeData({ mesh })
  const makeEdit = (words: string, line: number): PageEdit => ({
    words,
    file: 'spec/prod/mesh.yaml',
    line,
    side: 'after',
  })
  return makeData({
    mesh,
    change: {
      before: makeMesh('before', makeMap(makeNodes('before'), makeCalls('before'))),
      notices: ['expectation `partners-search` is removed'],
      differences: [
        {
          kind: 'opened',
          title: 'reports → ledger:8080',
          says: '403 before, 200 after',
          details: ['GET /entries'],
          from: ['service data/reports'],
          to: ['service pay/ledger'],
          witness: { request: 'GET http://ledger:8080/entries', before: '403 at ledger', after: '200' },
          edits: [makeEdit('reports may read entries', 52)],
        },
        {
          kind: 'closed',
          title: 'partner → search:8080',
          says: '200 before, 403 after',
          details: ['GET /search'],
          from: ['gateway edge/partner'],
          to: ['service shop/search'],
          witness: { request: 'GET http://search:8080/search', before: '200', after: '403 at search' },
          edits: [makeEdit('partner may no longer call search', 71)],
        },
        {
          kind: 'changed',
          title: 'web → cart:8080',
          says: 'a tenth of the requests arrives at v2',
          details: ['all requests'],
          from: ['service shop/web'],
          to: ['service shop/cart'],
          edits: [makeEdit('v2 of cart gets a tenth', 47)],
        },
      ],
    },
  })
}

/** Makes the data of three environments: one without a change, the shop with its change, and one that the change removes. */
export function makeShopEnvironments(): PageData {
  const [shop] = makeShopData().environments
  const rename = (name: string, side: 'before' | 'after'): PageMesh => ({
    ...makeMesh(side, makeMap(makeNodes(side), makeCalls(side))),
    name,
  })
  const removed: PageEnvironment = {
    change: {
      before: rename('shop, preview', 'before'),
      notices: ['the environment is removed'],
      differences: [],
    },
  }
  return {
    meshc: '0.1.0',
    environments: [{ mesh: rename('shop, staging', 'before') }, shop!, removed],
  }
}
