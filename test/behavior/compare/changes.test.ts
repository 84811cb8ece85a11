import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { compare } from '../../../compiler/behavior/compare/compare.ts'
import type { Comparison } from '../../../compiler/behavior/compare/difference.ts'
import { evaluate } from '../../../compiler/behavior/evaluate/evaluate.ts'
import { describeCaller, describeFullRequest } from '../../../compiler/behavior/request-words.ts'
import { getModel } from '../../support/model-of.ts'
import { corpus, listObjects } from '../corpus.ts'

/** Changes that the comparison must report in full, as the evaluation shows them. */
const changes = suite('changes')

const object = (kind: string, namespace: string, name: string, spec: object) => ({
  apiVersion: apiVersions[kind],
  kind,
  metadata: { name, namespace },
  spec,
})
const apiVersions: Readonly<Record<string, string>> = {
  Service: 'v1',
  Deployment: 'apps/v1',
  StatefulSet: 'apps/v1',
  VirtualService: 'networking.istio.io/v1',
  DestinationRule: 'networking.istio.io/v1',
  ServiceEntry: 'networking.istio.io/v1',
  Sidecar: 'networking.istio.io/v1',
  Gateway: 'networking.istio.io/v1',
  PeerAuthentication: 'security.istio.io/v1',
  RequestAuthentication: 'security.istio.io/v1',
  AuthorizationPolicy: 'security.istio.io/v1',
}

const workload = (namespace: string, name: string, kind = 'Deployment', labels: object = {}) =>
  object(kind, namespace, name, {
    selector: { matchLabels: { app: name } },
    template: {
      metadata: { labels: { app: name, ...labels } },
      spec: { serviceAccountName: name, containers: [{ name: 'app' }] },
    },
  })
/** Labels of a pod with a sidecar, independent of the labels of its namespace. */
const injected = { 'sidecar.istio.io/inject': 'true' }
const service = (namespace: string, name: string, port: object) =>
  object('Service', namespace, name, { selector: { app: name }, ports: [port] })
const http = { name: 'http', port: 80, targetPort: 8080 }
const tls = { name: 'tls', port: 8443, targetPort: 8443 }

const compared = (before: readonly object[], after: readonly object[]): Comparison => {
  const comparison = compare(getModel(before), getModel(after))
  assert.equal(comparison.defects, [])
  return comparison
}

const listReasons = ({ unknown }: Comparison): readonly string[] => [
  ...new Set(unknown.flatMap(({ because }) => because.map(({ reason }) => reason?.code ?? ''))),
]

/** Lists the changes for callers in words, each with a request that shows the change. */
const stated = ({ differences }: Comparison): readonly string[] =>
  differences
    .filter(({ section }) => section === 'access')
    .map(({ change, callers, regions, witness }) => {
      const where = regions
        .map(region => region.map(({ part: subject, says }) => `${subject} ${says}`).join(' '))
        .join(' or ')
      return `${change} for ${callers.map(describeCaller).join(', ')}${where === '' ? '' : ` with ${where}`}: ${describeFullRequest(witness.after.request)}`
    })

changes('a wildcard host is new only for callers whose proxies know it', () => {
  const objects = [
    workload('web', 'web'),
    workload('data', 'mail'),
    object('Sidecar', 'data', 'default', { egress: [{ hosts: ['./*'] }] }),
  ]
  const entry = object('ServiceEntry', 'shop', 'partners', {
    hosts: ['*.partners.example'],
    ports: [{ number: 443, name: 'tls', protocol: 'TLS' }],
    resolution: 'NONE',
    location: 'MESH_EXTERNAL',
  })
  const { differences } = compared(objects, [...objects, entry])
  const callers = differences
    .filter(({ destinations }) => destinations.some(({ host }) => host === '*.partners.example'))
    .flatMap(difference => difference.callers.map(caller => (caller.kind === 'workload' ? caller.name : '')))
  assert.equal([...new Set(callers)].sort(), ['somebody', 'web'])
})

changes('two workloads with one name and two kinds are different workloads', () => {
  const objects = [service('web', 'web', http), workload('web', 'web')]
  const plain = workload('web', 'web', 'StatefulSet', { 'sidecar.istio.io/inject': 'false' })
  const strict = object('PeerAuthentication', 'web', 'default', { mtls: { mode: 'STRICT' } })
  const { differences } = compared([...objects, strict], [...objects, plain, strict])
  const ends = differences.flatMap(({ witness }) =>
    witness.after.result.outcomes.map(outcome => outcome.workload),
  )
  assert.ok(ends.includes('web/web') && ends.includes('web/web (StatefulSet)'))
})

changes('TLS of a proxy to a port whose application uses TLS makes the result unknown', () => {
  const objects = [
    service('web', 'web', http),
    service('shop', 'crypt', tls),
    workload('web', 'web'),
    workload('shop', 'crypt'),
    object('DestinationRule', 'shop', 'crypt', {
      host: 'crypt.shop.svc.cluster.local',
      trafficPolicy: { tls: { mode: 'SIMPLE' } },
    }),
  ]
  const route = object('VirtualService', 'web', 'web', {
    hosts: ['web.web.svc.cluster.local'],
    http: [{ route: [{ destination: { host: 'crypt.shop.svc.cluster.local', port: { number: 8443 } } }] }],
  })
  assert.is(compared(objects, [...objects, route]).unknown.length > 0, true)
})

changes('plain HTTP to a port of TLS is not known', () => {
  const before = [service('web', 'web', tls), workload('web', 'web')]
  const after = [service('web', 'web', { ...tls, name: 'sniffed' }), workload('web', 'web')]
  assert.ok(listReasons(compared(before, after)).includes('non-tls-bytes-on-tls-port'))
})

changes('TLS to a TCP port is TLS of the application, on both sides of a change', () => {
  const mesh = (port: object) => [
    workload('shop', 'audit', 'Deployment', injected),
    service('shop', 'audit', port),
  ]
  const { differences } = compared(
    mesh({ name: 'tcp', port: 5432, targetPort: 5432 }),
    mesh({ name: 'tls', port: 5432, targetPort: 5432 }),
  )
  const changesOfCallers = differences.map(
    ({ change, callers }) => `${change}: ${callers.map(describeCaller).join(', ')}`,
  )
  assert.equal(changesOfCallers, [
    'opened: shop/audit, anyone else',
    'weakened: anyone else without a sidecar',
  ])
})

