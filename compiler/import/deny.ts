import type { AuthorizationRule, PolicyOperation, PolicySource } from '../behavior/model.ts'
import { isEqual } from '../source/is-equal.ts'
import {
  declareCallers,
  describeConditions,
  describePorts,
  makeCallerNames,
  type NameCaller,
} from './allow.ts'
import type { Claim, Proposal, Unsaid } from './claim.ts'
import type { ForeignMesh } from './foreign-mesh.ts'
import type { ForeignGateway } from './gateways.ts'
import { Unsayable } from './matches.ts'
import { findOwner, type PolicyOwner, refuseOtherHosts, withoutConnections } from './policy-owner.ts'
import { isHttpPort } from './services.ts'
import type { AcceptedIssuer } from './tokens.ts'

type Entry = Readonly<Record<string, unknown>>

/** Claims the AuthorizationPolicies that deny requests to a service or at a gateway. */
export function claimDenials(
  mesh: ForeignMesh,
  gateways: ReadonlyMap<string, ForeignGateway>,
  issuers: ReadonlyMap<string, readonly AcceptedIssuer[]>,
): Proposal {
  const claims: Claim[] = []
  const unsaid: Unsaid[] = []
  const nameCaller = makeCallerNames(mesh, gateways)
  for (const policy of mesh.model.authorizationPolicies) {
    if (policy.action !== 'DENY') continue
    try {
      if (policy.targets.length > 0) throw new Unsayable('it is about the Gateway API')
      if (policy.unmodelled.length > 0) throw new Unsayable('a part of it is beyond the model')
      if (policy.isDryRun) throw new Unsayable('it only reports')
      const owner = findOwner(mesh, policy, gateways, 'deny')
      const accepted = issuers.get(owner.section === 'gateways' ? `gateway/${owner.key}` : owner.key) ?? []
      const entries = policy.rules.flatMap(rule => describeDenyRule(rule, owner, accepted, nameCaller))
      if (entries.length === 0) throw new Unsayable('it denies nothing')
      claims.push({
        objects: [policy],
        fields: [
          { path: [owner.section, owner.key, 'deny'], value: entries },
          ...declareCallers(mesh, entries),
        ],
      })
    } catch (error) {
      if (!(error instanceof Unsayable)) throw error
      unsaid.push({ object: policy, reason: error.message })
    }
  }
  return { claims, unsaid, ineffective: [] }
}

function describeDenyRule(
  { from, to, when }: AuthorizationRule,
  owner: PolicyOwner,
  accepted: readonly AcceptedIssuer[],
  nameCaller: NameCaller,
): readonly Entry[] {
  const { claims, headers } = describeConditions(withoutConnections(when, owner))
  const conditions = {
    ...(Object.keys(headers).length > 0 && { headers }),
    ...(Object.keys(claims).length > 0 && { claims }),
  }
  const sources: readonly (PolicySource | undefined)[] = from.length === 0 ? [undefined] : from
  const operations: readonly (PolicyOperation | undefined)[] = to.length === 0 ? [undefined] : to
  return sources.flatMap(source =>
    describeDeniedSource(source, accepted, nameCaller).flatMap(caller =>
      operations.map(operation => {
        const limits = describeDeniedOperation(operation, owner, {
          ...conditions,
          ...('jwt' in caller && { jwt: caller['jwt'] }),
        })
        return { ...caller, ...limits, ...conditions }
      }),
    ),
  )
}

/** Describes the denied callers, with an entry for each identity. */
function describeDeniedSource(
  source: PolicySource | undefined,
  accepted: readonly AcceptedIssuer[],
  nameCaller: NameCaller,
): readonly Entry[] {
  if (source === undefined) return [{}]
  const { principals, namespaces, serviceAccounts, trustDomains, requestPrincipals } = source
  const { ipBlocks, remoteIpBlocks } = source
  const lists = [
    principals.notValues,
    namespaces.notValues,
    ...[serviceAccounts, trustDomains].flatMap(({ values, notValues }) => [values, notValues]),
    requestPrincipals.values,
    ipBlocks.notValues,
  ]
  if (lists.some(({ length }) => length > 0)) throw new Unsayable('it denies requests by who does not call')
  if (namespaces.values.some(name => name.includes('*'))) throw new Unsayable('it names many namespaces')
  if (principals.values.length > 0 && namespaces.values.length > 0)
    throw new Unsayable('a source of it has several demands')
  const missing = requestPrincipals.notValues
  const issuers = accepted.map(({ issuer }) => `${issuer}/*`)
  if (missing.length > 0 && !isEqual(missing.toSorted(), issuers.toSorted()))
    throw new Unsayable('it names subjects of tokens')
  const common = {
    ...(missing.length > 0 && { jwt: 'missing' }),
    ...(remoteIpBlocks.values.length > 0 && { clientAddresses: remoteIpBlocks.values }),
    ...(remoteIpBlocks.notValues.length > 0 && { exceptClientAddresses: remoteIpBlocks.notValues }),
    ...(ipBlocks.values.length > 0 && { peerAddresses: ipBlocks.values }),
  }
  const callers = [
    ...principals.values.map(nameCaller),
    ...namespaces.values.map(name => `namespace/${name}`),
  ]
  return callers.length === 0 ? [common] : callers.map(caller => ({ from: caller, ...common }))
}

function describeDeniedOperation(
  operation: PolicyOperation | undefined,
  owner: PolicyOwner,
  conditions: Entry,
): Entry {
  const { hosts, ports, methods, paths } = operation ?? {}
  if ([hosts, methods, paths].some(words => words !== undefined && words.notValues.length > 0))
    throw new Unsayable('it denies all other requests')
  const limits = {
    ...(methods !== undefined && methods.values.length > 0 && { methods: methods.values }),
    ...(paths !== undefined && paths.values.length > 0 && { paths: paths.values }),
  }
  refuseOtherHosts(owner, hosts?.values ?? [])
  if (owner.section === 'gateways') {
    // No policy guards the port of the health checks.
    const spared = ['15021', ...owner.alike.flatMap(({ targets }) => targets.map(String))]
    if (
      ports !== undefined &&
      (ports.values.length > 0 || ports.notValues.some(port => !spared.includes(port)))
    )
      throw new Unsayable('it asks for ports of a gateway')
    return limits
  }
  if (ports !== undefined && ports.notValues.length > 0) throw new Unsayable('it denies other ports')
  const { service } = owner
  const isForRequests = Object.keys({ ...limits, ...conditions }).length > 0
  const streams = service.service.ports.filter(({ protocol }) => protocol !== 'UDP')
  const usual = streams.filter(port => !isForRequests || isHttpPort(port))
  const numbers = ports?.values ?? []
  if (numbers.length === 0) {
    // Without ports, Istio omits the conditions on requests for connections.
    if (usual.length < streams.length) throw new Unsayable('it denies connections without their ports')
    return limits
  }
  return { ...limits, ...describePorts(service, numbers, usual) }
}
