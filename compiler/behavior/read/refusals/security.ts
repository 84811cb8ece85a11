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
  faultIf,
  isEmptyAt,
  isPresent,
  makeFault,
  type Problem,
  placeProblem,
} from './faults.ts'

/** See ValidatePeerAuthentication in pkg/config/validation/validation.go of istio/istio. */
export const checkPeerAuthentication = (spec: ManifestMap): Fault =>
  faultIf(
    isPresent(spec, 'portLevelMtls') && isEmptyAt(spec, 'portLevelMtls'),
    'an empty map of ports',
    'portLevelMtls',
  ) ??
  faultIf(
    isPresent(spec, 'portLevelMtls') && isEmptyAt(mapAt(spec, 'selector'), 'matchLabels'),
    'modes of ports without a selector',
    'portLevelMtls',
  ) ??
  checkEntriesAt(spec, 'portLevelMtls', port => placeProblem(portTextProblem(port, 1))) ??
  checkSelector(spec, 'selector', 'matchLabels')

/** See ValidateRequestAuthentication in pkg/config/validation/validation.go of istio/istio. */
export const checkRequestAuthentication = (spec: ManifestMap): Fault =>
  faultOfChoice(spec) ??
  checkListAt(
    spec,
    'jwtRules',
    rule =>
      checkTextsAt(rule, 'audiences', emptyProblem) ??
      faultIf(readText(rule, 'issuer') === '', 'an empty issuer', 'issuer') ??
      faultIf(
        isEmptyAt(rule, 'issuer') && isEmptyAt(rule, 'jwksUri') && isEmptyAt(rule, 'jwks_uri'),
        'neither `issuer` nor `jwksUri`',
      ) ??
      faultOfKeys(isMap(rule) ? rule : {}) ??
      checkListAt(rule, 'fromHeaders', header =>
        faultIf(isEmptyAt(header, 'name'), 'an empty name', 'name'),
      ) ??
      checkTextsAt(rule, 'fromParams', emptyProblem) ??
      checkTextsAt(rule, 'fromCookies', emptyProblem) ??
      checkTextsAt(rule, 'spaceDelimitedClaims', emptyProblem) ??
      checkListAt(
        rule,
        'outputClaimToHeaders',
        output =>
          faultIf(isEmptyAt(output, 'claim'), 'an empty claim', 'claim') ??
          faultIf(
            !/^[-_A-Za-z0-9]+$/.test(readText(output, 'header') ?? ''),
            'no name of a header',
            'header',
          ),
      ) ??
      checkDuration(rule, 'timeout'),
  )

/** See validateJwtRule, and ParseJwksURI in pkg/config/security/security.go. */
function faultOfKeys(rule: ManifestMap): Fault {
  const key = isPresent(rule, 'jwksUri') ? 'jwksUri' : 'jwks_uri'
  const address = readText(rule, key)
  const keys = readText(rule, 'jwks') ?? ''
  return (
    checkOneOf(rule, 'jwks', 'jwksUri', 'jwks_uri') ??
    faultIf(
      address !== undefined && !/^https?:\/\//.test(address),
      'an address without http or https',
      key,
    ) ??
    faultIf(keys !== '' && !isJsonMap(keys), 'keys that are no map of JSON', 'jwks')
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
    faultOfChoice(spec) ??
    (action === 'CUSTOM' ? faultOfCustom(spec) : undefined) ??
    faultIf(
      action !== 'CUSTOM' && isPresent(spec, 'provider'),
      'a provider without the action CUSTOM',
      'provider',
    ) ??
    faultIf(action === 'DENY' && isEmptyAt(spec, 'rules'), 'the action DENY without a rule') ??
    checkListAt(spec, 'rules', faultOfRule)
  )
}

/** A policy for pods by their labels, or for what it names. */
const faultOfChoice = (spec: ManifestMap): Fault =>
  checkOneOf(spec, 'selector', 'targetRef', 'targetRefs') ??
  checkSelector(spec, 'selector', 'matchLabels') ??
  checkMapAt(spec, 'targetRef', checkTarget) ??
  checkListAt(spec, 'targetRefs', checkTarget)

const faultOfCustom = (spec: ManifestMap): Fault =>
  faultIf(isEmptyAt(spec, 'rules'), 'the action CUSTOM without a rule') ??
  faultIf(isEmptyAt(mapAt(spec, 'provider'), 'name'), 'the action CUSTOM without a provider') ??
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
        return faultIf(isUnasked.test(key), `${key} with the action CUSTOM`, 'key')
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

const faultOfRule = (rule: unknown): Fault =>
  checkListAt(rule, 'from', from =>
    isPresent(from, 'source') ? checkMapAt(from, 'source', faultOfSource) : makeFault('no `source`'),
  ) ??
  checkListAt(rule, 'to', to =>
    isPresent(to, 'operation') ? checkMapAt(to, 'operation', faultOfOperation) : makeFault('no `operation`'),
  ) ??
  checkListAt(rule, 'when', faultOfCondition)

