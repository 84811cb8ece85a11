import type { AuthorizationPolicy, AuthorizationRule, PolicyOperation } from '../behavior/model.ts'
import { isMap, readDuration } from '../behavior/read/values.ts'
import { describeConditions, describePorts } from './allow.ts'
import type { Claim, Field, Proposal, Unsaid } from './claim.ts'
import type { ForeignMesh } from './foreign-mesh.ts'
import type { ForeignGateway } from './gateways.ts'
import { Unsayable } from './matches.ts'
import { findOwner, type PolicyOwner, refuseOtherHosts, withoutConnections } from './policy-owner.ts'
import { readMap, readMaps, readObjectSpec, type Tree } from './read-object-spec.ts'
import { printDuration } from './rules.ts'
import { isHttpPort } from './services.ts'

/** Claims the CUSTOM policies of services and gateways, with the providers that they name. */
export function claimAsking(mesh: ForeignMesh, gateways: ReadonlyMap<string, ForeignGateway>): Proposal {
  const claims: Claim[] = []
  const unsaid: Unsaid[] = []
  const providers = new Map(
    readMaps(readMap(readObjectSpec(mesh.model.settings.object), 'meshConfig'), 'extensionProviders').map(
      provider => [String(provider['name']), provider],
    ),
  )
  const claimed = new Set<string>()
  for (const policy of mesh.model.authorizationPolicies) {
    if (policy.action !== 'CUSTOM') continue
    try {
      if (policy.targets.length > 0) throw new Unsayable('it is about the Gateway API')
      if (policy.unmodelled.length > 0) throw new Unsayable('a part of it is beyond the model')
      const owner = findOwner(mesh, policy, gateways, 'authorize')
      const path = [owner.section, owner.key, 'authorize']
      if (claimed.has(path.join())) throw new Unsayable('another one has its pods')
      const name = policy.provider ?? ''
      const provider = providers.get(name)
      if (provider === undefined) throw new Unsayable(`there is no provider \`${name}\``)
      const fields = describeAuthorizer(provider)
      claims.push({
        objects: [policy],
        fields: [...fields, { path, value: { by: name, ...describeAskedRequests(policy, owner) } }],
      })
      claimed.add(path.join())
    } catch (error) {
      if (!(error instanceof Unsayable)) throw error
      unsaid.push({ object: policy, reason: error.message })
    }
  }
  return { claims, unsaid, ineffective: [] }
}

/** Lists the fields of all authorizers of a meshConfig that the language has words for. */
export const describeAuthorizers = (meshConfig: Tree): readonly Field[] =>
  readMaps(meshConfig, 'extensionProviders').flatMap(provider => {
    try {
      return describeAuthorizer(provider)
    } catch (error) {
      if (!(error instanceof Unsayable)) throw error
      return []
    }
  })

/** Describes the address and the protocol of a provider. */
function describeAuthorizer(provider: Tree): readonly Field[] {
  const name = String(provider['name'])
  const grpc = provider['envoyExtAuthzGrpc']
  const settings = grpc ?? provider['envoyExtAuthzHttp']
  if (!isMap(settings)) throw new Unsayable(`the provider \`${name}\` does not authorize`)
  const { service, port, timeout: _, failOpen, statusOnError, ...rest } = settings
  const value: Record<string, unknown> = {
    [grpc === undefined ? 'http' : 'grpc']: `${describeHost(String(service))}:${String(port)}`,
  }
  // Istio's default is ten minutes.
  const wait = readDuration(settings, 'timeout')
  if (wait !== 2000) value['timeout'] = wait === undefined ? '10m' : printDuration(wait)
  if (failOpen === true) value['failOpen'] = true
  if (statusOnError !== undefined) value['statusOnError'] = Number(statusOnError)
  for (const [field, written] of Object.entries(rest)) {
    const word = providerWords[field]
    if (word === undefined) throw new Unsayable(`the provider \`${name}\` has \`${field}\``)
    value[word] = written
  }
  return Object.entries(value).map(([field, written]) => ({
    path: ['authorizers', name, field],
    value: written,
  }))
}

/** The words for fields of providers that ask over HTTP. */
const providerWords: Readonly<Record<string, string>> = {
  pathPrefix: 'path',
  includeRequestHeadersInCheck: 'sendHeaders',
  headersToUpstreamOnAllow: 'forwardHeaders',
  headersToDownstreamOnDeny: 'refusalHeaders',
  headersToDownstreamOnAllow: 'responseHeaders',
}

/** The host of a Service with its namespace: `policy/opa.policy.svc.cluster.local` is `opa.policy`. */
const describeHost = (service: string): string =>
  service.slice(service.indexOf('/') + 1).replace(/^([^.]+\.[^.]+)\.svc\.cluster\.local$/, '$1')

function describeAskedRequests(policy: AuthorizationPolicy, owner: PolicyOwner): Tree {
  const entries = policy.rules.flatMap(rule => describeAuthorizeRule(rule, owner))
  return entries.some(entry => Object.keys(entry).length === 0) ? {} : { requests: entries }
}

function describeAuthorizeRule({ from, to, when }: AuthorizationRule, owner: PolicyOwner): readonly Tree[] {
  if (from.length > 0) throw new Unsayable('it asks about addresses')
  const { claims, headers } = describeConditions(withoutConnections(when, owner))
  if (Object.keys(claims).length > 0) throw new Unsayable('it asks for claims')
  const operations: readonly (PolicyOperation | undefined)[] = to.length === 0 ? [undefined] : to
  return operations.map(operation => ({
    ...describeAuthorizedOperation(operation, owner),
    ...(Object.keys(headers).length > 0 && { headers }),
  }))
}

function describeAuthorizedOperation(operation: PolicyOperation | undefined, owner: PolicyOwner): Tree {
  const { hosts, ports, methods, paths } = operation ?? {}
  const limits = Object.fromEntries(
    (
      [
        ['methods', methods?.values],
        ['exceptMethods', methods?.notValues],
        ['paths', paths?.values],
        ['exceptPaths', paths?.notValues],
      ] as const
    ).filter(([, values]) => values !== undefined && values.length > 0),
  )
  const spared = owner.section === 'gateways' ? owner.alike.flatMap(({ targets }) => targets.map(String)) : []
  if ((hosts?.notValues.length ?? 0) > 0 || ports?.notValues.some(port => !spared.includes(port)))
    throw new Unsayable('it asks about all other hosts or ports')
  refuseOtherHosts(owner, hosts?.values ?? [])
  if (owner.section === 'gateways') {
    if ((ports?.values.length ?? 0) > 0) throw new Unsayable('it asks for ports of a gateway')
    return limits
  }
  const { service } = owner
  const streams = service.service.ports.filter(({ protocol }) => protocol !== 'UDP')
  const usual = streams.filter(port => isHttpPort(port))
  const numbers = ports?.values ?? []
  if (numbers.length === 0) {
    if (usual.length < streams.length) throw new Unsayable('it asks about connections')
    return limits
  }
  return { ...limits, ...describePorts(service, numbers, usual) }
}