changes('an HTTP server accepts plain text, with any TLS settings', () => {
  const labels = { istio: 'public' }
  const gateway = object('Deployment', 'istio-ingress', 'public', {
    selector: { matchLabels: labels },
    template: { metadata: { labels }, spec: { containers: [{ name: 'istio-proxy' }] } },
  })
  const subject = (protocol: string, tls: object) =>
    object('Gateway', 'istio-ingress', 'public', {
      selector: labels,
      servers: [{ port: { number: 443, name: 'https', protocol }, hosts: ['*'], tls }],
    })
  const encrypted = subject('HTTPS', { mode: 'SIMPLE', credentialName: 'public' })
  const { differences } = compared([gateway, encrypted], [gateway, subject('HTTP', { mode: 'PASSTHROUGH' })])
  const schemes = differences.flatMap(({ callers }) =>
    callers.map(caller => (caller.kind === 'outside' ? caller.scheme : '')),
  )
  assert.equal([...new Set(schemes)].sort(), ['http', 'https'])
})

changes('a change names the bytes that a gateway accepts', () => {
  const labels = { istio: 'public' }
  const objects = [
    object('Deployment', 'istio-ingress', 'public', {
      selector: { matchLabels: labels },
      template: {
        metadata: { labels, annotations: { 'inject.istio.io/templates': 'gateway' } },
        spec: { containers: [{ name: 'istio-proxy' }] },
      },
    }),
    object('Gateway', 'istio-ingress', 'public', {
      selector: labels,
      servers: [{ port: { number: 5432, name: 'tcp', protocol: 'TCP' }, hosts: ['*'] }],
    }),
    service('data', 'ledger', { name: 'tcp', port: 5432, targetPort: 5432 }),
    workload('data', 'ledger'),
  ]
  const route = object('VirtualService', 'data', 'ledger', {
    hosts: ['ledger.example.com'],
    gateways: ['istio-ingress/public'],
    tcp: [{ route: [{ destination: { host: 'ledger.data.svc.cluster.local' } }] }],
  })
  assert.equal(stated(compared(objects, [...objects, route])), [
    'opened for anyone outside (tcp, public): from outside → tcp://ledger.example.com:5432',
  ])
  const closed = object('AuthorizationPolicy', 'istio-ingress', 'public', { action: 'DENY', rules: [{}] })
  assert.equal(stated(compared([...objects, route], [...objects, route, closed])), [
    'closed for anyone outside (tcp, public): from outside → tcp://ledger.example.com:5432',
  ])
})

changes(
  'a token in a query parameter stays there, and a rule that does not accept it removes no token',
  () => {
    const issuer = 'https://id.example.com'
    const rule = { issuer, jwksUri: `${issuer}/jwks.json` }
    const labels = { istio: 'public' }
    const gateway = object('Deployment', 'istio-ingress', 'public', {
      selector: { matchLabels: labels },
      template: {
        metadata: { labels, annotations: { 'inject.istio.io/templates': 'gateway' } },
        spec: { containers: [{ name: 'istio-proxy' }] },
      },
    })
    const objects = [
      gateway,
      object('Gateway', 'istio-ingress', 'public', {
        selector: labels,
        servers: [{ port: { number: 80, name: 'http', protocol: 'HTTP' }, hosts: ['*'] }],
      }),
      service('web', 'web', http),
      workload('web', 'web'),
      object('VirtualService', 'web', 'web', {
        hosts: ['*'],
        gateways: ['istio-ingress/public'],
        http: [{ route: [{ destination: { host: 'web.web.svc.cluster.local' } }] }],
      }),
      object('RequestAuthentication', 'istio-system', 'all', {
        jwtRules: [{ ...rule, audiences: ['admin'], fromParams: ['token'] }],
      }),
    ]
    for (const place of [{ fromParams: ['token'] }, { fromHeaders: [{ name: 'x-token' }] }]) {
      const accepting = object('RequestAuthentication', 'istio-ingress', 'public', {
        selector: { matchLabels: labels },
        jwtRules: [{ ...rule, ...place, forwardOriginalToken: true }],
      })
      assert.is(compared(objects, [...objects, accepting]).differences.length > 0, true)
    }
  },
)

changes('behind a gateway, a connection without HTTP identifies only the gateway as its client', () => {
  const labels = { istio: 'public' }
  const objects = [
    {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: {
        ...{ name: 'public', namespace: 'istio-ingress', labels },
        annotations: { 'inject.istio.io/templates': 'gateway' },
      },
      spec: { containers: [{ name: 'istio-proxy' }] },
      status: { podIP: '10.0.0.1' },
    },
    object('Gateway', 'istio-ingress', 'public', {
      selector: labels,
      servers: [{ port: { number: 80, name: 'http', protocol: 'HTTP' }, hosts: ['*'] }],
    }),
    workload('web', 'web'),
    object('VirtualService', 'web', 'web', {
      hosts: ['*'],
      gateways: ['istio-ingress/public'],
      http: [{ route: [{ destination: { host: 'web.web.svc.cluster.local' } }] }],
    }),
    object('DestinationRule', 'web', 'web', {
      host: 'web.web.svc.cluster.local',
      trafficPolicy: { tls: { mode: 'DISABLE' } },
    }),
  ]
  const refusal = object('AuthorizationPolicy', 'web', 'web', {
    action: 'DENY',
    rules: [{ from: [{ source: { remoteIpBlocks: ['203.0.113.0/24'] } }] }],
  })
  const fromOutside = (port: object) => {
    const all = [...objects, service('web', 'web', port)]
    const { differences } = compared(all, [...all, refusal])
    return differences.filter(({ callers }) => callers.some(({ kind }) => kind === 'outside')).length
  }
  assert.equal([fromOutside(http), fromOutside(tls)], [1, 0])
})

changes('a token prefix that may be part of a token makes the result unknown', () => {
  const objects = [service('web', 'web', http), workload('web', 'web')]
  const looking = (prefix: string) =>
    object('RequestAuthentication', 'web', 'web', {
      jwtRules: [{ issuer: 'https://id.example.com', fromHeaders: [{ name: 'x-token', prefix }] }],
    })
  const reasons = (prefix: string) =>
    listReasons(compared([...objects, looking('Token ')], [...objects, looking(prefix)]))
  assert.ok(reasons('a').includes('jwt-prefix-within-token'))
  assert.equal(reasons('JWT '), [])
})

