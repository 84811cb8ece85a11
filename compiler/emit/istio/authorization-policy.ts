import type {
  AuthorizationPolicySpec,
  Condition,
  Operation,
  Rule,
  Source,
} from '../../../schema/generated/authorization-policy.ts'
import { makeClaimKey } from '../../mesh/claim-key.ts'
import { findBypass } from '../../mesh/direct-ports.ts'
import { listPassing } from '../../mesh/exit.ts'
import { listServedHosts, withoutCovered } from '../../mesh/gateway-hosts.ts'
import { listListeners } from '../../mesh/gateway-listeners.ts'
import type {
  Allow,
  AskedRequests,
  Authorize,
  Caller,
  Deny,
  Gateway,
  Jwt,
  Mesh,
  Namespace,
  Service,
  SharedMesh,
  StringMatch,
  TcpListener,
} from '../../mesh/mesh.ts'
import { isHttp } from '../../mesh/port.ts'
import { listRequestConditions } from '../../mesh/request-conditions.ts'
import { listRequiredIssuers } from '../../mesh/required-token.ts'
import { listSharingReasons } from '../../mesh/same-pods.ts'
import { areSameProxies } from '../../mesh/same-proxies.ts'
import { because, decided, type Sourced, text } from '../../mesh/sourced.ts'
import { labelRecord, type Manifest, makeManifest } from '../manifest.ts'
import type { Bare, Sourceable } from '../sourceable.ts'

const denyPolicy = 'policy:deny-by-default'

/**
 * Emits an ALLOW policy without rules for every workload of the mesh: it denies every caller that the spec
 * does not declare.
 */
export const emitDenyByDefault = (mesh: Mesh): Manifest =>
  emitDeny(mesh, 'deny-by-default', mesh.istio.namespace)

/** Emits the same for every workload of a namespace. Service names have no dot, so the policy of a service has another name. */
export const emitNamespaceDeny = (mesh: Mesh, { name }: Namespace): Manifest =>
  emitDeny(mesh, 'namespace.deny-by-default', name)

function emitDeny(mesh: Mesh, name: string, namespace: Sourced<string>): Manifest {
  const identity = {
    name: decided(denyPolicy, name),
    namespace,
    policy: denyPolicy,
    isMeshWide: true,
    reasons: [mesh.access],
  } as const
  return makeManifest(mesh, 'AuthorizationPolicy', identity, because({}, mesh.access))
}

/**
 * Emits the policy for the callers of a service. A service without callers gets none: the policy of the mesh then denies every
 * request. In an open mesh, it gets a policy without rules. An open service there gets a policy only if its pods have a policy of
 * another service, which would deny its callers.
 */
export function emitServicePolicy(mesh: SharedMesh, service: Service): readonly Manifest[] {
  const isOpenMesh = mesh.access.value === 'open'
  // No policy applies to a port without a sidecar.
  const guarding = service.allow.filter(
    ({ ports }) => ports.length === 0 || !ports.every(({ port }) => findBypass(service, port) !== undefined),
  )
  if (isOpenMesh ? isUnguarded(service) : guarding.length === 0) return []
  const reasons = service.isOpen || guarding.length === 0 ? [mesh.access] : []
  const spec: Sourceable<AuthorizationPolicySpec> = {
    selector: { matchLabels: labelRecord(service.selector) },
    action: 'ALLOW',
    rules: guarding.length > 0 ? guarding.map(allow => rule(service, allow)) : undefined,
  }
  const policy = 'policy:mtls-identity'
  return [
    makeManifest(
      mesh,
      'AuthorizationPolicy',
      { name: service.name, namespace: service.namespace, policy, reasons },
      because(spec, ...reasons),
    ),
  ]
}

/** Tells whether every caller may send requests to the pods of a service. */
const isUnguarded = ({ isOpen, ports, samePods }: Service): boolean =>
  isOpen && (ports.length === 0 || samePods.every(service => service.isOpen))

/**
 * Emits the policy for the hosts of a gateway: the proxy of a gateway is a workload like any other, and denies by default. Gateways
 * with the same proxies have a policy each, and a request needs only one that allows it.
 */
