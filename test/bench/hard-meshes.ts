import { type KubernetesObject, object } from '../arbitraries/manifests/kubernetes-object.ts'
import { corpus, listObjects } from '../behavior/corpus.ts'

/** The mesh of a question: the input of `lint`, and with `before`, the other side of `diff`. */
export interface HardMesh {
  readonly name: string
  readonly objects: readonly unknown[]
  /** The meshes before the change: each is compared with `objects`. */
  readonly before: readonly (readonly unknown[])[]
}

/** Lists small meshes whose conditions multiply. A question about each of them once took minutes. */
export const hardMeshes = (): readonly HardMesh[] => [
  policyWithoutPods(200),
  changed('one pod of 25 objects', meshWithPod()),
  changed('tokens of three authentications', tokens()),
  changed('16 services with rich routes', richRoutes(16)),
  changed('16 services with regexes', regexRoutes(16)),
  gatewaysOfOneSelector(200, 'a host for each', index => `team-${index}.example.com`),
  gatewaysOfOneSelector(200, 'one host for all', () => 'shop.example.com'),
]

/**
 * Lists the meshes of the corpus: each is compared with itself without one object, for each of its objects.
 */
export const corpusMeshes = (): readonly HardMesh[] =>
  corpus.map(mesh => {
    const objects = listObjects(mesh).map(({ value }) => value)
    return { name: mesh.name, objects, before: withoutEach(objects) }
  })

const changed = (name: string, objects: readonly KubernetesObject[]): HardMesh => ({
  name,
  objects,
  before: withoutEach(objects),
})

const withoutEach = (objects: readonly unknown[]) => objects.map((_, index) => objects.toSpliced(index, 1))

const root = 'istio-system'
const namespaces = ['shop', 'web', 'data'] as const

const namespaceObjects = [...namespaces, 'istio-ingress'].map(name => ({
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: { name, labels: { 'istio-injection': 'enabled' } },
}))

const getNamespace = (index: number): string => namespaces[index % namespaces.length]!

function service(name: string, namespace: string): KubernetesObject {
  return object('Service', namespace, name, {
    selector: { app: name },
    ports: [{ name: 'http', port: 80, targetPort: 8080 }],
  })
}

function workload(name: string, namespace: string): KubernetesObject {
  return object('Deployment', namespace, name, {
    selector: { matchLabels: { app: name } },
    template: {
      metadata: { labels: { app: name } },
      spec: { serviceAccountName: name, containers: [{ name: 'app' }] },
    },
  })
}

const gateway: readonly KubernetesObject[] = [
  object('Service', 'istio-ingress', 'public', {
    type: 'LoadBalancer',
    selector: { istio: 'public' },
    ports: [{ name: 'http', port: 80, targetPort: 8080 }],
  }),
  object('Deployment', 'istio-ingress', 'public', {
    selector: { matchLabels: { istio: 'public' } },
    template: {
      metadata: { labels: { istio: 'public' }, annotations: { 'inject.istio.io/templates': 'gateway' } },
      spec: { serviceAccountName: 'public', containers: [{ name: 'app' }] },
    },
  }),
]

/** Makes one mesh-wide policy, and Services of an application without pods in the manifests. */
function policyWithoutPods(count: number): HardMesh {
  const services = Array.from({ length: count }, (_, index) => service(`svc-${index}`, getNamespace(index)))
  const policy = (name: string, more: object) =>
    object('AuthorizationPolicy', root, name, {
      rules: [
        { from: [{ source: { namespaces: ['shop'] } }], to: [{ operation: { methods: ['GET'] } }] },
        { from: [{ source: { principals: ['cluster.local/ns/web/sa/*'] } }] },
        { to: [{ operation: { paths: ['/healthz', '/readyz'] } }] },
        // These rules decide no request: the rules above already allow all of their requests.
        {
          from: [{ source: { namespaces: ['shop'] } }],
          to: [{ operation: { methods: ['GET'], paths: ['/a*'] } }],
        },
        { from: [{ source: { principals: ['cluster.local/ns/web/sa/front'] } }] },
        { to: [{ operation: { paths: ['/healthz'], methods: ['GET'] } }] },
      ],
      ...more,
    })
  const objects = [
    ...namespaceObjects,
    ...gateway,
    ...['front', 'back'].map(name => workload(name, 'web')),
    ...services,
    policy('all', {}),
    policy('admin', {
      action: 'DENY',
      rules: [
        { to: [{ operation: { paths: ['/admin*'] } }] },
        { to: [{ operation: { paths: ['/admin/users'] } }] },
      ],
    }),
  ]
  return {
    name: `a policy over ${count} Services without pods`,
    objects,
    before: [objects.slice(0, -1), objects.toSpliced(-2, 1), objects.toSpliced(-3, 1)],
  }
}

/**
 * Lists all kinds of objects that affect a pod: policies of callers, requests and tokens, routes, a gateway
 * and a Sidecar.
 */
