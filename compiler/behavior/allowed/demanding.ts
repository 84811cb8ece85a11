import { parseBracketedPath } from '../claim-path.ts'
import { indexModel } from '../evaluate/indexed-model.ts'
import { matchesPattern, parsePathPattern, parsePolicyPattern } from '../evaluate/patterns.ts'
import type { AuthorizationRule, BehaviorModel, JwtRule, Words, Workload } from '../model.ts'
import { plainRecord } from '../plain-record.ts'
import type { Token } from '../request.ts'
import { type Candidate, makeMatchingText } from './candidates.ts'

/** Requests that may meet a part of a rule, on each route; the most plain ones first. */
export function listDemandingRequests(
  model: BehaviorModel,
  workload: Workload,
  part: AuthorizationRule,
  routes: readonly Candidate[],
): readonly Candidate[] {
  const [operation] = part.to
  const methods =
    operation === undefined ? [undefined] : listFittingTexts(operation.methods, methodPattern, knownMethods)
  const paths =
    operation === undefined
      ? [undefined]
      : listFittingTexts(operation.paths, parsePathPattern, ['/', '/x']).map(addRoot)
  const headers = Object.fromEntries(
    part.when.flatMap(condition => {
      const name = /^request\.headers\[(.*)\]$/.exec(condition.key)?.[1]
      const [text] = name === undefined ? [] : listFittingTexts(condition, parsePolicyPattern, ['x', 'y'])
      return name === undefined || text === undefined ? [] : [[name.toLowerCase(), text] as const]
    }),
  )
  const tokens = listFittingTokens(model, workload, part)
  const demanded = routes.flatMap(route =>
    tokens.flatMap(token =>
      paths.flatMap(path =>
        methods.map(method => ({
          method: method ?? route.method,
          path: path ?? route.path,
          headers: { ...route.headers, ...headers },
          token,
        })),
      ),
    ),
  )
  // If a route rewrites the path, a policy sees another path than the caller sends.
  const rewritten = routes.flatMap(route =>
    route.path === undefined || paths[0] === undefined
      ? []
      : tokens.map(token => ({
          method: methods[0] ?? route.method,
          path: route.path,
          headers: { ...route.headers, ...headers },
          token,
        })),
  )
  return [...demanded, ...rewritten]
}

const knownMethods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS']
const methodPattern = parsePolicyPattern

/** Lists some texts that match a condition. The list is `[undefined]` if there is no condition or every text matches. */
function listFittingTexts(
  { values, notValues }: Words,
  patternOf: typeof parsePolicyPattern,
  others: readonly string[],
): readonly (string | undefined)[] {
  if (values.length === 0 && notValues.length === 0) return [undefined]
  const texts =
    values.length === 0
      ? others
      : values.flatMap(word => {
          const pattern = patternOf(word)
          const knownText = others.find(text => matchesPattern(pattern, text))
          const text = pattern.match === 'exact' ? pattern.value : (knownText ?? makeMatchingText(pattern))
          const longer = pattern.match === 'prefix' ? [`${pattern.value}x`] : []
          return text === undefined ? longer : [text, ...longer]
        })
  const fitting = texts.filter(text => !notValues.some(word => matchesPattern(patternOf(word), text)))
  return fitting.length === 0 ? [undefined] : [...new Set(fitting)].slice(0, mostTexts)
}

const mostTexts = 8

const addRoot = (path: string | undefined) => (path === undefined || path.startsWith('/') ? path : `/${path}`)

/** The tokens that may match the conditions on a token. The list is `[undefined]` if there are no conditions. */
function listFittingTokens(
  model: BehaviorModel,
  workload: Workload,
  { from, when }: AuthorizationRule,
): readonly (Token | undefined)[] {
  const [source] = from
  const principals = [
    ...(source?.requestPrincipals.values ?? []),
    ...when.filter(({ key }) => key === 'request.auth.principal').flatMap(({ values }) => values),
  ]
  const claims = when.filter(({ key, values }) => key.startsWith('request.auth.') && values.length > 0)
  if (principals.length === 0 && claims.length === 0) return [undefined]
  const rules = indexModel(model)
    .requestAuthenticationsOf(workload)
    .flatMap(requestAuthentication => requestAuthentication.rules)
  return rules.flatMap(rule =>
    (principals.length === 0 ? ['*'] : principals).map(principal => getToken(rule, principal, claims)),
  )
}

function getToken(
  { issuer, audiences, fromHeaders, fromParams, fromCookies }: JwtRule,
  principal: string,
  conditions: AuthorizationRule['when'],
): Token {
  const subject = principal.slice(principal.lastIndexOf('/') + 1)
  const sub = subject.includes('*') || subject === '' ? subject.replaceAll('*', 'x') || 'x' : subject
  const claims = plainRecord<unknown>()
  let aud = audiences
  for (const { key, values } of conditions) {
    const text = makeMatchingText(parsePolicyPattern(values[0]!)) ?? 'x'
    if (key === 'request.auth.audiences') aud = [text]
    else if (key === 'request.auth.presenter') claims['azp'] = text
    else if (key.startsWith('request.auth.claims')) {
      const path = parseBracketedPath(key.slice('request.auth.claims'.length))
      if (path !== undefined) setAt(claims, path, text)
    }
  }
  const [header] = fromHeaders
  const [param] = fromParams
  const [cookie] = fromCookies
  return {
    iss: issuer,
    sub,
    ...(aud.length > 0 && { aud }),
    ...(Object.keys(claims).length > 0 && { claims }),
    ...(header !== undefined
      ? { header: header.name, prefix: header.prefix }
      : param !== undefined
        ? { param }
        : cookie !== undefined && { cookie }),
  }
}

function setAt(claims: Record<string, unknown>, path: readonly string[], value: string): void {
  let map = claims
  for (const key of path.slice(0, -1)) {
    const inner = plainRecord<unknown>()
    map[key] = inner
    map = inner
  }
  map[path.at(-1)!] = value
}
