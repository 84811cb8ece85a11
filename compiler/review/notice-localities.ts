import { findLocalities } from '../behavior/localities.ts'
import type { BehaviorModel, DestinationRule } from '../behavior/model.ts'
import type { Notice } from './notices.ts'
import type { Parties } from './parties.ts'
import type { SpecEdit } from './spec-edits.ts'

/** A destination as callers name it: a host, and in it a version, a port, or both. */
interface Target {
  readonly subset: string
  readonly port: number | undefined
}

/**
 * Lists the destinations with another distribution of requests over zones and regions. No other section of the report shows this,
 * since the result of each request is the same.
 */
export function noticeLocalities(
  { before, after }: { readonly before: BehaviorModel; readonly after: BehaviorModel },
  edits: readonly SpecEdit[],
  parties: Parties | undefined,
): readonly Notice[] {
  const rules = { before: indexRules(before), after: indexRules(after) }
  const hosts = [before, after].map(({ services }) => new Set(services.map(({ host }) => host)))
  return [...new Set([...rules.before.keys(), ...rules.after.keys()])].flatMap(key => {
    const [was, is] = [rules.before.get(key), rules.after.get(key)]
    const { host } = (is ?? was)!
    // A new destination had no callers before, and a removed one has none now.
    if (hosts.some(known => !known.has(host))) return []
    const name = parties?.hosts.get(host) ?? host
    return listLocalityChanges(was, is).map(({ target, from, to }) => ({
      gate: undefined,
      words: `the requests of a zone to \`${name}\`${describeTarget(target)} go to other instances: ${from} → ${to}`,
      at: edits.find(({ path }) => mayChangeLocality(path, name))?.at,
      parties: { callers: ['*'], destinations: [name] },
    }))
  })
}

/** Tells whether an edit may be behind such a change of a destination. */
const mayChangeLocality = (path: string, name: string): boolean =>
  /\.(loadBalancing|circuitBreaker)\b/.test(path) &&
  (path.startsWith('defaults.') ||
    path.startsWith(`services.${name}.`) ||
    path.startsWith(name.replace('/', '.')))

/** The rules by host and by the pods of the callers that they are for. */
const indexRules = ({ destinationRules }: BehaviorModel): ReadonlyMap<string, DestinationRule> =>
  new Map(
    destinationRules.map(rule => [
      `${rule.namespace}/${rule.host} ${JSON.stringify(rule.workloadSelector ?? null)}`,
      rule,
    ]),
  )

interface LocalityChange {
  readonly target: Target
  readonly from: string
  readonly to: string
}

/** Lists the changes, the wider targets first. A narrower target is listed only if its change differs from that of the whole. */
function listLocalityChanges(
  was: DestinationRule | undefined,
  is: DestinationRule | undefined,
): readonly LocalityChange[] {
  const changes: LocalityChange[] = []
  for (const target of listTargets([was, is])) {
    const [from, to] = [was, is].map(rule => describeLocalities(rule, target)) as [string, string]
    const isReported = changes.some(
      change => contains(change.target, target) && change.from === from && change.to === to,
    )
    if (from !== to && !isReported) changes.push({ target, from, to })
  }
  return changes
}

function listTargets(rules: readonly (DestinationRule | undefined)[]): readonly Target[] {
  const subsets = new Set(['', ...rules.flatMap(rule => rule?.subsets.map(({ name }) => name) ?? [])])
  const ports = new Set([
    undefined,
    ...rules.flatMap(rule =>
      [rule?.trafficPolicy, ...(rule?.subsets.map(({ trafficPolicy }) => trafficPolicy) ?? [])].flatMap(
        policy => policy?.portLevel.map(({ port }) => port) ?? [],
      ),
    ),
  ])
  return [...subsets].flatMap(subset => [...ports].map(port => ({ subset, port })))
}

const contains = (wide: Target, { subset, port }: Target): boolean =>
  (wide.subset === '' || wide.subset === subset) && (wide.port === undefined || wide.port === port)

function describeLocalities(rule: DestinationRule | undefined, { subset, port }: Target): string {
  const policy = rule?.subsets.find(({ name }) => name === subset)?.trafficPolicy
  return findLocalities(rule?.trafficPolicy, policy, port).says
}

const describeTarget = ({ subset, port }: Target): string =>
  `${subset === '' ? '' : `, version \`${subset}\``}${port === undefined ? '' : `, port ${port}`}`