function meshWithPod(): readonly KubernetesObject[] {
  const names = ['cart', 'orders', 'stock', 'web']
  const rules = names.map((name, index) => ({
    from: [
      { source: { principals: [`cluster.local/ns/${getNamespace(index)}/sa/${name}`, '*/sa/nightly'] } },
      { source: { namespaces: ['sh*', 'batch'], notPrincipals: ['cluster.local/ns/shop/*'] } },
    ],
    to: [{ operation: { methods: ['GET', 'POST'], paths: [`/${name}*`, '/v{*}/items/{**}', '*.json'] } }],
    when: [
      { key: 'request.headers[x-user]', values: ['ann*', '*-admin'] },
      { key: 'request.auth.claims[group]', values: ['staff', 'ad*'] },
    ],
  }))
  return [
    ...namespaceObjects,
    ...gateway,
    ...names.flatMap((name, index) => [
      service(name, getNamespace(index)),
      workload(name, getNamespace(index)),
    ]),
    ...names.map((name, index) =>
      object('VirtualService', getNamespace(index), name, {
        hosts: [`${name}.${getNamespace(index)}.svc.cluster.local`, `${name}.example.com`],
        gateways: ['mesh', 'istio-ingress/public'],
        http: routesTo(name, getNamespace(index), 4),
      }),
    ),
    object('Gateway', 'istio-ingress', 'public', {
      selector: { istio: 'public' },
      servers: [{ port: { number: 80, name: 'http', protocol: 'HTTP' }, hosts: ['*.example.com'] }],
    }),
    object('RequestAuthentication', root, 'all', {
      jwtRules: ['https://id.example.com', 'https://partners.example.com'].map(issuer => ({
        issuer,
        jwksUri: `${issuer}/jwks.json`,
        audiences: ['shop', 'admin'],
        forwardOriginalToken: true,
      })),
    }),
    object('AuthorizationPolicy', root, 'callers', { rules }),
    object('AuthorizationPolicy', root, 'nobody', {
      action: 'DENY',
      rules: [
        { from: [{ source: { notRequestPrincipals: ['*'] } }], to: [{ operation: { paths: ['/admin*'] } }] },
      ],
    }),
    object('AuthorizationPolicy', 'shop', 'cart', {
      selector: { matchLabels: { app: 'cart' } },
      action: 'DENY',
      rules: [{ to: [{ operation: { methods: ['DELETE'] } }] }],
    }),
  ]
}

/**
 * Lists three RequestAuthentications for the same workload, and policies with claims, audiences and issuers.
 */
function tokens(): readonly KubernetesObject[] {
  const authentication = (name: string, namespace: string, selector: object, issuers: readonly string[]) =>
    object('RequestAuthentication', namespace, name, {
      ...selector,
      jwtRules: issuers.map((issuer, index) => ({
        issuer: `https://${issuer}.example.com`,
        jwksUri: `https://${issuer}.example.com/jwks.json`,
        audiences: [`${issuer}-api`, 'shop', 'admin'],
        ...(index % 2 === 1 && {
          fromHeaders: [{ name: `x-${issuer}`, prefix: 'Token ' }],
          fromParams: [`${issuer}_token`],
        }),
        forwardOriginalToken: true,
      })),
    })
  const claims = ['group', 'role', 'tenant', 'scope'].map((claim, index) => ({
    from: [{ source: { requestPrincipals: [`https://id${index % 3}.example.com/*`, `*/user-${index}`] } }],
    to: [{ operation: { paths: [`/${claim}*`], methods: ['GET', 'POST'] } }],
    when: [
      { key: `request.auth.claims[${claim}]`, values: ['staff', 'ad*', `*-${claim}`] },
      { key: 'request.auth.claims[realm][role]', values: ['lead', `${claim}*`] },
      { key: 'request.auth.audiences', values: ['shop', 'admin'] },
    ],
  }))
  const names = ['cart', 'orders', 'stock']
  return [
    ...namespaceObjects,
    ...gateway,
    ...names.flatMap(name => [service(name, 'shop'), workload(name, 'shop')]),
    object('Gateway', 'istio-ingress', 'public', {
      selector: { istio: 'public' },
      servers: [{ port: { number: 80, name: 'http', protocol: 'HTTP' }, hosts: ['shop.example.com'] }],
    }),
    object('VirtualService', 'shop', 'shop', {
      hosts: ['shop.example.com'],
      gateways: ['istio-ingress/public'],
      http: names.map(name => ({
        match: [{ uri: { prefix: `/${name}` } }],
        route: [{ destination: { host: name, port: { number: 80 } } }],
      })),
    }),
    authentication('everybody', root, {}, ['id0', 'id1']),
    authentication('shop', 'shop', {}, ['id1', 'id2', 'partners']),
    authentication('public', 'istio-ingress', { selector: { matchLabels: { istio: 'public' } } }, [
      'id0',
      'id2',
    ]),
    object('AuthorizationPolicy', 'shop', 'claims', { rules: claims }),
    object('AuthorizationPolicy', 'shop', 'no-guests', {
      action: 'DENY',
      rules: [
        { when: [{ key: 'request.auth.claims[group]', values: ['guest', 'guest-*'] }] },
        { when: [{ key: 'request.auth.principal', values: ['https://id0.example.com/bad'] }] },
      ],
    }),
    object('AuthorizationPolicy', 'istio-ingress', 'tokens', {
      rules: [
        { from: [{ source: { requestPrincipals: ['*'] } }] },
        { to: [{ operation: { paths: ['/cart/open*'] } }] },
      ],
    }),
  ]
}