export function emitGatewayPolicy(mesh: Mesh, gateway: Gateway): Manifest {
  const hosts = listServedHosts(gateway).flatMap(host => listComparedHosts(gateway, host))
  const rules: Sourceable<Rule>[] = [
    ...(hosts.length > 0 ? [{ to: [{ operation: { hosts } }] }] : []),
    ...listConnectionRules(gateway),
  ]
  const spec: Sourceable<AuthorizationPolicySpec> = {
    selector: { matchLabels: labelRecord(gateway.selector) },
    action: 'ALLOW',
    rules,
  }
  const name = gateway.name.map(value => `${value}.gateway`)
  return makeManifest(
    mesh,
    'AuthorizationPolicy',
    {
      name,
      namespace: gateway.workloadNamespace,
      policy: 'policy:gateway-server',
      reasons: [mesh.access],
    },
    because(spec, mesh.access),
  )
}

/**
 * Emits the policy of an egress gateway: each system lets its callers through, by the name that the mutual TLS of its doors asks
 * for. Where access is open, there is one only if a system names its callers.
 */
export function emitEgressPolicy(mesh: Mesh, gateway: Gateway): readonly Manifest[] {
  const passing = listPassing(mesh, gateway)
  if (mesh.access.value === 'open' && passing.every(({ isOpen }) => isOpen)) return []
  if (passing.length === 0) return []
  const spec: Sourceable<AuthorizationPolicySpec> = {
    selector: { matchLabels: labelRecord(gateway.selector) },
    action: 'ALLOW',
    rules: passing.flatMap(({ hosts, allow, through }) =>
      allow.map(({ from: caller }) => {
        const identity = findCallerIdentity(caller)
        const rule: Sourceable<Rule> = {
          from: identity && [{ source: identity }],
          when: [{ key: 'connection.sni', values: hosts }],
        }
        return because(rule, caller.origin, through.word)
      }),
    ),
  }
  const name = gateway.name.map(value => `${value}.gateway`)
  const reasons = [mesh.access, ...passing.map(({ through }) => through.word)]
  return [
    makeManifest(
      mesh,
      'AuthorizationPolicy',
      { name, namespace: gateway.workloadNamespace, policy: 'policy:egress-door', reasons },
      because(spec, ...reasons),
    ),
  ]
}

/** Lists rules for the connections that a gateway passes on: by the server name of TLS, and by the port of the pods. */
function listConnectionRules(gateway: Gateway): readonly Bare<Rule>[] {
  const { ports, conditions } = listOpaqueConnections(gateway)
  return [
    ...(conditions.length > 0 ? [{ when: conditions }] : []),
    ...(ports.length > 0 ? [{ to: [{ operation: { ports } }] }] : []),
  ]
}

const getListenerTarget = ({ target }: TcpListener): Sourced<string> => because(String(target.value), target)

/**
 * Lists the patterns of a host with each port that the Host header may have: a policy compares the whole header. A pattern has only
 * one wildcard, so the pattern of `*.example.com` names the ports, as istiod's routes do (`buildGatewayVirtualHostDomains`).
 */
function listComparedHosts(gateway: Gateway, host: Sourced<string>): readonly Sourced<string>[] {
  if (host.value === '*') return [host]
  if (!host.value.startsWith('*')) return [host, host.map(name => `${name}:*`)]
  // A listener of plain HTTP is there because of `http`.
  return [host, ...listListeners(gateway).map(({ number }) => because(text`${host}:${number}`, gateway.http))]
}

function rule(service: Service, allow: Allow): Sourceable<Rule> {
  const source = makeSource(service, allow)
  const { methods, paths } = allow
  const conditions = makeConditions(allow)
  const ports = portsOf(service, allow)
  const operation: Sourceable<Operation> = {
    ports: ports.length > 0 ? ports : undefined,
    methods: methods.length > 0 ? methods : undefined,
    paths: paths.length > 0 ? paths.map(path => path.map(pattern)) : undefined,
  }
  const isLimited = ports.length + methods.length + paths.length > 0
  const spec: Sourceable<Rule> = {
    from: source === undefined ? undefined : [{ source }],
    to: isLimited ? [{ operation }] : undefined,
    when: conditions.length > 0 ? conditions : undefined,
  }
  return because(spec, allow.from.origin)
}

/**
 * Emits the requests that a service refuses. Each rule names ports: on a port where Envoy sees no requests, Istio leaves out the
 * conditions on requests, so that a rule without ports would refuse every connection there (IST0133).
 */
