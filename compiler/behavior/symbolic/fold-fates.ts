import type { Workload } from '../model.ts'
import { type Answer, type Delivery, type Fate, isUnknown, makeLeaf, mapAnswers, type Tree } from './tree.ts'

/** The fates behind a gateway, as the proxy before it sees them: one answer, where all that it can draw are alike. */
export function foldFates(tree: Tree<Fate>, workload: Workload): Tree<Answer> {
  if (tree.kind === 'first')
    return {
      kind: 'first',
      cases: tree.cases.map(([condition, each]) => [condition, foldFates(each, workload)] as const),
      otherwise: foldFates(tree.otherwise, workload),
    }
  if (tree.kind === 'each') {
    const [only, ...others] = tree.servers
    if (others.length === 0 && only !== undefined) return addOnward(only.answer, only.outcome)
    const folded = tree.servers.map(({ outcome, answer }) => addOnward(answer, outcome))
    const outcomes = folded.flatMap(each =>
      each.kind === 'leaf' && !isUnknown(each.leaf) ? [each.leaf] : [],
    )
    return outcomes.length === folded.length
      ? foldOutcomes(outcomes, workload)
      : makeLeaf(makeDiffering(workload))
  }
  return isUnknown(tree.leaf) ? makeLeaf(tree.leaf) : foldOutcomes(tree.leaf.outcomes, workload)
}

function foldOutcomes(outcomes: readonly Answer[], workload: Workload): Tree<Answer> {
  const [{ verdict, status } = { verdict: 'RESET' as const, status: undefined }] = outcomes
  if (outcomes.some(outcome => outcome.verdict !== verdict || outcome.status !== status))
    return makeLeaf(makeDiffering(workload))
  const onward = outcomes.flatMap(outcome => outcome.onward ?? [])
  return makeLeaf({
    verdict,
    ...(status !== undefined && { status }),
    ...(onward.length > 0 && { onward }),
  })
}

const makeDiffering = (workload: Workload) => ({
  unknown: [{ object: workload, path: [], reason: { code: 'gateway-with-differing-destinations' } as const }],
})

/** Adds the destination to the answers of it. */
function addOnward(tree: Tree<Answer>, { cluster, workload, transport }: Delivery): Tree<Answer> {
  if (cluster === undefined && workload === undefined) return tree
  return mapAnswers(tree, answer => ({
    ...answer,
    onward: [{ cluster, workload, transport }, ...(answer.onward ?? [])],
  }))
}