changes('a change of path normalization makes results unknown if policies match paths', () => {
  const policy = object('AuthorizationPolicy', 'web', 'web', {
    rules: [{ to: [{ operation: { paths: ['/api/*'] } }] }],
  })
  const objects = [service('web', 'web', http), workload('web', 'web')]
  const read = (normalization: string, all: readonly object[]) =>
    getModel(all, { pathNormalization: { normalization } })
  const comparison = compare(read('NONE', [...objects, policy]), read('BASE', [...objects, policy]))
  assert.ok(listReasons(comparison).includes('changed-path-normalization'))
  assert.equal(compare(read('NONE', objects), read('BASE', objects)).unknown, [])
})

changes('a policy that Istio refuses has no effect', () => {
  const objects = [service('web', 'web', http), workload('web', 'web')]
  const custom = (when: object) =>
    object('AuthorizationPolicy', 'web', 'web', {
      action: 'CUSTOM',
      provider: { name: 'gatekeeper' },
      rules: [{ when: [when] }],
    })
  const claim = custom({ key: 'request.auth.claims[group]', notValues: ['staff'] })
  assert.equal(compared(objects, [...objects, claim]).differences, [])
  const header = custom({ key: 'request.headers[x-group]', notValues: ['staff'] })
  assert.is(compared(objects, [...objects, header]).differences.length > 0, true)
})

/** Makes two models in which a provider checks the requests of `web` to the path `/x`. */
const asking = (...all: readonly object[]) => [
  service('web', 'web', http),
  workload('web', 'web'),
  workload('web', 'page'),
  ...all,
]
const custom = (to: object, provider = 'opa', kind: object = {}) =>
  object('AuthorizationPolicy', 'web', 'ask', {
    selector: { matchLabels: { app: 'web' } },
    action: 'CUSTOM',
    provider: { name: provider },
    rules: [{ to: [{ operation: to }], ...kind }],
  })
const opa = { service: 'opa.policy.svc.cluster.local', port: 9191 }
const mesh = (objects: readonly object[], ...extensionProviders: readonly object[]) =>
  getModel(objects, { extensionProviders })

changes('only requests that no authorizer checks any more are opened', () => {
  const provider = { name: 'opa', envoyExtAuthzGrpc: opa }
  const before = mesh(asking(custom({ paths: ['/x*'] })), provider)
  const after = mesh(asking(custom({ paths: ['/x/*'] })), provider)
  const { differences, defects, unknown } = compare(before, after)
  assert.equal([defects, unknown], [[], []])
  assert.equal([...new Set(differences.map(({ change }) => change))], ['opened'])
  for (const { regions } of differences)
    assert.equal(
      regions.map(region => region.map(({ part, says }) => `${part} ${says}`)),
      [['authorizer grpc://opa.policy:9191 deny', 'path /x* except /x/*']],
    )
  assert.equal(compare(before, mesh(asking(custom({ paths: ['/x*'] })), provider)).differences, [])
})

changes('another authorizer may answer differently, the same authorizer under another name does not', () => {
  const asked = asking(custom({ paths: ['/x'] }))
  const before = mesh(asked, { name: 'opa', envoyExtAuthzGrpc: opa })
  const changed = (after: typeof before) =>
    [...new Set(compare(before, after).differences.map(({ change }) => change))].sort()
  assert.equal(changed(mesh(asked, { name: 'opa', envoyExtAuthzGrpc: { ...opa, port: 9292 } })), [
    'closed',
    'opened',
  ])
  const renamed = mesh(asking(custom({ paths: ['/x'] }, 'policy')), {
    name: 'policy',
    envoyExtAuthzGrpc: { ...opa, timeout: '1s' },
  })
  assert.equal(changed(renamed), [])
  assert.equal(changed(mesh(asked, { name: 'opa', envoyExtAuthzGrpc: { ...opa, failOpen: true } })), [
    'opened',
  ])
  assert.equal(changed(mesh(asked, { name: 'other', envoyExtAuthzGrpc: opa })), ['closed'])
})

changes('a result that depends on a header of an authorizer is unknown, and other results are known', () => {
  const login = (headersToUpstreamOnAllow: readonly string[]) => ({
    name: 'opa',
    envoyExtAuthzHttp: { service: 'login.auth.svc.cluster.local', port: 80, headersToUpstreamOnAllow },
  })
  const policy = object('AuthorizationPolicy', 'web', 'staff', {
    rules: [{ when: [{ key: 'request.headers[x-user]', values: ['ann'] }] }],
  })
  const asked = asking(custom({ paths: ['/x'] }), policy)
  const result = (headers: readonly string[], path: string, extAuthz: 'allow' | 'deny') =>
    evaluate(mesh(asked, login(headers)), {
      from: { namespace: 'web', serviceAccount: 'page', labels: { app: 'page' } },
      to: { host: 'web', port: 80 },
      path,
      headers: { 'x-user': 'ann' },
      extAuthz,
    }).verdict
  assert.is(result(['x-us*'], '/x', 'allow'), 'UNKNOWN')
  assert.is(result(['x-us*'], '/x', 'deny'), 'DENY')
  assert.is(result(['x-us*'], '/', 'allow'), 'ALLOW')
  assert.is(result(['x-team'], '/x', 'allow'), 'ALLOW')
  const { unknown } = compare(mesh(asked, login(['x-team'])), mesh(asked, login(['x-user'])))
  assert.ok(
    unknown.some(({ because }) => because.some(({ reason }) => reason?.code === 'header-of-authorizer')),
  )
})

const allowing = (...from: readonly object[]) =>
  object('AuthorizationPolicy', 'web', 'web', { rules: [{ from: from.map(source => ({ source })) }] })