export function emitServiceDenials(mesh: SharedMesh, service: Service): readonly Manifest[] {
  const { deny, name, namespace, selector, jwt } = service
  if (deny.length === 0) return []
  const rules = deny.map(denial => denyRule(denial, jwt, { ports: listDeniedPorts(service, denial) }))
  return [
    emitDenials(
      mesh,
      { name: name.map(value => `${value}.deny`), namespace, selector },
      rules,
      'policy:mtls-identity',
    ),
  ]
}

/**
 * Emits the denials of a gateway. The pod port of a request is unknown, so each rule is for every port except that of the health
 * checks, which no policy guards (IST0133). Proxies of others may serve hosts of others, to which these rules do not apply. For TLS
 * passthrough and TCP, Istio omits the conditions on requests, so a rule would deny every connection: a rule with such conditions
 * excludes these ports and server names.
 */
export function emitGatewayDenials(mesh: Mesh, gateway: Gateway): readonly Manifest[] {
  const { deny, name, workloadNamespace: namespace, selector, jwt, installation } = gateway
  if (deny.length === 0) return []
  const hosts =
    installation === undefined
      ? listServedHosts(gateway).flatMap(host => listComparedHosts(gateway, host))
      : undefined
  const health = decided('policy:gateway-server', '15021')
  const opaque = listOpaque(mesh, gateway)
  const rules = deny.flatMap(denial => {
    const isOfConnections = listRequestConditions(denial).length === 0
    if (hosts === undefined && isOfConnections) return [denyRule(denial, jwt, { notPorts: [health] })]
    const operation = { hosts, notPorts: [health, ...opaque.ports] }
    const ofRequests = denyRule(denial, jwt, operation, opaque.conditions)
    if (hosts === undefined || !isOfConnections) return [ofRequests]
    const { ports, conditions } = listOpaqueConnections(gateway)
    return [
      ...(hosts.length > 0 ? [ofRequests] : []),
      ...(ports.length > 0 ? [denyRule(denial, jwt, { ports })] : []),
      ...(conditions.length > 0 ? [denyRule(denial, jwt, {}, conditions)] : []),
    ]
  })
  const identity = { name: name.map(value => `${value}.gateway-deny`), namespace, selector }
  return [emitDenials(mesh, identity, rules, 'policy:gateway-server')]
}

/** The connections that proxies pass on: the ports of TCP, and the condition that the server name is not one of TLS. */
interface Opaque {
  readonly ports: readonly Sourced<string>[]
  readonly conditions: readonly Sourceable<Condition>[]
}

/** Lists the connections that the proxies of a gateway pass on, for this Gateway and for others with the same proxies. */
function listOpaque({ gateways }: Mesh, gateway: Gateway): Opaque {
  const same = gateways.filter(each => areSameProxies(each, gateway))
  const names = same.flatMap(({ passthrough }) => withoutCovered(passthrough))
  const distinct = [...new Map(names.map(name => [name.value, name])).values()]
  return {
    ports: same.flatMap(({ tcp }) => tcp.map(getListenerTarget)),
    conditions: distinct.length > 0 ? [{ key: 'connection.sni', notValues: distinct }] : [],
  }
}

/** Returns the connections that a gateway passes on: the ports of TCP, and the condition that the server name is one of TLS. */
const listOpaqueConnections = ({ passthrough, tcp }: Gateway): Opaque => ({
  ports: tcp.map(getListenerTarget),
  conditions: passthrough.length > 0 ? [{ key: 'connection.sni', values: withoutCovered(passthrough) }] : [],
})

function emitDenials(
  mesh: SharedMesh,
  { name, namespace, selector }: Pick<Service, 'name' | 'namespace' | 'selector'>,
  rules: readonly Sourceable<Rule>[],
  policy: 'policy:mtls-identity' | 'policy:gateway-server',
): Manifest {
  const spec = { selector: { matchLabels: labelRecord(selector) }, action: 'DENY', rules } as const
  return makeManifest(mesh, 'AuthorizationPolicy', { name, namespace, policy }, spec)
}

/**
 * Emits the requests of a service that its authorizer checks. Each rule names ports: on a port where Envoy sees no
 * requests, Istio leaves out the conditions on requests, so that a rule without ports would put every connection there to an
 * authorizer that speaks gRPC.
 */