const faultOfSource = (source: ManifestMap): Fault =>
  faultIf(
    [...addressFields, ...unaskedFields].every(key => isEmptyAt(source, key)),
    'an empty source',
  ) ??
  faultIf(
    accountFields.some(key => isPresent(source, key)) && nameFields.some(key => isPresent(source, key)),
    'service accounts beside namespaces or principals',
  ) ??
  faultInEach(source, addressFields, rangeProblem) ??
  faultInEach(source, [...nameFields, ...tokenFields], emptyProblem) ??
  faultInEach(source, accountFields, accountProblem) ??
  placeProblem(
    accountFields.some(key => readTexts(source, key).length > 16)
      ? 'more than 16 service accounts'
      : undefined,
  ) ??
  faultInEach(source, domainFields, text =>
    text.includes('/') ? `a \`/\`: \`${text}\`` : wildcardProblem(text),
  )

const faultOfOperation = (operation: ManifestMap): Fault =>
  faultIf(
    [...operationFields, ...pathFields, ...portFields].every(key => isEmptyAt(operation, key)),
    'an empty operation',
  ) ??
  faultInEach(operation, portFields, text => portTextProblem(text, 0)) ??
  faultInEach(operation, operationFields, emptyProblem) ??
  faultInEach(operation, pathFields, text => emptyProblem(text) ?? templateProblem(text))

function faultInEach(value: unknown, keys: readonly string[], look: (text: string) => Problem): Fault {
  for (const key of keys) {
    const checkTexts = checkTextsAt(value, key, look)
    if (checkTexts !== undefined) return checkTexts
  }
  return undefined
}

/** See ValidateAttribute in pkg/config/security/security.go. */
function faultOfCondition(condition: unknown): Fault {
  const key = readText(condition, 'key') ?? ''
  const name = key.replace(/\[.*$/s, '')
  const problem = valueProblems.get(key)
  return (
    faultIf(key === '', 'an empty key', 'key') ??
    faultIf(
      isEmptyAt(condition, 'values') && isEmptyAt(condition, 'notValues'),
      'neither `values` nor `notValues`',
    ) ??
    placeProblem(
      problem !== undefined || isKeyOfMap(key) ? undefined : `no key of a condition: \`${name}\``,
      'key',
    ) ??
    faultInEach(condition, ['values', 'notValues'], text => emptyProblem(text) ?? problem?.(text)) ??
    faultIf(
      key === 'source.serviceAccount' &&
        ['values', 'notValues'].some(list => listAt(condition, list).length > 16),
      'more than 16 service accounts',
    )
  )
}

const isKeyOfMap = (key: string): boolean =>
  /^(?:request\.headers|request\.auth\.claims|experimental\.envoy\.filters\.)/.test(key) &&
  /^[^[]+\[.+\]$/s.test(key)

const emptyProblem = (text: string): Problem => (text === '' ? 'an empty word' : undefined)

/** See ValidateIPs. */
const rangeProblem = (text: string): Problem =>
  isRange(text) ? undefined : `no address or CIDR: \`${text}\``

/** See ValidatePorts. */
const portTextProblem = (text: string, least: number): Problem =>
  /^\d{1,9}$/.test(text) && Number(text) >= least && Number(text) <= 65_535
    ? undefined
    : `no port: \`${text}\``

/** See CheckServiceAccount. */
const accountProblem = (text: string): Problem =>
  text.length <= 320 && /^[^*/]+(?:\/[^*/]+)?$/.test(text) ? undefined : `no service account: \`${text}\``

/** See CheckWildcardValues. */
const wildcardProblem = (text: string): Problem =>
  text === '*' || /^(?:\*?[^*]+|[^*]+\*)$/s.test(text)
    ? undefined
    : `a \`*\` that is at neither end: \`${text}\``

const valueProblems: ReadonlyMap<string, (text: string) => Problem> = new Map([
  ['source.ip', rangeProblem],
  ['remote.ip', rangeProblem],
  ['destination.ip', rangeProblem],
  ['destination.port', text => portTextProblem(text, 0)],
  ['source.serviceAccount', accountProblem],
  ['source.trustDomain', wildcardProblem],
  ...[
    'source.namespace',
    'source.principal',
    'request.auth.principal',
    'request.auth.audiences',
    'request.auth.presenter',
    'connection.sni',
  ].map(key => [key, emptyProblem] as const),
])

/** See CheckValidPathTemplate: `{*}` is a segment, `{**}` the last that is one of these. */
function templateProblem(path: string): Problem {
  const segments = path.replace(/^\/+|\/+$/g, '').split('/')
  const isTemplate = path.includes('{*}') || path.includes('{**}')
  const last = segments.indexOf('{**}')
  const isWrong = segments.some((segment, index) => {
    if (segment === '{*}' || segment === '{**}') return last >= 0 && index > last
    return /[{}]/.test(segment) || (isTemplate && !/^[a-zA-Z0-9\-._~%!$&'()+,;:@=]+$/.test(segment))
  })
  return isWrong ? `no template of a path: \`${path}\`` : undefined
}
