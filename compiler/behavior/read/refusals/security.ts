import { isRange } from '../../address-ranges.ts'
import { isMap, listAt, type ManifestMap, mapAt, readText, readTexts } from '../values.ts'
import { checkDuration, checkSelector, checkTarget } from './common.ts'
import {
  checkEntriesAt,
  checkListAt,
  checkMapAt,
  checkOneOf,
  checkTextsAt,
  type Fault,
  isEmptyAt,
  isPresent,
  makeFault,
  makeFaultIf,
  type Problem,
  placeProblem,
} from './faults.ts'

/** See ValidatePeerAuthentication in pkg/config/validation/validation.go of istio/istio. */
export const checkPeerAuthentication = (spec: ManifestMap): Fault =>
  makeFaultIf(
    isPresent(spec, 'portLevelMtls') && isEmptyAt(spec, 'portLevelMtls'),
    'an empty map of ports',
    'portLevelMtls',
  ) ??
  makeFaultIf(
    isPresent(spec, 'portLevelMtls') && isEmptyAt(mapAt(spec, 'selector'), 'matchLabels'),
    'modes of ports without a selector',
    'portLevelMtls',
  ) ??
  checkEntriesAt(spec, 'portLevelMtls', port => placeProblem(findPortTextProblem(port, 1))) ??
  checkSelector(spec, 'selector', 'matchLabels')

/** See ValidateRequestAuthentication in pkg/config/validation/validation.go of istio/istio. */
export const checkRequestAuthentication = (spec: ManifestMap): Fault =>
  findChoiceFault(spec) ??
  checkListAt(
    spec,
    'jwtRules',
    rule =>
      checkTextsAt(rule, 'audiences', findEmptyProblem) ??
      makeFaultIf(readText(rule, 'issuer') === '', 'an empty issuer', 'issuer') ??
      makeFaultIf(
        isEmptyAt(rule, 'issuer') && isEmptyAt(rule, 'jwksUri') && isEmptyAt(rule, 'jwks_uri'),
        'neither `issuer` nor `jwksUri`',
      ) ??
      findKeysFault(isMap(rule) ? rule : {}) ??
      checkListAt(rule, 'fromHeaders', header =>
        makeFaultIf(isEmptyAt(header, 'name'), 'an empty name', 'name'),
      ) ??
      checkTextsAt(rule, 'fromParams', findEmptyProblem) ??
      checkTextsAt(rule, 'fromCookies', findEmptyProblem) ??
      checkTextsAt(rule, 'spaceDelimitedClaims', findEmptyProblem) ??
      checkListAt(
        rule,
        'outputClaimToHeaders',
        output =>
          makeFaultIf(isEmptyAt(output, 'claim'), 'an empty claim', 'claim') ??
          makeFaultIf(
            !/^[-_A-Za-z0-9]+$/.test(readText(output, 'header') ?? ''),
            'no name of a header',
            'header',
          ),
      ) ??
      checkDuration(rule, 'timeout'),
  )

/** See validateJwtRule, and ParseJwksURI in pkg/config/security/security.go. */
function findKeysFault(rule: ManifestMap): Fault {
  const key = isPresent(rule, 'jwksUri') ? 'jwksUri' : 'jwks_uri'
  const address = readText(rule, key)
  const keys = readText(rule, 'jwks') ?? ''
  return (
    checkOneOf(rule, 'jwks', 'jwksUri', 'jwks_uri') ??
    makeFaultIf(
      address !== undefined && !/^https?:\/\//.test(address),
      'an address without http or https',
      key,
    ) ??
    makeFaultIf(keys !== '' && !isJsonMap(keys), 'keys that are no map of JSON', 'jwks')
  )
}

function isJsonMap(text: string): boolean {
  try {
    return isMap(JSON.parse(text))
  } catch {
    return false
  }
}

