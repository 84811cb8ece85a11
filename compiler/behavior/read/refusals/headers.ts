import { mapAt } from '../values.ts'
import { checkEntriesAt, checkMapAt, checkTextsAt, type Fault, type Problem, placeProblem } from './faults.ts'
import { isHeaderValue } from './header-value.ts'

/** Headers that are matched or changed. See pkg/config/validation/validation.go of istio/istio. */

/** See ValidateHTTPHeaderNameOrJwtClaimRoute. */
export const checkMatchedName = (name: string): Problem =>
  isRoutingClaim(name) || pseudoHeaders.has(name) || headerName.test(name)
    ? undefined
    : `no name of a header: \`${name}\``

/** See ValidateCORSHTTPHeaderName. */
export const checkCorsName = (name: string): Problem =>
  name === '*' || headerName.test(name) ? undefined : `no name of a header: \`${name}\``

/** A claim of a token as a header. See ToRoutingClaim in pkg/config/jwt/routing.go. */
export const isRoutingClaim = (name: string): boolean => /^@request\.auth\.claims(?:\..|\[.+\]$)/is.test(name)

const isAuthority = (name: string): boolean => /^(?::authority|host)$/i.test(name)

/** Changes of the headers of requests and responses. See validateHTTPRoute and validateHTTPRouteDestinations. */
export const checkHeaders = (value: unknown): Fault =>
  checkMapAt(
    value,
    'headers',
    headers =>
      checkMapAt(headers, 'request', changes => findChangesFault(changes, isAuthority)) ??
      checkMapAt(headers, 'response', changes => findChangesFault(changes, () => false)),
  )

/**
 * Tells whether rewrites and changes of headers name the authority more than once. See validateAuthorityRewrite.
 */
export function namesAuthorityTwice(route: unknown): boolean {
  const request = mapAt(mapAt(route, 'headers'), 'request')
  const names = [mapAt(request, 'set'), mapAt(request, 'add')].flatMap(changes =>
    Object.entries(changes ?? {}).filter(([name, text]) => isAuthority(name) && text !== ''),
  )
  const rewritten = mapAt(route, 'rewrite')?.['authority']
  return names.length + (rewritten === undefined || rewritten === '' ? 0 : 1) > 1
}

const findChangesFault = (changes: unknown, mayChange: (name: string) => boolean): Fault =>
  findWrittenFault(changes, 'add', mayChange) ??
  findWrittenFault(changes, 'set', mayChange) ??
  checkTextsAt(changes, 'remove', findChangedNameProblem)

const findWrittenFault = (changes: unknown, key: string, mayChange: (name: string) => boolean): Fault =>
  checkEntriesAt(changes, key, (name, text) =>
    placeProblem(
      (mayChange(name) ? undefined : findChangedNameProblem(name)) ?? findValueProblem(String(text)),
    ),
  )

/** See ValidateHTTPHeaderOperationName. */
const findChangedNameProblem = (name: string): Problem =>
  name === '' || name.startsWith(':') || /^host$/i.test(name)
    ? `a header that cannot be changed: \`${name}\``
    : undefined

const findValueProblem = (value: string): Problem =>
  isHeaderValue(value) ? undefined : `no value of a header: \`${value}\``

const headerName = /^[!#$%&'*+\-.^_`|~A-Za-z0-9]+$/
const pseudoHeaders: ReadonlySet<string> = new Set([':method', ':scheme', ':authority', ':path', ':status'])
