import { noCertificate } from './client-certificate.ts'
import type { Extent, RequestRegion } from './compare/difference.ts'
import type { CallerName, DestinationName } from './pairs/names.ts'
import { noAnswerOf, type Request } from './request.ts'
import type { Result, Step } from './result.ts'

/** Describes a caller in the form that users write: `web`, `shop/cart`, `anyone outside (https, istio-public)`. */
export function describeCaller(caller: CallerName): string {
  if (caller.kind === 'outside') return `anyone outside (${caller.scheme}, ${caller.gateway.name})`
  const name = workloadWords(caller)
  const how = caller.plaintext ? ' without a sidecar' : ''
  // An assumed caller has no name in any manifest, or only in a policy.
  if (caller.assumed) {
    if (caller.like !== undefined) return `anyone else (${caller.like})${how}`
    if (caller.identity === undefined && name === assumedCaller) return `anyone else${how}`
    return `${caller.identity?.replace('spiffe://', '') ?? name} (no workload here)${how}`
  }
  return caller.plaintext ? `${name} (plaintext)` : name
}

/** The name that the engine gives a workload that no manifest describes. */
const assumedCaller = 'somewhere/somebody'

const workloadWords = ({ namespace, name }: { readonly namespace: string; readonly name: string }) =>
  namespace === name ? name : `${namespace}/${name}`

/** Describes a destination: `payments:8080`, `api.stripe.com:443 (external)`. */
export function describeDestination({ host, port, isExternal }: DestinationName): string {
  if (host === '*') return `every other host, port ${port}`
  return `${describeHost(host)}:${port}${isExternal ? ' (external)' : ''}`
}

/** A cluster host without the suffix that all cluster hosts share. */
export function describeHost(host: string): string {
  const [, name, namespace] = /^([^.]+)\.([^.]+)\.svc\.cluster\.local$/.exec(host) ?? []
  if (name === undefined) return host
  return name === namespace ? name : `${name}.${namespace}`
}

/** Describes the requests of a region: `POST /refunds, header x-canary: 1`. */
export function describeRegion(region: RequestRegion, protocol: DestinationName['protocol']): string {
  const findWords = (part: string) => region.find(condition => condition.part === part)?.says
  const line = [findWords('method'), findWords('path')].filter(words => words !== undefined).join(' ')
  const others = region
    .filter(({ part }) => part !== 'method' && part !== 'path')
    .map(({ part, says }) => describeCondition(part, says))
  const words = [...(line === '' ? [] : [line]), ...others]
  return words.length > 0 ? words.join(', ') : everyRequest(protocol)
}

/** `header x-canary: 1`, `refused by grpc://opa.policy:9191`. */
function describeCondition(part: string, says: string): string {
  if (part === 'certificate')
    return says === noCertificate ? 'without a certificate' : `with a certificate of ${says}`
  const [, authorizer] = /^authorizer (.*)$/.exec(part) ?? []
  if (authorizer === undefined) return `${part}: ${says}`
  if (says === 'deny') return describeRefusal(authorizer)
  return authorizer.startsWith(silence) ? `an${authorizer.slice('no'.length)}` : `allowed by ${authorizer}`
}

const silence = noAnswerOf('')

/** `refused by grpc://opa.policy:9191`, `no answer of grpc://opa.policy:9191`. */
const describeRefusal = (authorizer: string): string =>
  authorizer.startsWith(silence) ? authorizer : `refused by ${authorizer}`

/** Describes the requests of a change if the description needs no condition; undefined: only the regions describe them. */
export function extentWords(extent: Extent, protocol: DestinationName['protocol']): string | undefined {
  const words = wordsOfExtent[extent]
  return words === undefined ? undefined : `${everyRequest(protocol)}${words}`
}

const wordsOfExtent: Readonly<Record<Extent, string | undefined>> = {
  every: '',
  'let-through': ' that is let through',
  'let-through-before': ' that was let through',
  'answered-so-before': ' that was answered so',
  some: undefined,
}

const everyRequest = (protocol: DestinationName['protocol']) =>
  isOfRequests(protocol) ? 'every request' : 'every connection'

const isOfRequests = (protocol: DestinationName['protocol']) => /^(HTTP|GRPC)/.test(protocol)

/** A request that arrives as one line, with the authorizers that must allow it. */
export function describeArrival(request: Request, result: Result): string {
  const names = new Set(listAskedProviders(result).map(({ name }) => name))
  return [describeFullRequest(request), ...[...names].map(name => `if ${name} allows it`)].join(', ')
}

/** Lists the providers that check a request, in the order of its way. */
export const listAskedProviders = ({ steps, outcomes }: Result): readonly NonNullable<Step['asks']>[] =>
  [...steps, ...outcomes.flatMap(outcome => outcome.steps)].flatMap(({ asks }) => asks ?? [])

/** A request as one line: `web/web → POST http://payments:8080/refunds, x-canary: 1`. */
export function describeFullRequest(request: Request): string {
  const { from, to, protocol = 'http', method = 'GET', path = '/', headers = {}, jwt, plaintext } = request
  const caller =
    from.gateway !== undefined
      ? `from ${from.ip ?? 'outside'}${describeCertificate(from.certificate)}`
      : `${from.namespace ?? 'default'}/${from.serviceAccount ?? 'default'}${from.identity === undefined ? '' : ` as ${from.identity}`}`
  const scheme = from.gateway !== undefined && protocol === 'http' ? (from.scheme ?? 'http') : protocol
  const port = to.port === undefined || to.port === defaultPorts.get(scheme) ? '' : `:${to.port}`
  const address = `${scheme}://${describeHost(to.host)}${port}`
  const line = protocol === 'http' ? `${method} ${address}${path}` : address
  const parts = [
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
    ...(jwt === undefined ? [] : [tokenWords(jwt)]),
    ...(plaintext === true ? ['in plaintext'] : []),
    ...(request.extAuthz === undefined || request.extAuthz === 'allow'
      ? []
      : request.extAuthz === 'deny'
        ? ['refused by every authorizer']
        : request.extAuthz.map(describeRefusal)),
  ]
  return [`${caller} → ${line}`, ...parts].join(', ')
}

const describeCertificate = (name: string | undefined): string =>
  name === undefined
    ? ''
    : name === noCertificate
      ? ' without a certificate'
      : ` with the certificate of ${name}`

const defaultPorts: ReadonlyMap<string, number> = new Map([
  ['http', 80],
  ['https', 443],
])

function tokenWords({ iss, sub, aud, expired, badSignature, claims }: NonNullable<Request['jwt']>): string {
  const state = expired === true ? 'an expired' : badSignature === true ? 'a forged' : 'a'
  const audience = aud === undefined ? '' : ` for ${aud.join(' and ')}`
  const claimWords = Object.entries({ ...(sub === undefined ? {} : { sub }), ...claims }).map(
    ([name, value]) => `${name} ${JSON.stringify(value)}`,
  )
  return [`with ${state} token of ${iss}${audience}`, ...claimWords].join(', ')
}
