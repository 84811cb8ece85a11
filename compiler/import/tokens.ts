import type { JwtRule, RequestAuthentication } from '../behavior/model.ts'
import type { Claim, Proposal, Unsaid } from './claim.ts'
import { areOfSamePods, type ForeignMesh, selectsAll } from './foreign-mesh.ts'
import { Unsayable } from './matches.ts'
import { readMaps, readSpec, type Tree } from './read-spec.ts'

/** The claims about tokens, and the issuer of each service that accepts some. */
interface TokenProposal extends Proposal {
  readonly issuers: ReadonlyMap<string, string>
}

/** Claims the RequestAuthentications of services. */
export function claimTokens(mesh: ForeignMesh): TokenProposal {
  const claims: Claim[] = []
  const unsaid: Unsaid[] = []
  const issuers = new Map<string, string>()
  for (const policy of mesh.model.requestAuthentications) {
    try {
      const { keys, value, issuer } = describePolicy(mesh, policy, issuers)
      for (const key of keys) issuers.set(key, issuer)
      claims.push({
        objects: [policy],
        fields: keys.map(key => ({ path: ['services', key, 'jwt'], value })),
      })
    } catch (error) {
      if (!(error instanceof Unsayable)) throw error
      unsaid.push({ object: policy, reason: error.message })
    }
  }
  return { claims, unsaid, ineffective: [], issuers }
}

function describePolicy(
  mesh: ForeignMesh,
  policy: RequestAuthentication,
  issuers: ReadonlyMap<string, string>,
) {
  if (policy.targets.length > 0) throw new Unsayable('it is about the Gateway API')
  if (policy.unmodelled.length > 0) throw new Unsayable('a part of it is beyond the model')
  const services = mesh.services.filter(
    service =>
      policy.namespace === service.service.namespace &&
      selectsAll(policy, service, mesh.model.settings.rootNamespace),
  )
  if (!areOfSamePods(services) || Object.keys(policy.selector).length === 0)
    throw new Unsayable('its pods are not those of one service')
  const keys = services.map(({ key }) => key)
  if (keys.some(key => issuers.has(key))) throw new Unsayable('another one has its pods')
  const [rule] = policy.rules
  if (rule === undefined || policy.rules.length > 1) throw new Unsayable('it has several rules')
  return {
    keys,
    issuer: rule.issuer,
    value: describeJwt(rule, readMaps(readSpec(policy), 'jwtRules')[0] ?? {}),
  }
}

function describeJwt(rule: JwtRule, written: Tree) {
  const { issuer, audiences, fromHeaders, forwardOriginalToken } = rule
  const { jwksUri, timeout, spaceDelimitedClaims } = written
  const further = rule.fromParams.length + rule.fromCookies.length + rule.outputClaimToHeaders.length
  if (further > 0 || rule.payloadHeader !== undefined) throw new Unsayable('it places tokens or claims')
  if (timeout !== undefined) throw new Unsayable('it limits the time in which keys are read')
  if (spaceDelimitedClaims !== undefined) throw new Unsayable('it names claims that are lists of words')
  if (typeof jwksUri !== 'string') throw new Unsayable('it holds the keys itself')
  const [header] = fromHeaders
  if (fromHeaders.length > 1 || (header !== undefined && header.prefix !== ''))
    throw new Unsayable('it looks for tokens in several headers, or behind a prefix')
  return {
    issuer,
    jwks: jwksUri,
    ...(audiences.length > 0 && { audiences }),
    ...(header !== undefined && { header: header.name.toLowerCase() }),
    forward: forwardOriginalToken,
  }
}