changes('a change names the allowed callers of a policy, with or without a manifest', () => {
  const objects = [service('web', 'web', http), workload('web', 'web'), workload('shop', 'cart')]
  const closed = [...objects, allowing({ principals: ['cluster.local/ns/shop/sa/cart'] })]
  const opened = (...from: readonly object[]) =>
    stated(
      compared(closed, [...objects, allowing({ principals: ['cluster.local/ns/shop/sa/cart'] }, ...from)]),
    )
  assert.equal(opened({ principals: ['cluster.local/ns/batch/sa/nightly'] }), [
    'opened for batch/nightly (no workload here): batch/nightly → GET http://web/',
  ])
  const partner = 'partner.example/ns/bridge/sa/bridge'
  assert.equal(opened({ principals: [partner] }), [
    `opened for ${partner} (no workload here): somewhere/somebody as spiffe://${partner} → GET http://web/`,
  ])
  assert.equal(opened({ principals: ['cluster.local/ns/batch/*'] }), [
    'opened for anyone else (cluster.local/ns/batch/*): batch/somebody → GET http://web/',
  ])
  assert.equal(opened({ namespaces: ['monitoring'] }), [
    'opened for anyone else (namespace monitoring): monitoring/somebody → GET http://web/',
  ])
  assert.equal(opened({ namespaces: ['m*g'] }), [
    'opened for anyone else (namespace m*g): mg/somebody → GET http://web/',
  ])
  assert.equal(opened({ principals: ['*/sa/admin'] }), [
    'opened for anyone else (*/sa/admin): somewhere/admin → GET http://web/',
  ])
  assert.equal(opened({ ipBlocks: ['192.0.2.0/24'] }), [
    'opened for anyone else with address 192.0.2.0/24: somewhere/somebody → GET http://web/',
    'opened for anyone else without a sidecar with address 192.0.2.0/24: somewhere/somebody → GET http://web/, in plaintext',
  ])
  assert.equal(opened({ principals: ['*'] }), ['opened for anyone else, web: web/web → GET http://web/'])
})

changes('a claim with a list of words is matched for each word', () => {
  const issuer = 'https://id.example.com'
  const objects = [service('web', 'web', http), workload('web', 'web')]
  const tokens = (...spaceDelimitedClaims: readonly string[]) =>
    object('RequestAuthentication', 'web', 'web', {
      jwtRules: [{ issuer, jwksUri: `${issuer}/jwks.json`, spaceDelimitedClaims }],
    })
  const asking = (claim: string, ...values: readonly string[]) =>
    object('AuthorizationPolicy', 'web', 'web', {
      rules: [{ when: [{ key: `request.auth.claims[${claim}]`, values }] }],
    })
  /** Lists the changes for a claim of a token, each with the claim in its example request. */
  const reported = (rules: object, claim: string, before: string, after: string) => {
    const { differences, unknown } = compared(
      [...objects, rules, asking(claim, before)],
      [...objects, rules, asking(claim, after)],
    )
    assert.equal(unknown, [])
    const lines = differences.map(({ change, regions, witness }) => {
      const says = new Set(
        regions.map(region =>
          region
            .filter(({ part: subject }) => subject === `claim ${claim}`)
            .map(({ says }) => says)
            .join(', '),
        ),
      )
      return `${change} for ${[...says].join(' or ')}: ${witness.after.request.jwt?.claims?.[claim]}`
    })
    return [...new Set(lines)]
  }
  for (const [rules, claim] of [
    [tokens(), 'scope'],
    [tokens('roles'), 'roles'],
  ] as const) {
    assert.equal(reported(rules, claim, 'orders.read', 'orders.write'), [
      'opened for orders.write, without orders.read: orders.write',
      'closed for without orders.write, orders.read: orders.read',
    ])
    assert.equal(reported(rules, claim, 'orders.read', 'orders.*'), [
      'opened for orders.* except orders.read: orders.',
    ])
  }
  assert.equal(reported(tokens(), 'group', 'orders.read', '*read'), [
    'opened for *read except orders.read: read',
  ])
})

changes('a token may have several of the values that policies ask for', () => {
  const issuer = 'https://id.example.com'
  const objects = [
    service('web', 'web', http),
    workload('web', 'web'),
    object('RequestAuthentication', 'web', 'web', { jwtRules: [{ issuer, jwksUri: `${issuer}/jwks.json` }] }),
  ]
  const asking = (key: string, values: readonly string[], notValues: readonly string[] = []) => [
    ...objects,
    object('AuthorizationPolicy', 'web', 'web', { rules: [{ when: [{ key, values, notValues }] }] }),
  ]
  const group = 'request.auth.claims[group]'
  const closed = compared(asking(group, ['staff']), asking(group, ['staff'], ['guests'])).differences
  assert.equal([...new Set(closed.map(({ change }) => change))], ['closed'])
  assert.equal(closed[0]!.witness.before.request.jwt?.claims?.['group'], ['guests', 'staff'])
  const audiences = 'request.auth.audiences'
  const refused = compared(asking(audiences, ['shop']), asking(audiences, ['shop'], ['web'])).differences
  assert.equal(refused[0]!.witness.before.request.jwt?.aud, ['web', 'shop'])
})

changes('a certificate with a name that a client does not ask for ends the call', () => {
  const objects = [
    workload('web', 'web', 'Deployment', injected),
    object('ServiceEntry', 'web', 'partner', {
      hosts: ['api.partner.example'],
      ports: [{ number: 80, name: 'http', protocol: 'HTTP', targetPort: 443 }],
      resolution: 'DNS',
      location: 'MESH_EXTERNAL',
    }),
  ]
  const naming = (...subjectAltNames: readonly string[]) =>
    object('DestinationRule', 'web', 'partner', {
      host: 'api.partner.example',
      trafficPolicy: { tls: { mode: 'SIMPLE', sni: 'api.partner.example', subjectAltNames } },
    })
  const { differences } = compared(
    [...objects, naming('api.partner.example')],
    [...objects, naming('api.bank.example')],
  )
  const verdicts = differences.map(({ witness }) => witness.after.result.verdict)
  assert.equal([...new Set(verdicts)], ['UPSTREAM_RESET'])
})

