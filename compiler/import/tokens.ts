import { isSubset } from '../behavior/is-subset.ts'
import type { JwtRule, Labels, ModelObject, RequestAuthentication, Workload } from '../behavior/model.ts'
import { isEqual } from '../source/is-equal.ts'
import type { Claim, Field, Proposal, Unsaid } from './claim.ts'
import { areOfSamePods, type ForeignMesh, type ForeignService, selectsAll } from './foreign-mesh.ts'
import type { ForeignGateway } from './gateways.ts'
import { Unsayable } from './matches.ts'
import { readMaps, readObjectSpec, type Tree } from './read-object-spec.ts'

/** An issuer whose tokens a service of the spec accepts, and its name there; undefined: only this service declares it. */
export interface AcceptedIssuer {
  readonly issuer: string
  readonly name: string | undefined
}

/** The claims about tokens, and the issuers of each service, and of each `gateway/<name>`, that accepts some. */
interface TokenProposal extends Proposal {
  readonly issuers: ReadonlyMap<string, readonly AcceptedIssuer[]>
}

/** Claims the RequestAuthentications of services and gateways. */
export function claimTokens(mesh: ForeignMesh, gateways: ReadonlyMap<string, ForeignGateway>): TokenProposal {
  const claims: Claim[] = []
  const unsaid: Unsaid[] = []
  const issuers = new Map<string, readonly AcceptedIssuer[]>()
  const names = new IssuerNames()
  const claimed = new Set<string>()
  for (const policy of mesh.model.requestAuthentications) {
    try {
      if (policy.targets.length > 0) throw new Unsayable('it is about the Gateway API')
      if (policy.unmodelled.length > 0) throw new Unsayable('a part of it is beyond the model')
      const services = listSelectedServices(mesh, policy)
      const owners =
        services.length > 0
          ? services.map(({ key }) => ['services', key])
          : listSelectedGateways(mesh, policy, gateways).map(({ key }) => ['gateways', key])
      if (owners.length === 0) throw new Unsayable('its pods are not those of one service')
      if (owners.some(owner => claimed.has(owner.join()))) throw new Unsayable('another one has its pods')
      const written = readMaps(readObjectSpec(policy), 'jwtRules')
      const rules = policy.rules.map((rule, index) => describeJwt(rule, written[index] ?? {}))
      const { accepted, fields, value } = describeTokenRules(rules, names)
      for (const owner of owners) claimed.add(owner.join())
      for (const [section, key] of owners)
        issuers.set(section === 'gateways' ? `gateway/${key}` : key!, accepted)
      claims.push({
        objects: [policy],
        fields: [...fields, ...owners.map(owner => ({ path: [...owner, 'jwt'], value }))],
      })
    } catch (error) {
      if (!(error instanceof Unsayable)) throw error
      unsaid.push({ object: policy, reason: error.message })
    }
  }
  return { claims, unsaid, ineffective: [], issuers }
}

/** Lists the services of the pods that a policy selects; empty if the pods are not those of one workload. */
function listSelectedServices(mesh: ForeignMesh, policy: RequestAuthentication): readonly ForeignService[] {
  const services = mesh.services.filter(
    service =>
      policy.namespace === service.service.namespace &&
      selectsAll(policy, service, mesh.model.settings.rootNamespace),
  )
  if (services.length === 0) return []
  if (!areOfSamePods(services) || Object.keys(policy.selector).length === 0)
    throw new Unsayable('its pods are not those of one service')
  return services
}