/** See ValidateAuthorizationPolicy in pkg/config/validation/validation.go of istio/istio. */
export function checkAuthorizationPolicy(spec: ManifestMap): Fault {
  const action = readText(spec, 'action') ?? 'ALLOW'
  return (
    findChoiceFault(spec) ??
    (action === 'CUSTOM' ? findCustomFault(spec) : undefined) ??
    makeFaultIf(
      action !== 'CUSTOM' && isPresent(spec, 'provider'),
      'a provider without the action CUSTOM',
      'provider',
    ) ??
    makeFaultIf(action === 'DENY' && isEmptyAt(spec, 'rules'), 'the action DENY without a rule') ??
    checkListAt(spec, 'rules', findRuleFault)
  )
}

/** A policy selects pods by their labels, or names target objects. */
const findChoiceFault = (spec: ManifestMap): Fault =>
  checkOneOf(spec, 'selector', 'targetRef', 'targetRefs') ??
  checkSelector(spec, 'selector', 'matchLabels') ??
  checkMapAt(spec, 'targetRef', checkTarget) ??
  checkListAt(spec, 'targetRefs', checkTarget)

const findCustomFault = (spec: ManifestMap): Fault =>
  makeFaultIf(isEmptyAt(spec, 'rules'), 'the action CUSTOM without a rule') ??
  makeFaultIf(isEmptyAt(mapAt(spec, 'provider'), 'name'), 'the action CUSTOM without a provider') ??
  checkListAt(
    spec,
    'rules',
    rule =>
      checkListAt(rule, 'from', from => {
        const name = unaskedFields.find(key => !isEmptyAt(mapAt(from, 'source'), key))
        return name === undefined ? undefined : makeFault(`${name} with the action CUSTOM`, 'source', name)
      }) ??
      checkListAt(rule, 'when', when => {
        const key = readText(when, 'key') ?? ''
        const isUnasked = /^(?:source\.(?:namespace|serviceAccount|trustDomain|principal)$|request\.auth\.)/
        return makeFaultIf(isUnasked.test(key), `${key} with the action CUSTOM`, 'key')
      }),
  )

const addressFields = ['ipBlocks', 'notIpBlocks', 'remoteIpBlocks', 'notRemoteIpBlocks']
const nameFields = ['principals', 'notPrincipals', 'namespaces', 'notNamespaces']
const tokenFields = ['requestPrincipals', 'notRequestPrincipals']
const accountFields = ['serviceAccounts', 'notServiceAccounts']
const domainFields = ['trustDomains', 'notTrustDomains']
/** The fields that a provider is not asked by. */
const unaskedFields = [...nameFields, ...tokenFields, ...accountFields, ...domainFields]
const operationFields = ['hosts', 'notHosts', 'methods', 'notMethods']
const pathFields = ['paths', 'notPaths']
const portFields = ['ports', 'notPorts']

const findRuleFault = (rule: unknown): Fault =>
  checkListAt(rule, 'from', from =>
    isPresent(from, 'source') ? checkMapAt(from, 'source', findSourceFault) : makeFault('no `source`'),
  ) ??
  checkListAt(rule, 'to', to =>
    isPresent(to, 'operation')
      ? checkMapAt(to, 'operation', findOperationFault)
      : makeFault('no `operation`'),
  ) ??
  checkListAt(rule, 'when', findConditionFault)

const findSourceFault = (source: ManifestMap): Fault =>
  makeFaultIf(
    [...addressFields, ...unaskedFields].every(key => isEmptyAt(source, key)),
    'an empty source',
  ) ??
  makeFaultIf(
    accountFields.some(key => isPresent(source, key)) && nameFields.some(key => isPresent(source, key)),
    'service accounts beside namespaces or principals',
  ) ??
  findFaultInEach(source, addressFields, findAddressRangeProblem) ??
  findFaultInEach(source, [...nameFields, ...tokenFields], findEmptyProblem) ??
  findFaultInEach(source, accountFields, findAccountProblem) ??
  placeProblem(
    accountFields.some(key => readTexts(source, key).length > 16)
      ? 'more than 16 service accounts'
      : undefined,
  ) ??
  findFaultInEach(source, domainFields, text =>
    text.includes('/') ? `a \`/\`: \`${text}\`` : findWildcardProblem(text),
  )