changes('routes by claims are compared like others', () => {
  const issuer = 'https://id.example.com'
  const route = (headers: Readonly<Record<string, object>>) =>
    object('VirtualService', 'ingress', 'shop', {
      hosts: ['shop.example.com'],
      gateways: ['public'],
      http: [
        { match: [{ headers }], route: [{ destination: { host: 'web.web.svc.cluster.local' } }] },
        { directResponse: { status: 404 } },
      ],
    })
  const objects = [
    service('web', 'web', http),
    workload('web', 'web'),
    object('Deployment', 'ingress', 'public', {
      selector: { matchLabels: { app: 'public' } },
      template: {
        metadata: { labels: { app: 'public' }, annotations: { 'inject.istio.io/templates': 'gateway' } },
        spec: { serviceAccountName: 'public', containers: [{ name: 'istio-proxy', image: 'auto' }] },
      },
    }),
    object('Gateway', 'ingress', 'public', {
      selector: { app: 'public' },
      servers: [{ port: { number: 80, name: 'http', protocol: 'HTTP' }, hosts: ['shop.example.com'] }],
    }),
    object('RequestAuthentication', 'ingress', 'public', {
      selector: { matchLabels: { app: 'public' } },
      jwtRules: [{ issuer, jwksUri: `${issuer}/jwks.json` }],
    }),
  ]
  const compareRoutes = (before: string, after: object) =>
    compared(
      [...objects, route({ [`@request.auth.claims.${before}`]: { exact: 'staff' } })],
      [...objects, route({ [`@request.auth.claims.${before}`]: after })],
    )
  const { differences, unknown } = compareRoutes('group', { prefix: 'staff' })
  assert.equal(unknown, [])
  assert.equal(
    differences.map(({ regions }) => regions[0]!.find(({ part }) => part === 'claim group')?.says),
    ['staff* except staff'],
  )
  assert.equal(listReasons(compareRoutes('group', {})), ['presence-of-claim'])
})

changes('a principal of a trust domain matches its aliases if it is written in full', () => {
  const objects = [service('web', 'web', http), workload('web', 'web')]
  const alias = { trustDomainAliases: ['old.example'] }
  const opened = (principal: string) =>
    stated(
      compare(
        getModel([...objects, allowing({ principals: ['cluster.local/ns/shop/sa/cart'] })], alias),
        getModel([...objects, allowing({ principals: ['cluster.local/ns/shop/sa/cart', principal] })], alias),
      ),
    ).map(words => words.split(':')[0])
  assert.equal(opened('cluster.local/ns/batch/sa/nightly'), [
    'opened for batch/nightly (no workload here), old.example/ns/batch/sa/nightly (no workload here)',
  ])
  assert.equal(opened('cluster.local/ns/batch/*'), ['opened for anyone else (cluster.local/ns/batch/*)'])
})

/** The headers of proxies. Each engine and the reader of routes has its own list of these headers. */
const headersOfProxies = [
  'connection',
  'keep-alive',
  'proxy-connection',
  'transfer-encoding',
  'upgrade',
  'x-envoy-attempt-count',
  'x-forwarded-client-cert',
  'x-forwarded-for',
  'x-request-id',
]

changes('a route on a header that proxies write is not known', () => {
  const objects = [service('shop', 'cart', http), workload('shop', 'cart'), workload('web', 'web')]
  const routed = (header: string) =>
    object('VirtualService', 'shop', 'cart', {
      hosts: ['cart'],
      http: [{ match: [{ headers: { [header]: { exact: 'a' } } }], directResponse: { status: 418 } }],
    })
  const isUnknown = (header: string) =>
    listReasons(compared(objects, [...objects, routed(header)])).includes('header-set-by-proxies')
  for (const header of headersOfProxies) assert.ok(isUnknown(header), header)
  assert.not.ok(isUnknown('x-forwarded-host'))
})

changes('a policy on a header that proxies write is not known, nor one on a value that they make', () => {
  const routed = object('VirtualService', 'shop', 'cart', {
    hosts: ['cart'],
    http: [
      {
        headers: { request: { set: { 'x-client': '%DOWNSTREAM_REMOTE_ADDRESS%', 'x-written': 'here' } } },
        route: [{ destination: { host: 'cart' } }],
      },
    ],
  })
  const objects = [service('shop', 'cart', http), workload('shop', 'cart'), workload('web', 'web'), routed]
  const refused = (header: string, value: string) => {
    const rules = [{ when: [{ key: `request.headers[${header}]`, values: [value] }] }]
    const after = [...objects, object('AuthorizationPolicy', 'shop', 'cart', { action: 'DENY', rules })]
    const { verdict } = evaluate(getModel(after), {
      from: { namespace: 'web', serviceAccount: 'web' },
      to: { host: 'cart.shop', port: 80 },
    })
    return [verdict, ...listReasons(compared(objects, after))]
  }
  for (const header of headersOfProxies)
    assert.equal(refused(header, 'a'), ['UNKNOWN', 'header-set-by-proxies'], header)
  assert.equal(refused('x-forwarded-host', 'a'), ['ALLOW'])
  assert.equal(refused('x-client', '10.0.0.1:80'), ['UNKNOWN', 'header-with-computed-value'])
  assert.equal(refused('x-written', 'here'), ['DENY'])
})

changes('calls of a pod to its own address differ from calls of its neighbours', () => {
  const bytes = { name: 'tcp', port: 5432, targetPort: 5432 }
  const database = object('Service', 'shop', 'database', {
    selector: { app: 'database' },
    ports: [bytes],
    clusterIP: 'None',
  })
  const objects = [database, workload('shop', 'cart'), workload('shop', 'database')]
  const deny = object('AuthorizationPolicy', 'shop', 'database', {
    selector: { matchLabels: { app: 'database' } },
    action: 'ALLOW',
  })
  const comparison = compared(objects, [...objects, deny])
  assert.ok(listReasons(comparison).includes('headless-pod-calling-itself'))
  assert.ok(stated(comparison).some(words => words.includes('shop/cart')))
})

changes(
  'a headless Service of the same pods takes the connections of another, if its protocol is detected',
  () => {
    const headless = (name: string, app: string, port: object) =>
      object('Service', 'shop', name, { clusterIP: 'None', selector: { app }, ports: [port] })
    const detected = { name: 'web', port: 80, targetPort: 8080 }
    const objects = [
      headless('stock', 'stock', http),
      headless('reviews', 'reviews', detected),
      workload('shop', 'stock'),
      workload('shop', 'reviews'),
      workload('web', 'web'),
    ]
    const after = objects.with(1, headless('reviews', 'stock', detected))
    const listClusters = (side: typeof objects) =>
      evaluate(getModel(side), {
        from: { namespace: 'web', serviceAccount: 'web' },
        to: { host: 'stock.shop.svc.cluster.local', port: 80 },
      }).outcomes.map(({ cluster }) => cluster)
    assert.equal([objects, after].map(listClusters), [
      ['outbound|80||stock.shop.svc.cluster.local'],
      ['outbound|80||reviews.shop.svc.cluster.local'],
    ])
    assert.ok(
      compared(objects, after).unknown.some(
        ({ destinations, because }) =>
          destinations.some(({ host }) => host.startsWith('stock.')) &&
          because.some(({ reason }) => reason?.code === 'headless-pod-of-two-services'),
      ),
    )
  },
)

