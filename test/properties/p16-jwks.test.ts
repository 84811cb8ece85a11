import { BlockList, isIPv6 } from 'node:net'
import { isDeepStrictEqual } from 'node:util'
import * as assert from 'uvu/assert'
import { readRecord } from '../../schema/json-schema.ts'
import { getHelmValues, getIstioOperator, listObjects } from '../support/output.ts'
import { property } from '../support/property.ts'

interface Settings {
  readonly issuer?: string
  readonly jwks?: string
  readonly audiences?: readonly string[]
  readonly header?: string
  readonly prefix?: string
  readonly parameter?: string
  readonly claimHeaders?: Readonly<Record<string, string>>
  readonly forward?: boolean
}

type JwtSpec = Settings & { readonly issuers?: readonly string[] }

/** Returns the issuers that a `jwt` accepts, each with the nearest settings. */
function acceptedBy({ issuers: names, ...nearest }: JwtSpec, issuers: Record<string, Settings>): Settings[] {
  return names === undefined ? [nearest] : names.map(name => ({ ...issuers[name], ...nearest }))
}

const ruleOf = (settings: Settings) => {
  const { issuer, jwks, audiences, header, prefix, parameter, claimHeaders, forward = true } = settings
  const isPlaced = header !== undefined || prefix !== undefined
  return {
    issuer,
    ...(audiences !== undefined && { audiences }),
    jwksUri: jwks,
    ...(isPlaced && {
      fromHeaders: [{ name: header ?? 'authorization', ...(prefix !== undefined && { prefix }) }],
    }),
    ...(parameter !== undefined && { fromParams: [parameter] }),
    forwardOriginalToken: forward,
    ...(claimHeaders !== undefined && {
      outputClaimToHeaders: Object.entries(claimHeaders)
        .toSorted(([a], [b]) => (a < b ? -1 : 1))
        .map(([header, claim]) => ({ header, claim })),
    }),
  }
}

type ClaimTree = { readonly [name: string]: string | readonly string[] | ClaimTree }

/** Returns the conditions for claims: a nested claim has a pair of brackets for each name. */
const claimConditions = (claims: ClaimTree, above = ''): { key: string; values: readonly string[] }[] =>
  Object.entries(claims).flatMap(([name, value]) => {
    if (typeof value === 'string' || Array.isArray(value))
      return [{ key: `request.auth.claims${above}[${name}]`, values: [value].flat() }]
    return claimConditions(value as ClaimTree, `${above}[${name}]`)
  })

/**
 * P16. Each accepted token can be checked: a service that requires a token knows its issuer and the address
 * of the keys.
 */
