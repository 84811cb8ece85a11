import { groupBy } from '../basics/group-by.ts'
import { isSubset } from '../behavior/is-subset.ts'
import type { BehaviorModel, LocalLimit, SharedLimit, Workload } from '../behavior/model.ts'
import { describeRateLimit, describeSharedLimit } from '../behavior/rate-limits.ts'
import type { Notice } from './notices.ts'
import type { Parties } from './parties.ts'
import type { SpecEdit } from './spec-edits.ts'

/**
 * Lists the workloads with another rate limit. No other section of the report shows this, since the result of a request below the
 * limit is the same.
 */
export function noticeRateLimits(
  { before, after }: { readonly before: BehaviorModel; readonly after: BehaviorModel },
  edits: readonly SpecEdit[],
  parties: Parties | undefined,
): readonly Notice[] {
  if (before.rateLimits.length + after.rateLimits.length === 0) return []
  const sides = { before: indexLimits(before), after: indexLimits(after) }
  const notices = [...sides.after].flatMap(([workload, is]) => {
    const was = sides.before.get(workload)
    // A new workload had no callers before.
    if (was === undefined) return []
    const party = parties?.workloads.get(workload) ?? workload
    return [...new Set([...was.keys(), ...is.keys()])].flatMap(about => {
      const [from, to] = [was.get(about), is.get(about)]
      if (from === to) return []
      return {
        gate: undefined,
        words: `${describeLimitChange(from, to)} at \`${party}\`${about}${describeRates(from, to)}`,
        at: edits.find(({ path }) => mayChangeRateLimit(path, party))?.at,
        parties: { callers: ['*'], destinations: [party] },
      }
    })
  })
  // The versions of a service have one name in a spec.
  return notices.filter(({ words }, index) => notices.findIndex(each => each.words === words) === index)
}

/** Tells whether an edit may be behind such a change of a service or a gateway. */
const mayChangeRateLimit = (path: string, party: string): boolean =>
  path.startsWith('rateLimiters.') ||
  (/\.rateLimit\b/.test(path) &&
    (path.startsWith('defaults.') ||
      path.startsWith(`services.${party}.`) ||
      path.startsWith(`${party.replace('gateway/', 'gateways.')}.`)))

/** The limits of each workload with a proxy, in words, by their subject. */
function indexLimits({
  workloads,
  rateLimits,
  limiterConfigs,
  settings: { rootNamespace },
}: BehaviorModel): ReadonlyMap<string, ReadonlyMap<string, string>> {
  const describeAll = ({ namespace, labels, proxy }: Workload) => {
    const objects = rateLimits
      .filter(limit => limit.namespace === namespace || limit.namespace === rootNamespace)
      .filter(limit => isSubset(limit.workloads, labels))
    const isHere = ({ way }: Pick<LocalLimit, 'way'>) =>
      (way === 'gateway') === (proxy === 'gateway') && proxy !== 'none'
    return joinWords([
      ...objects.flatMap(({ limits }) => limits.filter(isHere)).map(nameLocal),
      ...nameShared(
        objects.flatMap(({ sharedLimits }) => sharedLimits.filter(isHere)),
        limiterConfigs,
      ),
    ])
  }
  return new Map(workloads.map(workload => [`${workload.namespace}/${workload.name}`, describeAll(workload)]))
}

/** A limit in words, and its subject. */
interface NamedLimit {
  readonly about: string
  readonly says: string | undefined
}

const nameLocal = (limit: LocalLimit): NamedLimit => ({
  about: describePart(limit),
  says: describeRateLimit(limit),
})

/**
 * Names the requests that each filter sends to a rate-limit service: all requests, and those of each virtual host or route with
 * entries.
 */
function nameShared(
  shared: readonly SharedLimit[],
  configs: BehaviorModel['limiterConfigs'],
): readonly NamedLimit[] {
  const entries = groupBy(
    shared.flatMap(limit => (limit.kind === 'entries' ? [limit] : [])),
    ({ virtualHost, route }) => [JSON.stringify([virtualHost, route])],
  )
  return shared.flatMap(filter => {
    if (filter.kind === 'entries') return []
    return [...entries.values()].map(same => {
      const { virtualHost, route } = same[0]!
      const part = {
        port: filter.port,
        route: route === undefined ? undefined : { virtualHost, name: route },
      }
      const host = route === undefined && virtualHost !== undefined ? `, \`${virtualHost}\`` : ''
      const descriptors = same.flatMap(limit => limit.descriptors)
      return {
        about: `${host}${describePart(part)}`,
        says: describeSharedLimit(filter, descriptors, configs)?.replace(/^429 possible: /, ''),
      }
    })
  })
}

function joinWords(limits: readonly NamedLimit[]): ReadonlyMap<string, string> {
  const words = new Map<string, string>()
  for (const { about, says } of limits) {
    if (says === undefined) continue
    const others = words.get(about)
    words.set(about, others === undefined ? says : `${others}; ${says}`)
  }
  return words
}

const describePart = ({ port, route }: Pick<LocalLimit, 'port' | 'route'>): string =>
  `${port === undefined ? '' : `, port ${port}`}${route === undefined ? '' : `, route \`${route.name}\`${route.virtualHost === undefined ? '' : ` of ${route.virtualHost}`}`}`

const describeLimitChange = (from: string | undefined, to: string | undefined): string =>
  from === undefined
    ? '429 is possible now'
    : to === undefined
      ? '429 is no longer possible'
      : 'another limit decides about 429'

const describeRates = (from: string | undefined, to: string | undefined): string =>
  `: ${[from, to].filter(rate => rate !== undefined).join(' → ')}`