changes('a Service sets the protocol of a port of its pods, also for callers of another Service', () => {
  const objects = [
    service('shop', 'ledger', { name: 'web', port: 80, targetPort: 8080 }),
    workload('shop', 'ledger'),
    workload('web', 'web'),
  ]
  const second = object('Service', 'shop', 'books', { selector: { app: 'ledger' }, ports: [http] })
  const { unknown } = compared(objects, [...objects, second])
  const unknownParts = unknown.filter(({ destinations }) =>
    destinations.some(({ host }) => host.startsWith('ledger.')),
  )
  assert.equal(
    unknownParts.map(({ because }) => because.map(({ reason }) => reason?.code)),
    [['non-http-bytes-on-http-port']],
  )
  assert.ok(unknownParts[0]!.callers.some(caller => caller.kind === 'workload' && caller.name === 'web'))
})

changes('a caller of one side has a sidecar on the other side if its namespace has injection there', () => {
  const namespace = (injection: string) => ({
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: 'web', labels: { 'istio-injection': injection } },
  })
  const objects = [
    service('shop', 'shop', http),
    workload('shop', 'shop'),
    object('PeerAuthentication', 'shop', 'default', { mtls: { mode: 'STRICT' } }),
  ]
  const web = workload('web', 'web')
  const enabled = [...objects, namespace('enabled')]
  const disabled = [...objects, namespace('disabled')]
  const ofWeb = (comparison: Comparison) => stated(comparison).filter(words => words.includes('web/web'))
  assert.equal(ofWeb(compared([...disabled, web], enabled)).length, 1)
  assert.match(ofWeb(compared([...disabled, web], enabled))[0]!, /^opened /)
  assert.match(ofWeb(compared([...enabled, web], disabled))[0]!, /^closed /)
  const refusing = structuredClone(web) as typeof web & {
    spec: { template: { metadata: { annotations?: object } } }
  }
  refusing.spec.template.metadata.annotations = { 'sidecar.istio.io/inject': 'false' }
  assert.equal(ofWeb(compared([...enabled, refusing], enabled)), [])
  const asking = workload('web', 'web', 'Deployment', { 'sidecar.istio.io/inject': 'true' })
  assert.equal(ofWeb(compared([...disabled, asking], disabled)), [])
})

changes('a label or a header that is called as a part of the model is compared like others', () => {
  for (const name of ['source', 'object']) {
    const objects = (value: string) => [
      service('shop', 'shop', http),
      workload('shop', 'shop', 'Deployment', { [name]: value }),
      workload('web', 'web'),
      object('AuthorizationPolicy', 'shop', 'nobody', { selector: { matchLabels: { [name]: 'closed' } } }),
      object('VirtualService', 'shop', 'shop', {
        hosts: ['shop.shop.svc.cluster.local'],
        http: [
          {
            match: [{ headers: { [name]: { exact: value } } }],
            directResponse: { status: 503 },
          },
          { route: [{ destination: { host: 'shop.shop.svc.cluster.local' } }] },
        ],
      }),
    ]
    assert.ok(stated(compared(objects('open'), objects('closed'))).some(words => words.startsWith('closed ')))
    assert.ok(stated(compared(objects('closed'), objects('open'))).some(words => words.startsWith('opened ')))
  }
})

changes(
  'bytes to a host that no proxy knows any more go to the service that listens on every address',
  () => {
    const open = object('ServiceEntry', 'shop', 'nothing', {
      hosts: ['nothing.example'],
      ports: [{ name: 'tcp', number: 5432, protocol: 'TCP' }],
      resolution: 'STATIC',
    })
    const ledger = service('shop', 'ledger', { name: 'tcp', port: 5432 })
    const objects = [workload('shop', 'ledger'), workload('web', 'web', 'Deployment', injected), open]
    const words = stated(compared([...objects, ledger], objects))
    assert.ok(
      words.some(each => /^closed for .*\bweb:/.test(each)),
      words.join('\n'),
    )
  },
)

changes('of two TCP servers on one port of a gateway, the first hides the second', () => {
  const bytes = (name: string) =>
    object('Gateway', 'ingress', name, {
      selector: { app: 'public' },
      servers: [{ port: { number: 31400, name: 'tcp', protocol: 'TCP' }, hosts: ['*'] }],
    })
  const gateway = workload('ingress', 'public')
  const objects = [
    service('ingress', 'public', { name: 'tcp', port: 31400 }),
    service('shop', 'ledger', { name: 'tcp', port: 5432 }),
    workload('shop', 'ledger'),
    {
      ...gateway,
      spec: {
        ...gateway.spec,
        template: {
          metadata: { labels: { app: 'public' }, annotations: { 'inject.istio.io/templates': 'gateway' } },
          spec: { serviceAccountName: 'public', containers: [{ name: 'istio-proxy' }] },
        },
      },
    },
    bytes('second'),
    object('VirtualService', 'shop', 'ledger', {
      hosts: ['*'],
      gateways: ['ingress/second'],
      tcp: [{ route: [{ destination: { host: 'ledger', port: { number: 5432 } } }] }],
    }),
  ]
  const words = stated(compared(objects, [bytes('first'), ...objects]))
  assert.is(words.length, 2)
  assert.match(words[0]!, /^closed for anyone outside \(tcp, public\)/)
  assert.match(words[1]!, /^closed for shop\/ledger, anyone else/)
})

