import type { Draw } from './draw.ts'
import { type Json, type KubernetesObject, object } from './kubernetes-object.ts'
import { drawHeaderCondition, drawPolicyPath, issuers, methods } from './patterns.ts'
import { type DrawnService, namespaces, pod, rootNamespace } from './workloads.ts'

const modes = ['STRICT', 'STRICT', 'PERMISSIVE', 'DISABLE', 'UNSET'] as const

/** Draws PeerAuthentications of the mesh, of namespaces and of workloads. */
export function drawPeerAuthentications(
  draw: Draw,
  services: readonly DrawnService[],
): readonly KubernetesObject[] {
  const mtls = () => ({ mtls: { mode: draw.pick(modes) } })
  return [
    ...(draw.percent(40) ? [object('PeerAuthentication', rootNamespace, 'default', mtls())] : []),
    ...draw
      .some(namespaces, 0, 2)
      .map(namespace => object('PeerAuthentication', namespace, 'default', mtls())),
    ...draw.some(services, 0, 2).map(({ name, namespace, ports }) =>
      object('PeerAuthentication', namespace, name, {
        selector: { matchLabels: { app: name } },
        ...mtls(),
        ...draw.maybe(50, 'portLevelMtls', () => ({
          [workloadPort(draw.pick(ports).targetPort)]: { mode: draw.pick(modes) },
        })),
      }),
    ),
  ]
}

const workloadPort = (targetPort: number | string): number =>
  typeof targetPort === 'number' ? targetPort : 8080

/** Draws the RequestAuthentications of services: the places of tokens, and their issuers. */
export function drawRequestAuthentications(
  draw: Draw,
  services: readonly DrawnService[],
): readonly KubernetesObject[] {
  const places = [
    ...draw
      .some(services, 0, 3)
      .map(({ name, namespace }) => ({ name, namespace, selector: { matchLabels: { app: name } } })),
    ...(draw.percent(25)
      ? [{ name: 'public', namespace: 'istio-ingress', selector: { matchLabels: { istio: 'public' } } }]
      : []),
    ...(draw.percent(15)
      ? [{ name: 'all', namespace: draw.pick([rootNamespace, ...namespaces]), selector: undefined }]
      : []),
  ]
  return places.map(({ name, namespace, selector }) =>
    object('RequestAuthentication', namespace, name, {
      ...(selector && { selector }),
      jwtRules: draw.some(issuers, 1, 2).map(issuer => ({
        issuer,
        jwksUri: `${issuer}/jwks.json`,
        ...draw.maybe(35, 'audiences', () => draw.some(['shop', 'admin'], 1, 2)),
        ...draw.maybe(20, 'fromHeaders', () => [
          { name: 'x-token', ...draw.maybe(40, 'prefix', () => 'Token ') },
        ]),
        ...draw.maybe(10, 'fromParams', () => ['token']),
        ...draw.maybe(70, 'forwardOriginalToken', () => true),
      })),
    }),
  )
}

export const extensionProvider = {
  name: 'gatekeeper',
  envoyExtAuthzGrpc: { service: 'gatekeeper.istio-system.svc.cluster.local', port: 9000 },
} as const

/** The Service that the provider names. */
export const gatekeeper: readonly KubernetesObject[] = [
  object('Service', rootNamespace, 'gatekeeper', {
    selector: { app: 'gatekeeper' },
    ports: [{ name: 'grpc', port: 9000, targetPort: 9000 }],
  }),
  pod(rootNamespace, 'gatekeeper', { app: 'gatekeeper' }, { containers: [{ name: 'app' }] }, 201),
]

/**
 * Draws policies of workloads, namespaces, the mesh and the gateway. They name addresses only if these are
 * known.
 */
export function drawAuthorizationPolicies(
  draw: Draw,
  services: readonly DrawnService[],
  haveAddresses: boolean,
): readonly KubernetesObject[] {
  const policies = draw.times(1, Math.max(2, services.length), index =>
    authorizationPolicy(draw, services, index, haveAddresses),
  )
  return draw.percent(15)
    ? [...policies, object('AuthorizationPolicy', draw.pick([...namespaces, rootNamespace]), 'nothing', {})]
    : policies
}

