import { isSubset } from '../behavior/is-subset.ts'
import type { BehaviorModel, LocalLimit, Workload } from '../behavior/model.ts'
import { describeLimit } from '../behavior/rate-limits.ts'
import type { Notice } from './notices.ts'
import type { Parties } from './parties.ts'
import type { SpecEdit } from './spec-edits.ts'

/**
 * Notices which workloads limit the rate of their requests in another way. A request below the limit fares as before, so nothing else
 * tells it.
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
    // Nobody called a new workload before.
    if (was === undefined) return []
    const party = parties?.workloads.get(workload) ?? workload
    return [...new Set([...was.keys(), ...is.keys()])].flatMap(about => {
      const [from, to] = [was.get(about), is.get(about)]
      if (from === to) return []
      return {
        gate: undefined,
        words: `${describeChange(from, to)} at \`${party}\`${about}${describeRates(from, to)}`,
        at: edits.find(({ path }) => isAbout(path, party))?.at,
        parties: { callers: ['*'], destinations: [party] },
      }
    })
  })
  // The versions of a service have one name in a spec.
  return notices.filter(({ words }, index) => notices.findIndex(each => each.words === words) === index)
}

/** Tells whether an edit may be behind such a change of a service or a gateway. */
const isAbout = (path: string, party: string): boolean =>
  /\.rateLimit\b/.test(path) &&
  (path.startsWith('defaults.') ||
    path.startsWith(`services.${party}.`) ||
    path.startsWith(`${party.replace('gateway/', 'gateways.')}.`))

/** The limits of each workload with a proxy, by what they are about, in words. */
function indexLimits({
  workloads,
  rateLimits,
  settings: { rootNamespace },
}: BehaviorModel): ReadonlyMap<string, ReadonlyMap<string, string>> {
  const limitsOf = ({ namespace, labels, proxy }: Workload) =>
    rateLimits
      .filter(limit => limit.namespace === namespace || limit.namespace === rootNamespace)
      .filter(limit => isSubset(limit.workloads, labels))
      .flatMap(({ limits }) => limits)
      .filter(({ way }) => (way === 'gateway') === (proxy === 'gateway') && proxy !== 'none')
  return new Map(
    workloads.map(workload => [`${workload.namespace}/${workload.name}`, joinWords(limitsOf(workload))]),
  )
}

function joinWords(limits: readonly LocalLimit[]): ReadonlyMap<string, string> {
  const words = new Map<string, string>()
  for (const limit of limits) {
    const says = describeLimit(limit)
    if (says === undefined) continue
    const about = describePart(limit)
    const others = words.get(about)
    words.set(about, others === undefined ? says : `${others}; ${says}`)
  }
  return words
}

const describePart = ({ port, route }: LocalLimit): string =>
  `${port === undefined ? '' : `, port ${port}`}${route === undefined ? '' : `, route \`${route.name}\`${route.virtualHost === undefined ? '' : ` of ${route.virtualHost}`}`}`

const describeChange = (from: string | undefined, to: string | undefined): string =>
  from === undefined
    ? '429 is possible now'
    : to === undefined
      ? '429 is no longer possible'
      : 'another limit decides about 429'

const describeRates = (from: string | undefined, to: string | undefined): string =>
  `: ${[from, to].filter(rate => rate !== undefined).join(' → ')}`