changes('a gateway that knows addresses alone is proved for callers of any address', () => {
  const gateway = workload('ingress', 'public')
  const objects = (timeout: string) => [
    service('ingress', 'public', http),
    service('shop', 'shop', http),
    workload('shop', 'shop'),
    workload('web', 'web'),
    {
      ...gateway,
      spec: {
        ...gateway.spec,
        template: {
          metadata: { labels: { app: 'public' }, annotations: { 'inject.istio.io/templates': 'gateway' } },
          spec: { serviceAccountName: 'public', containers: [{ name: 'istio-proxy' }] },
        },
      },
    },
    object('Gateway', 'ingress', 'public', {
      selector: { app: 'public' },
      servers: [{ port: { number: 80, name: 'http', protocol: 'HTTP' }, hosts: ['*'] }],
    }),
    object('AuthorizationPolicy', 'ingress', 'office', {
      action: 'DENY',
      selector: { matchLabels: { app: 'public' } },
      rules: [{ from: [{ source: { notIpBlocks: ['10.0.0.0/8'] } }] }],
    }),
    object('VirtualService', 'shop', 'shop', {
      hosts: ['*'],
      gateways: ['ingress/public'],
      http: [{ timeout, route: [{ destination: { host: 'shop', port: { number: 80 } } }] }],
    }),
  ]
  const comparison = compared(objects('1s'), objects('2s'))
  assert.equal(listReasons(comparison), [])
  assert.is(comparison.differences.length, 1)
})

changes('a change names the listeners of a Sidecar at its workload', () => {
  const objects = (ingress: object | undefined) => [
    service('shop', 'cart', http),
    workload('shop', 'cart'),
    workload('web', 'web'),
    object('AuthorizationPolicy', 'shop', 'cart', {
      action: 'DENY',
      rules: [{ to: [{ operation: { paths: ['/admin'] } }] }],
    }),
    ...(ingress === undefined ? [] : [object('Sidecar', 'shop', 'cart', { ingress: [ingress] })]),
  ]
  const reported = (ingress: object) => compared(objects(undefined), objects(ingress))
  const atCart = { port: { number: 8080, protocol: 'TCP' } }
  // A rule by path denies all connections without HTTP.
  assert.ok(stated(reported(atCart)).some(words => words.startsWith('closed ') && words.includes('web/web')))
  const elsewhere = reported({ port: { number: 9090, protocol: 'TCP' } })
  assert.equal([elsewhere.differences, elsewhere.unknown], [[], []])
  assert.equal(listReasons(reported({ ...atCart, captureMode: 'NONE' })), ['bound-listener'])
})

changes('an object has no effect if istiod no longer selects its namespace', () => {
  const discoverySelectors = [
    { matchExpressions: [{ key: 'mesh', operator: 'Exists' }] },
    { matchLabels: { 'kubernetes.io/metadata.name': 'web' } },
  ]
  const objects = (labels: object) => [
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop', labels } },
    service('shop', 'cart', http),
    workload('shop', 'cart'),
    workload('web', 'web'),
    object('AuthorizationPolicy', 'shop', 'nobody', {}),
    object('Gateway', 'shop', 'public', {
      selector: { istio: 'public' },
      servers: [{ port: { number: 80, name: 'http', protocol: 'HTTP' }, hosts: ['*'] }],
    }),
    workload('shop', 'public', 'Deployment', { istio: 'public' }),
  ]
  const injected = { 'istio-injection': 'enabled' }
  const comparison = compare(
    getModel(objects({ ...injected, mesh: 'ours' }), { discoverySelectors }),
    getModel(objects(injected), { discoverySelectors }),
  )
  assert.equal(comparison.defects, [])
  assert.ok(stated(comparison).some(words => words.startsWith('opened ') && words.includes('cart.shop')))
  assert.ok(listReasons(comparison).includes('gateway-in-undiscovered-namespace'))
})

const listMeshes = (name: string): readonly Aged[] =>
  // Each object in the folder of a mesh has metadata.
  listObjects(corpus.find(mesh => mesh.name === name)!).map(({ value }) => value as Aged)

interface Aged {
  readonly kind: string
  readonly metadata: { readonly name: string; readonly creationTimestamp: string }
}

/** Returns the objects of a mesh. The objects of some kinds get other creation times. */
const aged = (
  objects: readonly Aged[],
  isMeant: (kind: string) => boolean,
  timeOf: (time: number) => number,
): readonly Aged[] =>
  objects.map(each => {
    if (!isMeant(each.kind)) return each
    const time = new Date(timeOf(Date.parse(each.metadata.creationTimestamp)))
    return { ...each, metadata: { ...each.metadata, creationTimestamp: time.toISOString() } }
  })

for (const [mesh, kinds] of Object.entries({
  'ages-of-routes': ['Gateway', 'VirtualService', 'DestinationRule'],
  'ages-of-policies': ['PeerAuthentication', 'Sidecar'],
  'ages-of-services': ['Service', 'ServiceEntry'],
})) {
  changes(`nothing changes in ${mesh} where all objects are older by the same time`, () => {
    const objects = listMeshes(mesh)
    const now = aged(
      objects,
      () => true,
      time => time - 3_600_000,
    )
    const { differences, unknown } = compared(objects, now)
    assert.equal([differences, unknown], [[], []])
  })
  for (const kind of kinds)
    changes(`objects of kind ${kind} that have passed others of ${mesh} count before them`, () => {
      const objects = listMeshes(mesh)
      const now = aged(
        objects,
        self => self === kind,
        time => -time,
      )
      assert.ok(compared(objects, now).differences.length > 0)
    })
}

const tokenIssuer = 'https://login.example.com'
const getTokens = (rule: object) =>
  object('RequestAuthentication', 'shop', 'shop', {
    selector: { matchLabels: { app: 'shop' } },
    jwtRules: [{ issuer: tokenIssuer, jwksUri: `${tokenIssuer}/keys`, ...rule }],
  })
const demanding = (...when: readonly object[]) =>
  object('AuthorizationPolicy', 'shop', 'shop', {
    selector: { matchLabels: { app: 'shop' } },
    rules: [{ when }],
  })
const shop = [service('shop', 'shop', http), workload('shop', 'shop'), workload('web', 'web')]

changes('a token in a cookie is a token', () => {
  const inCookie = getTokens({ fromCookies: ['session'] })
  const policy = demanding({ key: 'request.auth.principal', values: ['*'] })
  const opened = compared([...shop, policy], [...shop, policy, inCookie]).differences.filter(
    ({ change }) => change === 'opened',
  )
  assert.ok(opened.some(({ witness }) => witness.after.request.jwt?.cookie === 'session'))
  const removed = compared([...shop, inCookie], shop).differences
  assert.ok(removed.some(({ witness }) => witness.before.result.outcomes[0]?.status === 401))
})