export function emitServiceAsking(mesh: SharedMesh, service: Service): readonly Manifest[] {
  const { authorize, name, namespace, selector } = service
  if (authorize === undefined) return []
  const every = listHttpPorts(service)
  const rules =
    authorize.requests.length === 0
      ? [because({ to: [{ operation: { ports: every } }] }, authorize.origin)]
      : authorize.requests.map(requests =>
          askRule(requests, { ports: requests.ports.length > 0 ? listPortNumbers(requests.ports) : every }),
        )
  return [
    emitAsking(
      mesh,
      { name: name.map(value => `${value}.authorize`), namespace, selector },
      authorize,
      rules,
    ),
  ]
}

/** Emits the same for a gateway. Proxies of others may serve hosts of others, which these rules are not for. */
export function emitGatewayAsking(mesh: Mesh, gateway: Gateway): readonly Manifest[] {
  const { authorize, name, workloadNamespace: namespace, selector, installation } = gateway
  if (authorize === undefined) return []
  // Connections that are passed on are no requests to ask about.
  const opaque = listOpaque(mesh, gateway)
  const operation: Bare<Operation> = {
    ...(installation === undefined && {
      hosts: listServedHosts(gateway).flatMap(host => listComparedHosts(gateway, host)),
    }),
    ...(opaque.ports.length > 0 && { notPorts: opaque.ports }),
  }
  const every: Bare<Rule> = {
    ...(Object.keys(operation).length > 0 && { to: [{ operation }] }),
    ...(opaque.conditions.length > 0 && { when: opaque.conditions }),
  }
  const rules =
    authorize.requests.length === 0
      ? [because(every, authorize.origin)]
      : authorize.requests.map(requests => askRule(requests, operation, opaque.conditions))
  const identity = { name: name.map(value => `${value}.gateway-authorize`), namespace, selector }
  return [emitAsking(mesh, identity, authorize, rules)]
}

function emitAsking(
  mesh: SharedMesh,
  { name, namespace, selector }: Pick<Service, 'name' | 'namespace' | 'selector'>,
  { by, authorizer }: Authorize,
  rules: readonly Sourceable<Rule>[],
): Manifest {
  const spec = {
    selector: { matchLabels: labelRecord(selector) },
    action: 'CUSTOM',
    provider: { name: because(by, authorizer.name) },
    rules,
  } as const
  return makeManifest(
    mesh,
    'AuthorizationPolicy',
    { name, namespace, policy: 'policy:asked-requests', reasons: [by] },
    spec,
  )
}

function askRule(
  requests: AskedRequests,
  operation: Sourceable<Operation>,
  connections: readonly Sourceable<Condition>[] = [],
): Sourceable<Rule> {
  const { methods, exceptMethods, paths, exceptPaths, headers } = requests
  const limited: Sourceable<Operation> = {
    ...operation,
    methods: methods.length > 0 ? methods : undefined,
    notMethods: exceptMethods.length > 0 ? exceptMethods : undefined,
    paths: paths.length > 0 ? paths.map(path => path.map(pattern)) : undefined,
    notPaths: exceptPaths.length > 0 ? exceptPaths.map(path => path.map(pattern)) : undefined,
  }
  const conditions = [...makeConditions({ claims: [], headers }), ...connections]
  const isLimited = Object.values(limited).some(list => list !== undefined)
  const spec: Sourceable<Rule> = {
    to: isLimited ? [{ operation: limited }] : undefined,
    when: conditions.length > 0 ? conditions : undefined,
  }
  return because(spec, requests.origin)
}

/** Lists the ports of the pods of a service on which Envoy sees requests. */
const listHttpPorts = ({ ports }: Service): readonly Sourced<string>[] =>
  ports.filter(isHttp).map(({ target, protocol }) => because(String(target.value), target, protocol))

const listPortNumbers = (ports: Allow['ports']): readonly Sourced<string>[] =>
  ports.map(({ origin, port }) => because(String(port.target.value), port.target, origin))

