import { isSubset } from '../behavior/is-subset.ts'
import type {
  AuthorizationPolicy,
  AuthorizationRule,
  PolicyOperation,
  PolicySource,
  ServicePort,
  Words,
  Workload,
} from '../behavior/model.ts'
import { isEqual } from '../source/is-equal.ts'
import type { Claim, Field, Proposal, Unsaid } from './claim.ts'
import {
  type ForeignMesh,
  type ForeignService,
  hasSidecars,
  listSamePods,
  selectsAll,
} from './foreign-mesh.ts'
import type { ForeignGateway } from './gateways.ts'
import { Unsayable } from './matches.ts'
import { setNested } from './nested.ts'
import { findContainerPort, isBareService, isDirectPort, namePort } from './services.ts'
import type { AcceptedIssuer } from './tokens.ts'

/** The issuers that services of the spec accept. */
type Issuers = ReadonlyMap<string, readonly AcceptedIssuer[]>

/**
 * Claims the ALLOW AuthorizationPolicies: the default of the mesh, and the callers of each service. The policies of a service are one
 * claim, since only together they define its callers.
 */
export function claimAllow(
  mesh: ForeignMesh,
  deny: AuthorizationPolicy | undefined,
  gateways: ReadonlyMap<string, ForeignGateway>,
  issuers: Issuers,
): Proposal {
  const { authorizationPolicies, settings } = mesh.model
  const claims: Claim[] = []
  const unsaid: Unsaid[] = []
  claims.push({
    objects: deny === undefined || mesh.part !== undefined ? [] : [deny],
    fields: deny === undefined ? [{ path: ['access'], value: 'open' }] : [],
  })
  const callers = makeCallerNames(mesh, gateways)
  const policies = authorizationPolicies.filter(policy => policy !== deny)
  for (const policy of policies) {
    const isOwn = isAllow(policy) || policy.action === 'DENY' || policy.action === 'CUSTOM'
    const reason = isOwn ? undefined : actionReasons[policy.action]
    if (reason !== undefined) unsaid.push({ object: policy, reason })
  }
  const claimed = new Set<AuthorizationPolicy>()
  const refused = new Map<AuthorizationPolicy, string>()
  const fields = new Map<
    ForeignService,
    { readonly policies: AuthorizationPolicy[]; readonly list: unknown[] }
  >()
  for (const service of mesh.services) {
    const samePods = listSamePods(mesh, service)
    const ofPods = policies.filter(
      policy =>
        isAllow(policy) &&
        (policy.namespace === service.service.namespace || policy.namespace === settings.rootNamespace) &&
        service.pods.some(({ labels }) => isSubset(policy.selector, labels)),
    )
    if (isBareService(service) || ofPods.length === 0) continue
    const allowing = ofPods.filter(policy => isPolicyAbout(policy, service, samePods))
    try {
      const entries = allowing.flatMap(policy => {
        if (!selectsAll(policy, service, settings.rootNamespace))
          throw new Unsayable('it is about some pods of a service')
        if (policy.unmodelled.length > 0) throw new Unsayable('a part of it is beyond the model')
        if (policy.isDryRun) throw new Unsayable('it only reports')
        return policy.rules.flatMap(rule =>
          describeAllowRule(rule, policy, { service, samePods }, callers, issuers),
        )
      })
      const list = entries.filter((entry, index) => entries.findIndex(each => isEqual(each, entry)) === index)
      fields.set(service, { policies: allowing, list })
    } catch (error) {
      if (!(error instanceof Unsayable)) throw error
      for (const policy of allowing) refused.set(policy, error.message)
    }
  }
  // A policy that stays for one service stays for all of its services, with the other policies of these.
  for (let count = -1; count !== refused.size; ) {
    count = refused.size
    for (const { policies: allowing } of fields.values()) {
      const reason = allowing.map(policy => refused.get(policy)).find(word => word !== undefined)
      if (reason !== undefined)
        for (const policy of allowing) if (!refused.has(policy)) refused.set(policy, reason)
    }
  }
  for (const service of mesh.services) {
    const { policies: allowing, list } = fields.get(service) ?? { policies: [], list: [] }
    if (allowing.some(policy => refused.has(policy))) continue
    const open = deny === undefined && !fields.has(service) ? [] : listOpenings(service)
    if (!fields.has(service) && open.length === 0) continue
    for (const policy of allowing) claimed.add(policy)
    const callers = joinCallers(service, list, open)
    const field: Field = { path: ['services', service.key, 'allow'], value: callers }
    claims.push({ objects: allowing, fields: [field, ...declareCallers(mesh, callers)] })
  }
  for (const policy of policies)
    if (isAllow(policy) && !claimed.has(policy))
      unsaid.push({ object: policy, reason: refused.get(policy) ?? 'no service of the spec has its pods' })
  return { claims, unsaid, ineffective: [] }
}