const routesTo = (name: string, namespace: string, count: number) =>
  Array.from({ length: count }, (_, index) => ({
    match: [
      { uri: { prefix: `/${name}/v${index}` }, headers: { 'x-user': { prefix: `u${index}` } } },
      {
        uri: { exact: `/${name}/${index}` },
        method: { exact: 'POST' },
        queryParams: { page: { exact: `${index}` } },
      },
      { headers: { 'x-canary': { exact: `c${index}` }, cookie: { regex: `.*session=${index}.*` } } },
    ],
    rewrite: { uri: `/v${index}` },
    route: [
      {
        destination: { host: `${name}.${namespace}.svc.cluster.local`, port: { number: 80 } },
        headers: { request: { set: { 'x-route': `${index}` } } },
      },
    ],
    timeout: `${index + 1}s`,
  }))

/** Lists services whose routes match paths, headers, parameters and cookies. */
function richRoutes(count: number): readonly KubernetesObject[] {
  return services(count, (name, namespace) => [
    ...routesTo(name, namespace, 12),
    { route: [{ destination: { host: `${name}.${namespace}.svc.cluster.local`, port: { number: 80 } } }] },
  ])
}

/** Lists services whose routes match paths and headers with regular expressions. */
function regexRoutes(count: number): readonly KubernetesObject[] {
  return services(count, (name, namespace) =>
    Array.from({ length: 6 }, (_, index) => ({
      match: [
        {
          uri: { regex: `/(api|v[0-9]+)/${name}/[a-z0-9-]+/${'abcdef'[index]}.*` },
          headers: { 'user-agent': { regex: `.*(Mobile|Android ${index}).*` } },
        },
        {
          uri: { regex: `/.*/${index}(/.*)?` },
          headers: { cookie: { regex: `^(.*;)?\\s*group=${index}(;.*)?$` } },
        },
      ],
      route: [{ destination: { host: `${name}.${namespace}.svc.cluster.local`, port: { number: 80 } } }],
      timeout: `${index + 1}s`,
    })),
  )
}

function services(
  count: number,
  routesOf: (name: string, namespace: string) => readonly object[],
): readonly KubernetesObject[] {
  return [
    ...namespaceObjects,
    ...Array.from({ length: count }, (_, index) => {
      const name = `svc-${index}`
      const namespace = getNamespace(index)
      return [
        service(name, namespace),
        workload(name, namespace),
        object('VirtualService', namespace, name, {
          hosts: [`${name}.${namespace}.svc.cluster.local`],
          http: routesOf(name, namespace),
        }),
        object('AuthorizationPolicy', namespace, name, {
          selector: { matchLabels: { app: name } },
          rules: [
            {
              from: [{ source: { namespaces: [namespace] } }],
              to: [{ operation: { paths: [`/${name}/*`, '/v*'], methods: ['GET', 'POST'] } }],
            },
          ],
        }),
      ]
    }).flat(),
  ]
}

/** Makes teams that each have a Gateway for all hosts and a VirtualService at the same workload. */
function gatewaysOfOneSelector(count: number, words: string, hostOf: (index: number) => string): HardMesh {
  const teams = Array.from({ length: count }, (_, index) => [
    object('Gateway', 'istio-ingress', `team-${index}`, {
      selector: { istio: 'public' },
      servers: [{ port: { number: 80, name: 'http', protocol: 'HTTP' }, hosts: ['*.example.com'] }],
    }),
    object('VirtualService', 'shop', `team-${index}`, {
      hosts: [hostOf(index)],
      gateways: [`istio-ingress/team-${index}`],
      http: [
        {
          match: [{ uri: { prefix: '/api' } }],
          route: [{ destination: { host: 'cart', port: { number: 80 } } }],
        },
        { route: [{ destination: { host: 'orders', port: { number: 80 } } }] },
      ],
    }),
  ]).flat()
  const shared = [
    ...namespaceObjects,
    ...gateway,
    ...['cart', 'orders'].flatMap(name => [service(name, 'shop'), workload(name, 'shop')]),
    object('AuthorizationPolicy', 'istio-ingress', 'public', {
      rules: [{ to: [{ operation: { paths: ['/api*', '/open'] } }] }],
    }),
  ]
  const objects = [...shared, ...teams]
  return {
    name: `${count} Gateways of one selector, ${words}`,
    objects,
    before: [objects.slice(0, -2), objects.toSpliced(-2, 1), objects.toSpliced(shared.length - 1, 1)],
  }
}