property(
  16,
  'every rule about tokens has an issuer, keys and audiences as declared, and every token asked for has such a rule',
  [
    'a service that understands tokens',
    'audiences',
    'a header of its own',
    'several issuers',
    'a token of one issuer of several',
    'a nested claim',
    'a header that is required',
    'a gateway that understands tokens',
    'a route by claims',
    'a token that is required',
    'claims that are required',
    'claims without the word `required`',
    'a caller without a token',
  ],
  (compilation, { services, gateways, spec: whole }, saw) => {
    const issuers = (whole.issuers ?? {}) as Record<string, Settings>
    const authentications = listObjects(compilation, 'RequestAuthentication')
    const understanding = services.filter(
      ({ key, spec, samePods }) => spec.jwt !== undefined && samePods[0]!.key === key,
    )
    const entrances = gateways.filter(({ spec }) => spec.jwt !== undefined)
    const ofGateways = authentications.filter(({ name }) => name.endsWith('.gateway'))
    assert.is(
      authentications.length - ofGateways.length,
      understanding.length,
      'no other object reads tokens',
    )
    for (const { name, podNamespace: namespace, labels: selector, spec } of entrances) {
      const rules = acceptedBy(spec.jwt as JwtSpec, issuers).map(ruleOf)
      const emitted = ofGateways.filter(({ spec }) =>
        isDeepStrictEqual(spec, { selector: { matchLabels: selector }, jwtRules: rules }),
      )
      assert.ok(
        emitted.some(authentication => authentication.namespace === namespace),
        `the tokens that the proxies of ${name} understand`,
      )
      saw('a gateway that understands tokens')
    }
    for (const { name, namespace, labels, spec } of understanding) {
      const accepted = acceptedBy(spec.jwt as JwtSpec, issuers)
      const authentication = authentications.find(
        emitted => emitted.name === name && emitted.namespace === namespace,
      )
      for (const { jwks } of accepted) assert.match(jwks!, /^https?:\/\/[^/]+/)
      const expected = { selector: { matchLabels: labels }, jwtRules: accepted.map(ruleOf) }
      assert.equal(authentication?.spec, expected, `the tokens that ${name} understands`)
      saw('a service that understands tokens')
      if (accepted.some(({ audiences }) => audiences !== undefined)) saw('audiences')
      if (accepted.some(({ header }) => header !== undefined)) saw('a header of its own')
      if (accepted.length > 1) saw('several issuers')
    }

    const isRead = understanding.length + entrances.length > 0
    // The variable that IST0175 requires in the Deployment of istiod, for each method of installation.
    const istiod = { ...getHelmValues(compilation).istiod.env }
    const name = 'BLOCKED_CIDRS_IN_JWKS_URIS'
    const operator = getIstioOperator(compilation)
    const variables = operator.components?.pilot?.k8s?.env ?? []
    // The values of the chart contain the variables that the spec passes on.
    const passed = readRecord(readRecord(operator.values?.['pilot'])['env'])
    assert.equal(
      { ...Object.fromEntries(variables.map(({ name, value }) => [name, value])), ...passed },
      istiod,
    )
    assert.is(istiod[name] !== undefined, isRead, 'istiod fetches the keys of tokens')
    const blocked = new BlockList()
    for (const range of istiod[name]?.split(',') ?? []) {
      const [address = '', length] = range.split('/')
      blocked.addSubnet(address, Number(length), isIPv6(address) ? 'ipv6' : 'ipv4')
    }
    const metadata = [
      ['169.254.169.254', 'ipv4'],
      ['127.0.0.1', 'ipv4'],
      ['::1', 'ipv6'],
    ] as const
    for (const [address, family] of metadata) assert.is(blocked.check(address, family), isRead, address)
    for (const address of ['10.96.0.7', '203.0.113.7']) assert.not(blocked.check(address, 'ipv4'), address)

    for (const { name, spec } of listObjects(compilation, 'VirtualService')) {
      const compared = (spec.http ?? []).flatMap(({ match = [] }) =>
        match.flatMap(({ headers = {} }) => headers),
      )
      if (!compared.some(headers => Object.keys(headers).some(header => header.startsWith('@')))) continue
      const readers = entrances.map(gateway => `${gateway.namespace}/${gateway.name}`)
      assert.ok(
        (spec.gateways ?? []).every(gateway => readers.includes(gateway)),
        `${name} asks for claims only if a RequestAuthentication reads them`,
      )
      saw('a route by claims')
    }

    const policies = listObjects(compilation, 'AuthorizationPolicy')
    for (const { key, name, namespace, labels, spec, samePods } of services) {
      const policy = policies.find(emitted => emitted.name === name && emitted.namespace === namespace)
      for (const [index, allow] of (spec.allow ?? []).entries()) {
        const { from, jwt, issuers: named, claims = {}, headers = {} } = allow
        const rule = policy?.spec.rules?.[index]
        const where = `what ${key} asks of ${from}`
        const claimed = claimConditions(claims as ClaimTree)
        const conditions = [
          ...claimed,
          ...Object.entries(headers).map(([name, values]) => ({
            key: `request.headers[${name}]`,
            values: [values].flat(),
          })),
        ]
        if (claimed.some(({ key }) => key.includes(']['))) saw('a nested claim')
        if (Object.keys(headers).length > 0) saw('a header that is required')
        const byKey = (a: { readonly key: string }, b: { readonly key: string }) => (a.key < b.key ? -1 : 1)
        assert.equal((rule?.when ?? []).toSorted(byKey), conditions.toSorted(byKey), where)
        const principals = rule?.from?.flatMap(({ source }) => source.requestPrincipals ?? []) ?? []
        const isAsked = jwt === 'required' || claimed.length > 0 || named !== undefined
        const accepted = spec.jwt === undefined ? [] : acceptedBy(spec.jwt as JwtSpec, issuers)
        const takers = named === undefined ? accepted : named.map(name => issuers[name]!)
        assert.equal(principals, isAsked ? takers.map(({ issuer }) => `${issuer}/*`) : [], where)
        if (named !== undefined && named.length < accepted.length) saw('a token of one issuer of several')
        if (isAsked) {
          const { name: first } = samePods[0]!
          const sameNamed = authentications.filter(
            emitted => emitted.namespace === namespace && emitted.name === first,
          )
          assert.equal(sameNamed[0]?.spec.selector?.matchLabels, labels, `${key} can check what it asks for`)
        }
        if (jwt === 'required') saw('a token that is required')
        if (claimed.length > 0) saw('claims that are required')
        if (claimed.length > 0 && jwt === undefined) saw('claims without the word `required`')
        if (!isAsked) saw('a caller without a token')
      }
    }
  },
)