/** Lists the rule for ports without a sidecar: anyone may call them, since no policy applies there. */
function listOpenings(foreign: ForeignService): readonly Readonly<Record<string, unknown>>[] {
  const ports = foreign.service.ports.filter(({ protocol }) => protocol !== 'UDP')
  const direct = ports.filter(port => isDirectPort(foreign, port))
  if (direct.length === 0) return []
  const named = direct.length === ports.length ? {} : { ports: direct.map(namePort) }
  return [{ from: 'anyone', ...named, because: 'no sidecar takes these calls' }]
}

/** Joins the rules of policies with those for the ports that no sidecar takes. */
function joinCallers(
  service: ForeignService,
  list: readonly unknown[],
  openings: readonly Readonly<Record<string, unknown>>[],
): readonly unknown[] {
  if (openings.length > 0 && openings.every(({ ports }) => ports === undefined)) return openings
  const isOpen = list.some(entry => {
    const { because: _, ...rest } = entry as Readonly<Record<string, unknown>>
    return isEqual(rest, { from: 'anyone' })
  })
  return [...list.flatMap(entry => dropDirectPorts(service, entry)), ...(isOpen ? [] : openings)]
}

/** Drops the ports that no sidecar takes from a rule, and the rule with the last of them. */
function dropDirectPorts(foreign: ForeignService, entry: unknown): readonly unknown[] {
  const { ports, ...rest } = entry as { readonly ports?: readonly string[] }
  const direct = new Set(foreign.service.ports.filter(port => isDirectPort(foreign, port)).map(namePort))
  if (ports === undefined || direct.size === 0) return [entry]
  const held = ports.filter(name => !direct.has(name))
  return held.length === 0 ? [] : [{ ...rest, ports: held }]
}

/**
 * Tells whether a policy applies to a service. If several services have the same pods, a policy with the name of one of them, and
 * only for its ports, applies only to that one.
 */
function isPolicyAbout(
  { name, rules }: AuthorizationPolicy,
  service: ForeignService,
  samePods: readonly ForeignService[],
): boolean {
  const namesake = samePods.find(each => each.service.name === name)
  if (namesake === undefined || namesake === service) return true
  const operations = rules.flatMap(({ to }): readonly (PolicyOperation | undefined)[] =>
    to.length === 0 ? [undefined] : to,
  )
  return operations.some(
    operation =>
      operation === undefined ||
      operation.ports.values.length === 0 ||
      operation.ports.values.some(number => findPortByTarget(namesake, number) === undefined),
  )
}

/**
 * Describes the ports that a rule of a policy names.
 *
 * @param usual the ports that the rule would be about without a word
 * @throws Unsayable for a port that the service does not have
 */
export function describePorts(
  service: ForeignService,
  numbers: readonly string[],
  usual: readonly ServicePort[],
): { readonly ports?: readonly string[] } {
  const ports = numbers.map(number => {
    const port = findPortByTarget(service, number)
    if (port === undefined) throw new Unsayable(`it names the port ${number}`)
    return namePort(port)
  })
  return isEqual(ports.toSorted(), usual.map(namePort).toSorted()) ? {} : { ports }
}

/** Finds the port of a service that leads to a port of its pods. */
const findPortByTarget = ({ service, pods }: ForeignService, number: string): ServicePort | undefined =>
  service.ports.find(port => port.protocol !== 'UDP' && String(findContainerPort(port, pods[0]!)) === number)

/** The namespaces that are callers, so that the spec knows them. */
export function declareCallers(mesh: ForeignMesh, list: readonly unknown[]): readonly Field[] {
  const namespaces = list.flatMap(entry => {
    const { from: caller } = entry as { readonly from?: string }
    return caller?.startsWith('namespace/') ? [caller.slice('namespace/'.length)] : []
  })
  return [...new Set(namespaces)]
    .filter(namespace => hasSidecars(mesh, namespace) && mesh.part === undefined)
    .map(namespace => ({ path: ['namespaces', namespace], value: {} }))
}