const findOperationFault = (operation: ManifestMap): Fault =>
  makeFaultIf(
    [...operationFields, ...pathFields, ...portFields].every(key => isEmptyAt(operation, key)),
    'an empty operation',
  ) ??
  findFaultInEach(operation, portFields, text => findPortTextProblem(text, 0)) ??
  findFaultInEach(operation, operationFields, findEmptyProblem) ??
  findFaultInEach(operation, pathFields, text => findEmptyProblem(text) ?? findTemplateProblem(text))

function findFaultInEach(value: unknown, keys: readonly string[], look: (text: string) => Problem): Fault {
  for (const key of keys) {
    const checkTexts = checkTextsAt(value, key, look)
    if (checkTexts !== undefined) return checkTexts
  }
  return undefined
}

/** See ValidateAttribute in pkg/config/security/security.go. */
function findConditionFault(condition: unknown): Fault {
  const key = readText(condition, 'key') ?? ''
  const name = key.replace(/\[.*$/s, '')
  const problem = valueProblems.get(key)
  return (
    makeFaultIf(key === '', 'an empty key', 'key') ??
    makeFaultIf(
      isEmptyAt(condition, 'values') && isEmptyAt(condition, 'notValues'),
      'neither `values` nor `notValues`',
    ) ??
    placeProblem(
      problem !== undefined || isKeyOfMap(key) ? undefined : `no key of a condition: \`${name}\``,
      'key',
    ) ??
    findFaultInEach(condition, ['values', 'notValues'], text => findEmptyProblem(text) ?? problem?.(text)) ??
    makeFaultIf(
      key === 'source.serviceAccount' &&
        ['values', 'notValues'].some(list => listAt(condition, list).length > 16),
      'more than 16 service accounts',
    )
  )
}

const isKeyOfMap = (key: string): boolean =>
  /^(?:request\.headers|request\.auth\.claims|experimental\.envoy\.filters\.)/.test(key) &&
  /^[^[]+\[.+\]$/s.test(key)

const findEmptyProblem = (text: string): Problem => (text === '' ? 'an empty word' : undefined)

/** See ValidateIPs. */
const findAddressRangeProblem = (text: string): Problem =>
  isRange(text) ? undefined : `no address or CIDR: \`${text}\``

/** See ValidatePorts. */
const findPortTextProblem = (text: string, least: number): Problem =>
  /^\d{1,9}$/.test(text) && Number(text) >= least && Number(text) <= 65_535
    ? undefined
    : `no port: \`${text}\``

/** See CheckServiceAccount. */
const findAccountProblem = (text: string): Problem =>
  text.length <= 320 && /^[^*/]+(?:\/[^*/]+)?$/.test(text) ? undefined : `no service account: \`${text}\``

/** See CheckWildcardValues. */
const findWildcardProblem = (text: string): Problem =>
  text === '*' || /^(?:\*?[^*]+|[^*]+\*)$/s.test(text)
    ? undefined
    : `a \`*\` that is at neither end: \`${text}\``

const valueProblems: ReadonlyMap<string, (text: string) => Problem> = new Map([
  ['source.ip', findAddressRangeProblem],
  ['remote.ip', findAddressRangeProblem],
  ['destination.ip', findAddressRangeProblem],
  ['destination.port', text => findPortTextProblem(text, 0)],
  ['source.serviceAccount', findAccountProblem],
  ['source.trustDomain', findWildcardProblem],
  ...[
    'source.namespace',
    'source.principal',
    'request.auth.principal',
    'request.auth.audiences',
    'request.auth.presenter',
    'connection.sni',
  ].map(key => [key, findEmptyProblem] as const),
])

/** See CheckValidPathTemplate: `{*}` is a segment, `{**}` the last that is one of these. */
function findTemplateProblem(path: string): Problem {
  const segments = path.replace(/^\/+|\/+$/g, '').split('/')
  const isTemplate = path.includes('{*}') || path.includes('{**}')
  const last = segments.indexOf('{**}')
  const isWrong = segments.some((segment, index) => {
    if (segment === '{*}' || segment === '{**}') return last >= 0 && index > last
    return /[{}]/.test(segment) || (isTemplate && !/^[a-zA-Z0-9\-._~%!$&'()+,;:@=]+$/.test(segment))
  })
  return isWrong ? `no template of a path: \`${path}\`` : undefined
}
