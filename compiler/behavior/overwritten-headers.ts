import { memo } from '../basics/memo.ts'
import { weakMemo } from '../basics/weak-memo.ts'
import { isSubset } from './is-subset.ts'
import type {
  AuthorizationPolicy,
  BehaviorModel,
  ExtensionProvider,
  RequestAuthentication,
  Workload,
} from './model.ts'
import type { Unmodelled } from './result.ts'

/**
 * Lists response headers of an authorizer that later decisions about the request read. Such decisions are the policies and tokens of
 * the workload. Behind a gateway, they are also the policies and tokens of other workloads, and routes, since Envoy chooses the route
 * again after it reads tokens. Only the authorizer knows the values of these headers. Istio never makes Envoy choose the route again
 * for the authorizer itself (`clear_route_cache`).
 */
export function listOverwrittenHeaders(
  model: BehaviorModel,
  workload: Workload,
  { forwardedHeaders }: ExtensionProvider,
): readonly Unmodelled[] {
  if (forwardedHeaders.length === 0) return []
  const isForwarded = (name: string) => forwardedHeaders.some(pattern => fits(pattern.toLowerCase(), name))
  return indexReadings(model)(workload).flatMap(({ header, ...at }) =>
    isForwarded(header) ? [{ ...at, reason: { code: 'header-of-authorizer', header } } as const] : [],
  )
}

/** Tells whether a name fits a word of Istio: a name, `x*` or `*x`. */
const fits = (word: string, name: string): boolean =>
  word.startsWith('*')
    ? name.endsWith(word.slice(1))
    : word.endsWith('*')
      ? name.startsWith(word.slice(0, -1))
      : name === word

/** A place that reads a header, which has a name in lower case. */
interface Reading extends Unmodelled {
  readonly header: string
}

/** Lists the decisions that read a header after the authorizer of a workload. */
const indexReadings = weakMemo((model: BehaviorModel) =>
  memo((workload: Workload): readonly Reading[] => {
    const isHere = ({ namespace, selector }: AuthorizationPolicy | RequestAuthentication) =>
      workload.proxy === 'gateway' ||
      ((namespace === workload.namespace || namespace === model.settings.rootNamespace) &&
        isSubset(selector, workload.labels))
    const policies = model.authorizationPolicies.filter(
      policy => (policy.action === 'ALLOW' || policy.action === 'DENY') && isHere(policy),
    )
    const authentications = model.requestAuthentications.filter(isHere)
    const isRoutedAnew = workload.proxy === 'gateway' && authentications.length > 0
    return [
      ...policies.flatMap(listPolicyReadings),
      ...authentications.flatMap(listTokenReadings),
      ...(isRoutedAnew ? listRouteReadings(model) : []),
    ]
  }),
)

const listPolicyReadings = (object: AuthorizationPolicy): readonly Reading[] =>
  object.rules.flatMap(({ when }, index) =>
    when.flatMap(({ key }, place) => {
      const header = /^request\.headers\[(.*)\]$/.exec(key)?.[1]?.toLowerCase()
      return header === undefined ? [] : [{ header, object, path: ['spec', 'rules', index, 'when', place] }]
    }),
  )

const listTokenReadings = (object: RequestAuthentication): readonly Reading[] =>
  object.rules.flatMap(({ fromHeaders, fromParams, fromCookies }, index) => {
    const isUsual = fromHeaders.length + fromParams.length + fromCookies.length === 0
    const names = [
      ...fromHeaders.map(({ name }) => name.toLowerCase()),
      ...(isUsual ? ['authorization'] : []),
      ...(fromCookies.length > 0 ? ['cookie'] : []),
    ]
    return names.map(header => ({ header, object, path: ['spec', 'jwtRules', index] }))
  })

const listRouteReadings = ({ virtualServices }: BehaviorModel): readonly Reading[] =>
  virtualServices.flatMap(object =>
    object.http.flatMap(({ matches }) =>
      matches.flatMap(({ headers, withoutHeaders, at }) =>
        [...Object.keys(headers), ...Object.keys(withoutHeaders)].map(header => ({
          header,
          object: at.object,
          path: at.path,
        })),
      ),
    ),
  )