/** Lists the gateways of the spec if a policy selects their proxies and no other pods. */
export function listSelectedGateways(
  { model }: ForeignMesh,
  policy: ModelObject & { readonly selector: Labels },
  gateways: ReadonlyMap<string, ForeignGateway>,
): readonly ForeignGateway[] {
  if (Object.keys(policy.selector).length === 0) return []
  const isSelected = ({ namespace, labels }: Workload) =>
    namespace === policy.namespace && isSubset(policy.selector, labels)
  const pods = model.workloads.filter(isSelected)
  return model.gateways.flatMap(({ namespace, name, selector }) => {
    const gateway = gateways.get(`${namespace}/${name}`)
    const proxies = model.workloads.filter(({ labels }) => isSubset(selector, labels))
    return gateway !== undefined && proxies.length > 0 && isEqual(proxies, pods) ? [gateway] : []
  })
}

/** Describes rules as the accepted tokens: a single issuer inline, several by their names. */
function describeTokenRules(
  rules: readonly Tree[],
  names: IssuerNames,
): { readonly accepted: readonly AcceptedIssuer[]; readonly fields: readonly Field[]; readonly value: Tree } {
  const [first, ...others] = rules
  if (first === undefined) throw new Unsayable('it has no rule')
  if (others.length === 0)
    return { accepted: [{ issuer: String(first['issuer']), name: undefined }], fields: [], value: first }
  const accepted = rules.map(rule => ({ issuer: String(rule['issuer']), name: names.find(rule) }))
  if (new Set(accepted.map(({ issuer }) => issuer)).size < rules.length)
    throw new Unsayable('two of its rules have one issuer')
  return {
    accepted,
    fields: accepted.map(({ name }, index) => ({ path: ['issuers', name], value: rules[index] })),
    value: { issuers: accepted.map(({ name }) => name) },
  }
}

/** The names of issuers in the spec, each for the settings of its tokens. */
class IssuerNames {
  private readonly rules = new Map<string, Tree>()

  /** Finds the name of an issuer with these settings, or gives it one after its host. */
  find(rule: Tree): string {
    const plain = String(rule['issuer'])
      .toLowerCase()
      .replace(/^[a-z]+:\/\/|\/.*$/g, '')
      .replace(/[^a-z0-9]+/g, '-')
      .replace(/^[-0-9]+|-+$/g, '')
      .slice(0, 50)
    const stem = plain === '' ? 'issuer' : plain
    let name = stem
    for (let number = 2; this.rules.has(name) && !isEqual(this.rules.get(name), rule); number++)
      name = `${stem}-${number}`
    this.rules.set(name, rule)
    return name
  }
}

function describeJwt(rule: JwtRule, written: Tree): Tree {
  const { issuer, audiences, fromHeaders, fromParams, fromCookies, forwardOriginalToken } = rule
  const { jwksUri, timeout, spaceDelimitedClaims } = written
  if (fromCookies.length > 0 || rule.payloadHeader !== undefined)
    throw new Unsayable('it places tokens in cookies, or their payload in a header')
  if (timeout !== undefined) throw new Unsayable('it limits the time in which keys are read')
  if (spaceDelimitedClaims !== undefined) throw new Unsayable('it names claims that are lists of words')
  if (typeof jwksUri !== 'string') throw new Unsayable('it holds the keys itself')
  const [header] = fromHeaders
  const [parameter] = fromParams
  if (fromHeaders.length > 1 || fromParams.length > 1)
    throw new Unsayable('it looks for tokens in several headers or parameters')
  const name = header?.name.toLowerCase()
  const claimHeaders = Object.fromEntries(
    rule.outputClaimToHeaders.map(({ header, claim }) => [header.toLowerCase(), claim]),
  )
  if (Object.keys(claimHeaders).length < rule.outputClaimToHeaders.length)
    throw new Unsayable('it puts two claims into one header')
  return {
    issuer,
    jwks: jwksUri,
    ...(audiences.length > 0 && { audiences }),
    ...(name !== undefined && (name !== 'authorization' || header?.prefix === '') && { header: name }),
    ...(header !== undefined && header.prefix !== '' && { prefix: header.prefix }),
    ...(parameter !== undefined && { parameter }),
    ...(Object.keys(claimHeaders).length > 0 && { claimHeaders }),
    forward: forwardOriginalToken,
  }
}