function denyRule(
  denial: Deny,
  jwt: Jwt | undefined,
  operation: Sourceable<Operation>,
  connections: readonly Sourceable<Condition>[] = [],
): Sourceable<Rule> {
  const {
    methods,
    paths,
    from: caller,
    jwtMissing,
    clientAddresses,
    exceptClientAddresses,
    peerAddresses,
  } = denial
  const source: Sourceable<Source> = {
    ...(caller !== undefined && findCallerIdentity(caller)),
    ...(jwtMissing !== undefined && {
      notRequestPrincipals: (jwt?.issuers ?? []).map(({ issuer }) =>
        because(`${issuer.value}/*`, issuer, jwtMissing),
      ),
    }),
    ...(clientAddresses.length > 0 && { remoteIpBlocks: clientAddresses }),
    ...(exceptClientAddresses.length > 0 && { notRemoteIpBlocks: exceptClientAddresses }),
    ...(peerAddresses.length > 0 && { ipBlocks: peerAddresses }),
  }
  const conditions = [...makeConditions(denial), ...connections]
  const limited: Sourceable<Operation> = {
    ...operation,
    methods: methods.length > 0 ? methods : undefined,
    paths: paths.length > 0 ? paths.map(path => path.map(pattern)) : undefined,
  }
  const spec: Sourceable<Rule> = {
    from: Object.keys(source).length > 0 ? [{ source }] : undefined,
    to: Object.values(limited).some(list => list !== undefined) ? [{ operation: limited }] : undefined,
    when: conditions.length > 0 ? conditions : undefined,
  }
  return because(spec, denial.origin)
}

/** Lists the ports of the pods on which a rule refuses: those that it names, or all on which it can be held. */
function listDeniedPorts(service: Service, denial: Deny): readonly Sourced<string>[] {
  if (denial.ports.length > 0) return listPortNumbers(denial.ports)
  const conditions = listRequestConditions(denial)
  if (conditions.length === 0) return service.ports.map(({ target }) => because(String(target.value), target))
  // A list is no line of a spec, but its items are.
  const values = conditions.flatMap(({ values }) => values)
  return listHttpPorts(service).map(port => because(port, ...values))
}

/** The ports of a rule. A policy sees the port of the container, and not the requested host. */
function portsOf(service: Service, { ports }: Allow): readonly Sourced<string>[] {
  if (ports.length > 0) return listPortNumbers(ports)
  // The ports of the service are all ports of its pods, unless other services have ports on them.
  const sharing = listSharingReasons(service)
  if (sharing.length === 0) return []
  return service.ports.map(({ target }) => because(String(target.value), target, ...sharing))
}

const makeConditions = ({
  claims,
  headers,
}: Pick<Allow, 'claims' | 'headers'>): readonly Sourceable<Condition>[] => [
  ...claims.map(([path, values]) => ({
    key: because(makeClaimKey(path), ...values),
    values,
  })),
  ...headers.map(([name, values]) => ({ key: because(`request.headers[${name}]`, ...values), values })),
]

function makeSource(service: Service, allow: Allow): Sourceable<Source> | undefined {
  const { from: caller } = allow
  const issuers = listRequiredIssuers(service, allow)
  const requestPrincipals =
    issuers.length > 0
      ? issuers.map(([{ issuer }, reasons]) => because(`${issuer.value}/*`, issuer, ...reasons))
      : undefined
  const identity = findCallerIdentity(caller)
  return identity === undefined
    ? requestPrincipals && { requestPrincipals }
    : { ...identity, requestPrincipals }
}

/** The identity by which a policy knows a caller; undefined for `anyone`. */
function findCallerIdentity(caller: Caller): Bare<Source> | undefined {
  switch (caller.kind) {
    case 'service':
      return {
        principals: [because(caller.service.principal.value, caller.origin, caller.service.principal)],
      }
    case 'gateway':
      return {
        principals: [because(caller.gateway.principal.value, caller.origin, caller.gateway.principal)],
      }
    case 'namespace':
      return { namespaces: [because(caller.namespace.value, caller.origin, caller.namespace)] }
    case 'external-caller':
    case 'workload':
      return { principals: [because(caller.principal.value, caller.origin, caller.principal)] }
    case 'anyone':
      return undefined
  }
}

function pattern(path: StringMatch): string {
  if ('exact' in path) return path.exact
  if ('prefix' in path) return `${path.prefix}*`
  throw new Error('a policy compares a path by its beginning or as a whole')
}
