import { describeDestination } from '../../compiler/behavior/request-words.ts'
import type { MeshMap } from '../../compiler/map/mesh-map.ts'
import type { PageDifference } from '../../compiler/map/page-data.ts'
import type { Finding, UnknownFinding } from '../../compiler/review/findings.ts'
import type { EnvironmentReview } from '../../compiler/review/review.ts'

/** Lists the differences of a review, with the nodes that each is about on the maps of both sides. */
export function listPageDifferences(
  { findings, unknown }: Pick<EnvironmentReview, 'findings' | 'unknown'>,
  maps: readonly MeshMap[],
): readonly PageDifference[] {
  const nodes = indexNodes(maps)
  const makeTitle = ({ callers, destinations }: Pick<Finding, 'callers' | 'destinations'>) =>
    `${callers.join(', ')} → ${destinations.join(', ')}`
  const findNodes = ({ callers, destinations }: Pick<Finding, 'callers' | 'destinations'>) => ({
    from: listIds(callers, nodes.callers),
    to: listIds(destinations, nodes.destinations),
  })
  return [
    ...findings.map(
      (finding): PageDifference => ({
        kind: getDifferenceKind(finding),
        title: makeTitle(finding),
        says: finding.before === finding.after ? finding.after : `${finding.before} → ${finding.after}`,
        details: [...finding.requests, ...describeFurther(finding), ...finding.help],
        ...findNodes(finding),
        witness: finding.witness,
        edits: finding.because,
      }),
    ),
    ...unknown.map(
      (finding): PageDifference => ({
        kind: 'unknown',
        title: makeTitle(finding),
        says: finding.because.join('; '),
        details: [...finding.requests, ...describeFurther(finding), ...finding.help],
        ...findNodes(finding),
        edits: [],
      }),
    ),
  ]
}

const getDifferenceKind = ({ change }: Finding): PageDifference['kind'] =>
  change === 'opened' || change === 'closed' ? change : 'changed'

const describeFurther = ({ further }: Pick<Finding | UnknownFinding, 'further'>): readonly string[] =>
  further === 0 ? [] : [`and ${further} more`]

/** Indexes the ids of nodes by the words of callers and destinations. */
function indexNodes(maps: readonly MeshMap[]) {
  const callers = new Map<string, Set<string>>()
  const destinations = new Map<string, Set<string>>()
  const add = (index: Map<string, Set<string>>, words: string, id: string) =>
    index.set(words, (index.get(words) ?? new Set()).add(id))
  for (const { nodes, callers: list, calls } of maps) {
    for (const { name, node } of list) add(callers, name, nodes[node]!.id)
    for (const { destination, to } of calls)
      add(destinations, describeDestination(destination), nodes[to]!.id)
  }
  return { callers, destinations }
}

const listIds = (
  words: readonly string[],
  index: ReadonlyMap<string, ReadonlySet<string>>,
): readonly string[] => [...new Set(words.flatMap(word => [...(index.get(word) ?? [])]))]
