import { computeShare } from '../behavior/cluster-share.ts'
import type { Section } from '../behavior/compare/difference.ts'
import { describeHost } from '../behavior/request-words.ts'
import type { Outcome, Result, Retries, Route, Step, Verdict } from '../behavior/result.ts'

/** Describes the fate of a request before and after, by the differences. */
export function describeResults(
  section: Section,
  before: Result,
  after: Result,
): { readonly before: string; readonly after: string } {
  for (const words of wordings[section]) {
    const described = { before: words(before, after), after: words(after, before) }
    if (described.before !== described.after) return described
  }
  return { before: verdictWords(before), after: verdictWords(after) }
}

type Wording = (result: Result, otherResult: Result) => string

const verdictWords = ({ outcomes, verdict, steps }: Result): string =>
  outcomes.length === 0
    ? verdicts[verdict === 'MIXED' ? 'UNKNOWN' : verdict]
    : distinct(outcomes.map(outcome => outcomeWords(outcome, steps)))

/** Describes the way to the destinations, without the parts that both sides have. */
const routeWords: Wording = (result, otherResult) => {
  if (result.route === undefined) return distinct(result.outcomes.map(clusterWords)) || verdictWords(result)
  const [ownParts, others] = [
    getParts(result.route),
    otherResult.route === undefined ? {} : getParts(otherResult.route),
  ]
  // Also keys that only the other side sets: a new limit needs a word for the side without a limit.
  const keys = new Set([...Object.keys(ownParts), ...Object.keys(others)])
  const differing = [...keys].flatMap(key => {
    if (ownParts[key] === others[key]) return []
    return ownParts[key] ?? `no ${key}`
  })
  return differing.join(', ')
}

const encryptionWords: Wording = ({ outcomes }) =>
  distinct(outcomes.map(({ transport, peer }) => describeTransport(transport, peer)))

/** Describes the request that the application gets, and the other properties of the outcomes. */
const upstreamWords: Wording = ({ outcomes }) =>
  distinct(
    outcomes.map(({ upstream, location }) =>
      [
        upstream === undefined ? '' : `arrives as ${upstream.method} ${upstream.path}, host ${upstream.host}`,
        location === undefined ? '' : `leads to ${location}`,
      ]
        .filter(words => words !== '')
        .join(', '),
    ),
  )

const wordings: Readonly<Record<Section, readonly Wording[]>> = {
  access: [verdictWords, routeWords, encryptionWords, upstreamWords],
  routing: [routeWords, verdictWords, upstreamWords, encryptionWords],
  mtls: [encryptionWords, verdictWords, routeWords, upstreamWords],
  egress: [verdictWords, encryptionWords, routeWords, upstreamWords],
}

const distinct = (words: readonly string[]) => [...new Set(words.filter(word => word !== ''))].join('; or ')

/** @param before the steps on the way to all outcomes; if a gateway refuses, the last of them decides */
function outcomeWords(
  { verdict, status, policy, location, steps }: Outcome,
  before: readonly Step[],
): string {
  const code = status === undefined ? '' : ` with ${status}`
  const { asks } = steps.at(-1) ?? before.at(-1) ?? {}
  if (verdict === 'DENY' && asks !== undefined) return `refused${code} if ${asks.name} refuses it`
  if (verdict === 'DENY') return `refused${code}, ${policyWords(policy)}`
  if (verdict === 'REDIRECT') return `redirected${code}${location === undefined ? '' : ` to ${location}`}`
  if (verdict === 'DIRECT_RESPONSE' || verdict === 'FAULT') return `${verdicts[verdict]}${code}`
  return `${verdicts[verdict]}${verdict === 'ALLOW' ? '' : code}`
}

const verdicts: Readonly<Record<Verdict, string>> = {
  ALLOW: 'allowed',
  DENY: 'refused',
  UNAUTHENTICATED: 'refused for its token',
  RESET: 'the connection is refused',
  UPSTREAM_RESET: 'the connection to the destination is refused',
  BAD_REQUEST: 'no request that a proxy takes',
  NO_ROUTE: 'no route takes it',
  NO_UPSTREAM: 'nothing is behind the route',
  REDIRECT: 'redirected',
  DIRECT_RESPONSE: 'answered by the proxy',
  CORS_PREFLIGHT: 'answered as a preflight',
  FAULT: 'a fault is injected',
  UNREACHABLE: 'not reachable',
  UNKNOWN: 'not known',
}