function authorizationPolicy(
  draw: Draw,
  services: readonly DrawnService[],
  index: number,
  haveAddresses: boolean,
): KubernetesObject {
  const service = draw.pick(services)
  const action = draw.pick(['ALLOW', 'ALLOW', 'ALLOW', 'DENY', 'DENY', 'CUSTOM', 'AUDIT'] as const)
  const place = draw.percent(75)
    ? service.namespace
    : draw.pick([rootNamespace, service.namespace, 'istio-ingress'])
  const selector =
    place === 'istio-ingress'
      ? { istio: 'public' }
      : { app: service.name, ...draw.maybe(10, 'version', () => 'v1') }
  return object('AuthorizationPolicy', place, `${service.name}-${index}`, {
    ...(place === 'istio-ingress' || draw.percent(80) ? { selector: { matchLabels: selector } } : {}),
    ...(action === 'ALLOW' && draw.percent(50) ? {} : { action }),
    ...(action === 'CUSTOM' && { provider: { name: draw.percent(90) ? extensionProvider.name : 'nobody' } }),
    rules: draw.percent(5)
      ? [{}]
      : draw.times(1, 2, () =>
          rule(draw, services, service, action, haveAddresses || place === 'istio-ingress'),
        ),
  })
}

function rule(
  draw: Draw,
  services: readonly DrawnService[],
  service: DrawnService,
  action: string,
  haveAddresses: boolean,
): Json {
  const isCustom = action === 'CUSTOM'
  const fields = {
    ...draw.maybe(!isCustom ? 60 : haveAddresses ? 15 : 0, 'from', () =>
      draw.times(1, 2, () => ({ source: source(draw, services, isCustom, haveAddresses) })),
    ),
    ...draw.maybe(65, 'to', () => draw.times(1, 2, () => ({ operation: operation(draw, service) }))),
    ...draw.maybe(25, 'when', () =>
      draw.times(1, 2, () => condition(draw, services, service, isCustom, haveAddresses)),
    ),
  }
  return Object.keys(fields).length === 0 ? { to: [{ operation: { paths: ['/*'] } }] } : fields
}

function source(
  draw: Draw,
  services: readonly DrawnService[],
  isCustom: boolean,
  haveAddresses: boolean,
): Json {
  const addresses = () => [draw.pick(['10.245.0.0/28', '203.0.113.0/24', '10.245.0.2', '203.0.113.10'])]
  const field = isCustom
    ? draw.pick(['ipBlocks', 'notIpBlocks', 'remoteIpBlocks'] as const)
    : draw.pick([
        'principals',
        'principals',
        'principals',
        'notPrincipals',
        'namespaces',
        'namespaces',
        'notNamespaces',
        'requestPrincipals',
        'requestPrincipals',
        'notRequestPrincipals',
        'serviceAccounts',
        'trustDomains',
        ...(haveAddresses ? (['ipBlocks', 'notIpBlocks', 'remoteIpBlocks'] as const) : []),
      ] as const)
  switch (field) {
    case 'principals':
    case 'notPrincipals':
      return {
        [field]: draw.times(1, 2, () => principal(draw, services)),
        ...draw.maybe(haveAddresses ? 10 : 0, 'ipBlocks', addresses),
      }
    case 'namespaces':
    case 'notNamespaces':
      return {
        [field]: draw.times(1, 2, () =>
          draw.pick([...namespaces, 'istio-ingress', 'batch', 'sh*', 's*p', '*']),
        ),
      }
    case 'requestPrincipals':
    case 'notRequestPrincipals':
      return { [field]: [draw.pick(['*', `${issuers[0]}/*`, `${issuers[0]}/ann`, '*/ann'])] }
    case 'serviceAccounts': {
      const { namespace, serviceAccount } = draw.pick(services)
      if (draw.percent(15)) return { serviceAccounts: [draw.pick(['batch/nightly', 'nightly'])] }
      return { serviceAccounts: [draw.percent(70) ? `${namespace}/${serviceAccount}` : serviceAccount] }
    }
    case 'trustDomains':
      return { trustDomains: [draw.pick(['cluster.local', 'elsewhere.example', 'cluster*'])] }
    default:
      return { [field]: addresses() }
  }
}