const isAllow = ({ action, targets }: AuthorizationPolicy) => action === 'ALLOW' && targets.length === 0
const isWide = ({ selector }: AuthorizationPolicy) => Object.keys(selector).length === 0

/** Finds the policy that denies every caller that no other policy allows; undefined: access is open. */
export const findDenyByDefault = ({
  authorizationPolicies,
  settings,
}: ForeignMesh['model']): AuthorizationPolicy | undefined =>
  authorizationPolicies.find(
    policy =>
      isAllow(policy) &&
      isWide(policy) &&
      policy.namespace === settings.rootNamespace &&
      policy.rules.length === 0,
  )

const actionReasons: Readonly<Record<AuthorizationPolicy['action'], string>> = {
  ALLOW: 'it is about the Gateway API',
  DENY: 'it denies requests',
  AUDIT: 'it marks requests for an audit',
  CUSTOM: 'it asks an authorizer',
}

/** Names the caller that has an identity. */
export type NameCaller = (principal: string) => string

export function makeCallerNames(
  { model: { settings, workloads }, keysByAccount, part }: ForeignMesh,
  gateways: ReadonlyMap<string, ForeignGateway>,
): NameCaller {
  const gatewayByAccount = new Map(
    [...gateways.values()].map(({ key, account }) => [account, `gateway/${key}`]),
  )
  const domains = ['cluster.local', settings.trustDomain]
  return principal => {
    const [, domain = '', namespace, account] = /^([^/*]+)\/ns\/([^/*]+)\/sa\/([^/*]+)$/.exec(principal) ?? []
    if (namespace === undefined) throw new Unsayable(`it names the identity \`${principal}\``)
    const place = `${namespace}/${account}`
    const surrounding = part && findWorkloadName(workloads, namespace, account!)
    const caller = domains.includes(domain)
      ? (gatewayByAccount.get(place) ?? keysByAccount.get(place)?.[0] ?? surrounding)
      : undefined
    return (
      caller ??
      `external-caller/${domain === 'cluster.local' ? settings.trustDomain : domain}/ns/${place.replace('/', '/sa/')}`
    )
  }
}

/** Names a workload of the surroundings that has an account: `namespace/workload`. */
function findWorkloadName(
  workloads: readonly Workload[],
  namespace: string,
  account: string,
): string | undefined {
  const workload = workloads.find(
    each => each.namespace === namespace && each.serviceAccount === account && each.assumed === undefined,
  )
  return workload && `${namespace}/${workload.name}`
}

function describeAllowRule(
  { from, to, when }: AuthorizationRule,
  policy: AuthorizationPolicy,
  guarded: GuardedService,
  nameCaller: NameCaller,
  issuers: Issuers,
): readonly Readonly<Record<string, unknown>>[] {
  const { claims, headers } = describeConditions(when)
  const sources: readonly (PolicySource | undefined)[] = from.length === 0 ? [undefined] : from
  const operations: readonly (PolicyOperation | undefined)[] = to.length === 0 ? [undefined] : to
  return sources.flatMap(source =>
    nameSources(source, policy, nameCaller).flatMap(caller =>
      operations.flatMap(operation => {
        const limits = operation === undefined ? {} : describeAllowedOperation(operation, guarded)
        if (limits === undefined) return []
        return [
          {
            from: caller,
            ...limits,
            ...describeRequiredToken(source, guarded.service, issuers),
            ...(Object.keys(claims).length > 0 && { claims }),
            ...(Object.keys(headers).length > 0 && { headers }),
            ...(caller === 'anyone' && { because: 'the imported manifests allow it' }),
          },
        ]
      }),
    ),
  )
}

const takeValues = ({ values, notValues }: Words, what: string): readonly string[] => {
  if (notValues.length > 0) throw new Unsayable(`it excludes ${what}`)
  return values
}

/** Names the callers that a source of a rule allows. */
export function nameSources(
  source: PolicySource | undefined,
  policy: AuthorizationPolicy,
  nameCaller: NameCaller,
): readonly string[] {
  if (source === undefined) return ['anyone']
  const principals = takeValues(source.principals, 'identities')
  const namespaces = takeValues(source.namespaces, 'namespaces')
  const accounts = takeValues(source.serviceAccounts, 'service accounts')
  for (const [words, what] of [
    [source.ipBlocks, 'addresses'],
    [source.remoteIpBlocks, 'addresses of clients'],
    [source.trustDomains, 'trust domains'],
  ] as const)
    if (words.values.length + words.notValues.length > 0) throw new Unsayable(`it asks for ${what}`)
  const kinds = [principals, namespaces, accounts].filter(({ length }) => length > 0)
  if (kinds.length > 1) throw new Unsayable('a source of it has several demands')
  if (kinds.length === 0) return ['anyone']
  return [
    ...principals.map(nameCaller),
    ...accounts.map(word =>
      nameCaller(
        `cluster.local/ns/${(word.includes('/') ? word : `${policy.namespace}/${word}`).replace('/', '/sa/')}`,
      ),
    ),
    ...namespaces.map(namespace => {
      if (namespace.includes('*')) throw new Unsayable(`it names the namespaces \`${namespace}\``)
      return `namespace/${namespace}`
    }),
  ]
}

/** Describes the conditions on headers and on the claims of a token. */
export function describeConditions(when: AuthorizationRule['when']) {
  const claims: Record<string, unknown> = {}
  const headers: Record<string, unknown> = {}
  for (const { key, values, notValues } of when) {
    const [, header] = /^request\.headers\[([^[\]]+)\]$/.exec(key) ?? []
    const path = /^request\.auth\.claims((?:\[[^[\]]+\])+)$/.exec(key)?.[1]?.slice(1, -1).split('][')
    const isSayable = (header ?? path) !== undefined && notValues.length === 0
    const isNew =
      header === undefined
        ? setNested(claims, path ?? [], values)
        : setNested(headers, [header.toLowerCase()], values)
    if (!isSayable || !isNew) throw new Unsayable(`it has the condition \`${key}\``)
  }
  return { claims, headers }
}

/** Describes the condition that a request has a token: of any issuer of the service, or of some of them. */
function describeRequiredToken(
  source: PolicySource | undefined,
  { key }: ForeignService,
  issuers: Issuers,
): Readonly<Record<string, unknown>> {
  if (source === undefined) return {}
  const principals = takeValues(source.requestPrincipals, 'tokens')
  if (principals.length === 0) return {}
  const accepted = issuers.get(key) ?? []
  const isOf = (issuer: string, word: string) => word === '*' || word === `${issuer}/*`
  if (principals.some(word => !accepted.some(({ issuer }) => isOf(issuer, word))))
    throw new Unsayable('it names subjects of tokens')
  const taken = accepted.filter(({ issuer }) => principals.some(word => isOf(issuer, word)))
  return taken.length === accepted.length ? { jwt: 'required' } : { issuers: taken.map(({ name }) => name) }
}

/** A service that policies guard, and the services with the same pods, itself among them. */
interface GuardedService {
  readonly service: ForeignService
  readonly samePods: readonly ForeignService[]
}

/** Describes the conditions of an operation; undefined if it is for ports of other services with the same pods. */
function describeAllowedOperation(
  operation: PolicyOperation,
  { service: foreign, samePods }: GuardedService,
): Readonly<Record<string, unknown>> | undefined {
  const { hosts } = operation
  if (hosts.values.length + hosts.notValues.length > 0) throw new Unsayable('it asks for hosts')
  const methods = takeValues(operation.methods, 'methods')
  const paths = takeValues(operation.paths, 'paths')
  const ports = takeValues(operation.ports, 'ports')
  const streams = foreign.service.ports.filter(({ protocol }) => protocol !== 'UDP')
  const unknown = ports.find(number =>
    samePods.every(service => findPortByTarget(service, number) === undefined),
  )
  if (unknown !== undefined) throw new Unsayable(`it names the port ${unknown}`)
  const named = streams.filter(port => ports.includes(String(findContainerPort(port, foreign.pods[0]!))))
  if (ports.length > 0 && named.length === 0) return undefined
  // A service of one port needs no name for it, and one of several with the same pods no names of all of its ports.
  const isLimited =
    named.length > 0 && streams.length > 1 && (samePods.length === 1 || named.length < streams.length)
  return {
    ...(methods.length > 0 && { methods }),
    ...(paths.length > 0 && { paths }),
    ...(isLimited && { ports: named.map(namePort) }),
  }
}