/** `ns[shop]-policy[cart]-rule[0]` is rule 1 of AuthorizationPolicy shop/cart. */
function policyWords(policy: string | undefined): string {
  if (policy === undefined || policy === 'none') return 'no policy allows it'
  const [, namespace, name, rule] = /^ns\[(.*)\]-policy\[(.*)\]-rule\[(\d+)\]$/.exec(policy) ?? []
  if (namespace === undefined) return `by ${policy}`
  return `by rule ${Number(rule) + 1} of AuthorizationPolicy ${namespace}/${name}`
}

function clusterWords({ cluster, workload }: Outcome): string {
  const [, port, subset, host] = /^outbound\|(\d*)\|([^|]*)\|(.*)$/.exec(cluster ?? '') ?? []
  if (host === undefined) return workload ?? ''
  return `${describeHost(host)}${subset === '' ? '' : ` ${subset}`}:${port}`
}

/** The parts of a route, each in the words of the report. */
function getParts(route: Route): Readonly<Record<string, string>> {
  const { clusters, timeout, retries, rewrite, mirror, fault, action } = route
  const shares = clusters
    .filter(({ weight }) => weight > 0)
    .map(({ cluster, host, port, subset, weight, known }) => {
      const name = host === undefined ? cluster : `${describeHost(host)}${subset ? ` ${subset}` : ''}:${port}`
      const share = clusters.length === 1 ? '' : ` ${computeShare({ weight }, clusters)} %`
      return `${name}${share}${known ? '' : ' (which there is not)'}`
    })
  const rewrites = Object.entries(rewrite ?? {}).map(([what, value]) => `${what} ${value}`)
  const tries = retries && triesWords(retries, timeout)
  return {
    destination: shares.length === 0 ? action : shares.join(' / '),
    timeout: timeout === undefined || timeout === 0 ? 'no timeout' : `timeout ${duration(timeout)}`,
    ...(tries !== undefined && retries?.attempts !== 0 && { retries: tries }),
    ...(rewrites.length > 0 && { rewrite: `rewrites ${rewrites.join(', ')}` }),
    ...(mirror !== undefined &&
      mirror.length > 0 && {
        copies: mirror
          .map(({ cluster, percent }) => `copies ${percent} % to ${clusterWords({ cluster } as Outcome)}`)
          .join(', '),
      }),
    ...(fault?.delay && {
      delay: `delays ${fault.delay.percent} % by ${duration(fault.delay.milliseconds)}`,
    }),
    ...(fault?.abort && { abort: `aborts ${fault.abort.percent} % with ${fault.abort.status}` }),
  }
}

/** `5 retries of 1s each on 5xx`, and whether there is the time for them. */
function triesWords({ attempts, perTryTimeout, retryOn, statusCodes = [] }: Retries, timeout = 0): string {
  const each = perTryTimeout === undefined ? '' : ` of ${duration(perTryTimeout)} each`
  const on = [retryOn, ...statusCodes].filter(word => word !== '').join(',')
  const longest = (attempts + 1) * (perTryTimeout ?? 0)
  const late =
    timeout > 0 && longest > timeout ? `, of which the timeout of ${duration(timeout)} may cut some off` : ''
  return `${attempts === 1 ? '1 retry' : `${attempts} retries`}${each} on ${on}${late}`
}

const duration = (milliseconds: number) =>
  milliseconds % 1000 === 0 ? `${milliseconds / 1000}s` : `${milliseconds}ms`

function describeTransport(transport: Outcome['transport'], peer: string | undefined): string {
  const identity = peer === undefined ? '' : ` as ${peer}`
  if (transport === 'mtls') return `mutual TLS${identity}`
  if (transport === 'tls') return 'TLS'
  if (transport === 'plaintext') return 'plaintext'
  return transport === 'failed' ? 'the two sides do not agree on encryption' : ''
}