changes('a header that a proxy makes of a token has the value of the token, for every sender', () => {
  const policy = demanding({ key: 'request.headers[x-user]', values: ['ann'] })
  const made = getTokens({ outputClaimToHeaders: [{ header: 'x-user', claim: 'sub' }] })
  const { differences, unknown } = compared([...shop, policy, getTokens({})], [...shop, policy, made])
  assert.equal(unknown, [])
  const differing = (change: string) => differences.filter(difference => difference.change === change)
  assert.ok(
    differing('opened').every(
      ({
        witness: {
          after: { request },
        },
      }) => request.jwt?.sub === 'ann',
    ),
  )
  assert.ok(differing('opened').length > 0)
  assert.ok(
    differing('closed').some(
      ({
        witness: {
          after: { request },
        },
      }) => request.headers?.['x-user'] === 'ann',
    ),
  )
  // The token is accepted, but lacks the claim. A value that the client sends has no effect.
  const others = demanding(
    { key: 'request.headers[x-user]', values: ['ann'] },
    { key: 'request.auth.claims[sub]', notValues: ['ann'] },
  )
  const comparison = compared(
    [...shop, others, made],
    [...shop, demanding({ key: 'source.ip', values: ['0.0.0.0/32'] }), made],
  )
  assert.equal(
    stated(comparison).filter(words => !words.startsWith('unchanged')),
    [],
  )
})

changes('hosts in upper case match services in lower case, and a socket of a gateway is no port', () => {
  const base = [service('shop', 'cart', http), workload('shop', 'cart'), workload('web', 'web')]
  for (const host of ['Cart', 'Cart.Shop.svc.cluster.local']) {
    const rule = { hosts: [host], http: [{ directResponse: { status: 410 } }] }
    const { differences } = compared(base, [...base, object('VirtualService', 'shop', 'cart', rule)])
    assert.ok(differences.length > 0, host)
  }
  const gateway = object('Deployment', 'edge', 'front', {
    template: {
      metadata: { labels: { app: 'front' }, annotations: { 'inject.istio.io/templates': 'gateway' } },
      spec: { containers: [{ name: 'istio-proxy' }] },
    },
  })
  const server = {
    port: { number: 0, name: 'http', protocol: 'HTTP' },
    bind: 'unix:///run/front',
    hosts: ['*'],
  }
  const socket = object('Gateway', 'edge', 'front', { selector: { app: 'front' }, servers: [server] })
  assert.equal(compared([...base, gateway], [...base, gateway, socket]).differences, [])
  const mail = { hosts: ['Mail.example.com'], ports: [{ number: 80, name: 'http', protocol: 'HTTP' }] }
  const entry = compared(base, [...base, object('ServiceEntry', 'shop', 'mail', mail)])
  assert.ok(listReasons(entry).includes('upper-case-host'))
})

changes('a request names the gateway that has just its labels, though another has more', () => {
  const pod = (name: string, labels: object) =>
    object('Deployment', 'edge', name, {
      template: {
        metadata: { labels, annotations: { 'inject.istio.io/templates': 'gateway' } },
        spec: { serviceAccountName: name, containers: [{ name: 'istio-proxy' }] },
      },
    })
  const model = getModel([
    pod('first', { istio: 'public', release: 'first' }),
    pod('second', { istio: 'public' }),
    service('edge', 'public', http),
  ])
  const getClient = (labels: Readonly<Record<string, string>>) =>
    evaluate(model, {
      from: { gateway: { namespace: 'edge', labels } },
      to: { host: 'shop.example.com', port: 80 },
    }).client
  assert.is(getClient({ istio: 'public' }), 'edge/second')
  assert.is(getClient({ istio: 'public', release: 'first' }), 'edge/first')
  assert.is(getClient({ release: 'first' }), 'edge/first')
})

changes('a server that passes TLS on without a rule leaves its name to the wildcard of another', () => {
  const mesh = listMeshes('gateway-servers')
  const passthrough = object('Gateway', 'istio-ingress', 'more', {
    selector: { istio: 'public' },
    servers: [
      {
        port: { number: 443, name: 'tls', protocol: 'TLS' },
        hosts: ['shop.example.com'],
        tls: { mode: 'PASSTHROUGH' },
      },
    ],
  })
  const after = [
    passthrough,
    ...mesh.filter(({ kind, metadata }) => kind !== 'Gateway' || metadata.name !== 'more'),
  ]
  const comparison = compared(mesh, after)
  assert.ok(comparison.differences.length > 0)
  // Envoy serves the request at `https-wild`: an earlier server already has the host, so the server of that
  // name is left out.
  const request = {
    from: { gateway: { namespace: 'istio-ingress', labels: { istio: 'public' } }, scheme: 'https' as const },
    to: { host: 'shop.example.com', port: 443 },
    path: '/tls',
  }
  assert.is(evaluate(getModel(after), request).verdict, 'DIRECT_RESPONSE')
})

/** The proxies of a gateway with a service account of their own, and the Gateway with its only route. */
const publicProxies = (account: string) =>
  object('Deployment', 'edge', account, {
    template: {
      metadata: { labels: { istio: 'public' }, annotations: { 'inject.istio.io/templates': 'gateway' } },
      spec: { serviceAccountName: account },
    },
  })
const cartBehind = (host: string) => [
  publicProxies('public'),
  service('edge', 'cart', http),
  workload('edge', 'cart', 'Deployment', injected),
  object('Gateway', 'edge', 'public', {
    selector: { istio: 'public' },
    servers: [{ port: { number: 80, name: 'http', protocol: 'HTTP' }, hosts: [host] }],
  }),
  object('VirtualService', 'edge', 'cart', {
    hosts: [host],
    gateways: ['public'],
    http: [{ route: [{ destination: { host: 'cart' } }] }],
  }),
]

changes('a gateway with the labels of another gateway is unknown, as no request tells which it means', () => {
  const policy = object('AuthorizationPolicy', 'edge', 'cart', {
    selector: { matchLabels: { app: 'cart' } },
    rules: [{ from: [{ source: { principals: ['cluster.local/ns/edge/sa/public'] } }] }],
  })
  const before = [...cartBehind('shop.example.com'), policy]
  const comparison = compared(before, [...before, publicProxies('canary')])
  assert.ok(listReasons(comparison).includes('indistinguishable-caller'))
})

changes('hosts of gateways in upper case are hosts of requests in lower case', () => {
  const { differences, unknown } = compared(cartBehind('shop.example.com'), cartBehind('Shop.Example.com'))
  assert.equal([differences, unknown], [[], []])
})

changes.run()
