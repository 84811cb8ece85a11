import { isMap } from '../../compiler/source/document.ts'
import type { Environment } from '../project/project.ts'

/** An environment, and the merged value of its layers. */
export interface Described {
  readonly environment: Environment
  /** The spec; undefined if it cannot be read. */
  readonly spec: unknown
}

/**
 * The least share of a spec that must be the same: half, as git asks of a renamed file
 * (https://git-scm.com/docs/git-diff, `-M`).
 */
const leastSimilarity = 0.5

/**
 * Matches renamed environments, by their new names: of all pairs the most similar first, each environment once. An environment
 * without a similar one has no match: it is new, or removed.
 */
export function matchContinuedEnvironments(
  gone: readonly Described[],
  added: readonly Described[],
): ReadonlyMap<string, Environment> {
  if (gone.length === 0 || added.length === 0) return new Map()
  const getLeaves = ({ environment, spec }: Described) => ({ environment, leaves: leavesOfSpec(spec) })
  const [before, after] = [gone.map(getLeaves), added.map(getLeaves)]
  const pairs = after
    .flatMap(({ environment, leaves }) =>
      before.map(former => ({
        environment,
        former: former.environment,
        similarity: similarity(former.leaves, leaves),
      })),
    )
    .filter(pair => pair.similarity >= leastSimilarity)
    .sort((a, b) => b.similarity - a.similarity)
  const continued = new Map<string, Environment>()
  const taken = new Set<string>()
  for (const { environment, former } of pairs) {
    if (continued.has(environment.name) || taken.has(former.name)) continue
    continued.set(environment.name, former)
    taken.add(former.name)
  }
  return continued
}

/** Computes the common part of both as a share of the larger of the two: from 0 to 1. */
function similarity(a: Leaves, b: Leaves): number {
  let common = 0
  for (const [leaf, count] of a.counts) common += Math.min(count, b.counts.get(leaf) ?? 0)
  const most = Math.max(a.size, b.size)
  return most === 0 ? 0 : common / most
}

/** The scalars of a spec with their paths, and how often each is there. */
interface Leaves {
  readonly counts: ReadonlyMap<string, number>
  readonly size: number
}

/** The keys that identify an environment and say nothing about its mesh. */
const identityKeys: ReadonlySet<string> = new Set(['meshc', 'environment', 'extends', 'include'])

function leavesOfSpec(spec: unknown): Leaves {
  const counts = new Map<string, number>()
  let size = 0
  const visit = (path: string, value: unknown) => {
    // The index in a list is ignored: a new first entry must not move all others.
    if (Array.isArray(value)) for (const entry of value) visit(`${path}[]`, entry)
    else if (isMap(value)) for (const key of Object.keys(value)) visit(`${path}.${key}`, value[key])
    else {
      const leaf = `${path}=${JSON.stringify(value)}`
      counts.set(leaf, (counts.get(leaf) ?? 0) + 1)
      size++
    }
  }
  if (isMap(spec)) for (const key of Object.keys(spec)) if (!identityKeys.has(key)) visit(key, spec[key])
  return { counts, size }
}
