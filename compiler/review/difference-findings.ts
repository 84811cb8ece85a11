import type { Difference } from '../behavior/compare/difference.ts'
import {
  describeCaller,
  describeDestination,
  describeFullRequest,
  describeRegion,
  extentWords,
} from '../behavior/request-words.ts'
import type { Cause, Finding } from './findings.ts'
import { listGates } from './gates.ts'
import type { Notice } from './notices.ts'
import { nameCallerParty, nameDestinationParty, type Parties } from './parties.ts'
import { describeResults } from './result-words.ts'

export function makeFinding(
  difference: Difference,
  because: readonly Cause[],
  parties: Parties | undefined,
): Omit<Finding, 'help'> {
  const { section, change, callers, destinations, regions, extent, witness } = difference
  const { protocol } = destinations[0]!
  const words = describeResults(section, witness.before.result, witness.after.result)
  const whole = extentWords(extent, protocol)
  return {
    section,
    change,
    gates: listGates(difference),
    callers: callers.map(describeCaller),
    destinations: destinations.map(describeDestination),
    parties: nameParties(difference, parties),
    ...(whole === undefined
      ? { requests: regions.map(region => describeRegion(region, protocol)), further: difference.further }
      : { requests: [whole], further: 0 }),
    ...words,
    witness: { request: describeFullRequest(witness.after.request), ...words },
    because,
  }
}

/** Merges the findings that say the same of several destinations. */
export function mergeFindings(findings: readonly Finding[]): readonly Finding[] {
  const groups = new Map<string, Finding[]>()
  for (const finding of findings) {
    const { section, change, gates, callers, requests, further, before, after, because } = finding
    const key = JSON.stringify([section, change, gates, callers, requests, further, before, after, because])
    const knownGroup = groups.get(key)
    if (knownGroup === undefined) groups.set(key, [finding])
    else knownGroup.push(finding)
  }
  return [...groups.values()].map(group => ({
    ...group[0]!,
    destinations: [...new Set(group.flatMap(({ destinations }) => destinations))],
    help: [...new Set(group.flatMap(({ help }) => help))],
    parties: {
      callers: [...new Set(group.flatMap(({ parties }) => parties.callers))],
      destinations: [...new Set(group.flatMap(({ parties }) => parties.destinations))],
    },
  }))
}

/** Gives each help text once, at the first finding that needs it. */
export function giveHelpOnce<Helped extends { readonly help: readonly string[] }>(
  all: readonly Helped[],
): readonly Helped[] {
  const given = new Set<string>()
  return all.map(each => ({
    ...each,
    help: each.help.filter(help => given.size < given.add(help).size),
  }))
}

/** Names callers and destinations as the spec does, each once. */
export const nameParties = (
  { callers, destinations }: Pick<Difference, 'callers' | 'destinations'>,
  parties: Parties | undefined,
): Notice['parties'] => ({
  callers: [...new Set(callers.map(caller => nameCallerParty(caller, parties)))],
  destinations: [...new Set(destinations.map(destination => nameDestinationParty(destination, parties)))],
})