function principal(draw: Draw, services: readonly DrawnService[]): string {
  if (draw.percent(12)) return '*'
  if (draw.percent(15)) return 'cluster.local/ns/istio-ingress/sa/public'
  if (draw.percent(15))
    return draw.pick([
      'cluster.local/ns/batch/sa/nightly',
      'cluster.local/ns/batch/*',
      '*/sa/nightly',
      'cluster.local/ns/web/sa/nightly',
      'elsewhere.example/ns/batch/sa/nightly',
    ])
  const { namespace, serviceAccount } = draw.pick(services)
  return draw.pick([
    `cluster.local/ns/${namespace}/sa/${serviceAccount}`,
    `cluster.local/ns/${namespace}/sa/${serviceAccount}`,
    `cluster.local/ns/${namespace}/*`,
    `*/sa/${serviceAccount}`,
  ])
}

function operation(draw: Draw, { name, namespace, host, ports }: DrawnService): Json {
  const paths = () => draw.times(1, 2, () => drawPolicyPath(draw))
  const fields = {
    ...draw.maybe(50, 'paths', paths),
    ...draw.maybe(10, 'notPaths', paths),
    ...draw.maybe(35, 'methods', () => draw.some(methods, 1, 2)),
    ...draw.maybe(8, 'notMethods', () => draw.some(methods, 1, 2)),
    ...draw.maybe(10, 'hosts', () => [
      draw.pick([host, `${host}:*`, `${name}*`, `*.${namespace}.svc.cluster.local`, '*.example.com']),
    ]),
    ...draw.maybe(5, 'notHosts', () => [draw.pick([host, `${name}*`])]),
    ...draw.maybe(25, 'ports', () => [String(workloadPort(draw.pick(ports).targetPort))]),
    ...draw.maybe(5, 'notPorts', () => ['8080']),
  }
  return Object.keys(fields).length === 0 ? { methods: ['GET'] } : fields
}

function condition(
  draw: Draw,
  services: readonly DrawnService[],
  { host }: DrawnService,
  isCustom: boolean,
  haveAddresses: boolean,
): Json {
  const addressed = haveAddresses ? (['source.ip', 'remote.ip'] as const) : []
  const values = (...list: readonly string[]) => ({ [draw.percent(80) ? 'values' : 'notValues']: list })
  const key = isCustom
    ? draw.pick(['header', 'header', 'destination.port', ...addressed] as const)
    : draw.pick([
        'header',
        'header',
        'source.namespace',
        'source.principal',
        'request.auth.claims[group]',
        'request.auth.audiences',
        'request.auth.principal',
        'request.auth.claims[realm][role]',
        'request.auth.presenter',
        'destination.port',
        'connection.sni',
        ...addressed,
      ] as const)
  switch (key) {
    case 'header': {
      const { name, values: list } = drawHeaderCondition(draw)
      return { key: `request.headers[${name}]`, ...values(...list) }
    }
    case 'source.namespace':
      return { key, ...values(draw.pick([...namespaces, 'sh*'])) }
    case 'source.principal':
      return { key, ...values(principal(draw, services)) }
    case 'request.auth.claims[group]':
      return { key, ...values(draw.pick(['staff', 'admin', 'st*'])) }
    case 'request.auth.claims[realm][role]':
      return { key, ...values(draw.pick(['staff', '*'])) }
    case 'request.auth.audiences':
      return { key, ...values(draw.pick(['shop', 'admin'])) }
    case 'request.auth.principal':
      return { key, ...values(draw.pick([`${issuers[0]}/ann`, '*'])) }
    case 'request.auth.presenter':
      return { key, ...values('app-1') }
    case 'destination.port':
      return { key, ...values(draw.pick(['8080', '9090', '5432'])) }
    case 'connection.sni':
      return { key, ...values(draw.pick([`*.${host}`, '*.example.com'])) }
    default:
      return { key, ...values(draw.pick(['10.245.0.0/28', '203.0.113.0/24'])) }
  }
}
