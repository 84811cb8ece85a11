import type { AuthorizationPolicy, Workload } from '../model.ts'
import type { Arrival } from '../symbolic/arrival-view.ts'
import { makeUnknownCondition, never } from '../symbolic/condition.ts'
import { type IndexedModel, withPolicies } from '../symbolic/indexed-model.ts'
import { makePeerClassifier } from '../symbolic/peer-classes.ts'
import { askSpace, isFate } from '../symbolic/request-space.ts'
import { matchRule } from '../symbolic/rule-condition.ts'
import { isSameKnown, knowsAll } from '../symbolic/same-tree.ts'
import { buildServerTree, listJwtRules } from '../symbolic/server-tree.ts'
import { type Answer, type Fate, makeLeaf, type Tree } from '../symbolic/tree.ts'

/** A class of arrivals at a server that policies cannot distinguish. One way represents all ways with these arrivals. */
export interface ArrivalClass {
  readonly workload: Workload
  readonly arrival: Arrival
}

/** Finds the classes of arrivals at servers on a way; undefined: a part of the way is unknown. */
type ArrivalsOn = (tree: (indexed: IndexedModel) => Tree<Fate>) => readonly ArrivalClass[] | undefined

/** @param policies the policies of the question: the classes do not depend on other policies */
export function makeArrivalFinder(
  indexed: IndexedModel,
  policies: ReadonlySet<AuthorizationPolicy>,
): ArrivalsOn {
  const classes = new Map<string, ArrivalClass>()
  const without = withPolicies(indexed, workload =>
    indexed.policiesOf(workload).filter(policy => !policies.has(policy)),
  )
  const keys = new Keys(indexed, policies)
  return tree => {
    const seen = new Set<ArrivalClass>()
    let isKnown = true
    const ownTree = tree({
      ...without,
      noteArrival: (workload, arrival) => {
        if (!indexed.policiesOf(workload).some(policy => policies.has(policy))) return
        if (arrival.path.kind === 'unknown') isKnown = false
        const key = keys.keyOf(workload, arrival)
        const arrivalClass = classes.get(key) ?? { workload, arrival }
        classes.set(key, arrivalClass)
        seen.add(arrivalClass)
      },
    })
    return isKnown && knowsAll(ownTree) ? [...seen] : undefined
  }
}

/** The keys of arrivals: all that policies can know of one, as text. */
class Keys {
  readonly #indexed: IndexedModel
  readonly #numbers = new Map<object, number>()
  readonly #asksHosts: boolean

  constructor(indexed: IndexedModel, policies: ReadonlySet<AuthorizationPolicy>) {
    this.#indexed = indexed
    this.#asksHosts = [...policies].some(({ rules }) =>
      rules.some(
        ({ to, when }) =>
          to.some(({ hosts }) => hosts.values.length + hosts.notValues.length > 0) ||
          when.some(({ key }) => key === 'connection.sni'),
      ),
    )
  }

  keyOf(workload: Workload, { peer, authority, serverName, headers, ...others }: Arrival): string {
    return JSON.stringify([
      this.#indexed.policiesOf(workload).map(policy => this.#numberOf(policy)),
      this.#numberOf(listJwtRules(this.#indexed, workload)),
      workload.address ?? '',
      peer === undefined ? [] : [makePeerClassifier(this.#indexed, workload)(peer)],
      this.#asksHosts ? [authority, serverName] : [],
      [...headers],
      others,
    ])
  }

  #numberOf(object: object): number {
    const number = this.#numbers.get(object) ?? this.#numbers.size
    this.#numbers.set(object, number)
    return number
  }
}

/** Tells whether a rule matches no request of a class, for example a rule for another host. The answer does not need the other rules. */
export function isNeverMatched(
  { model: { settings } }: IndexedModel,
  { policy, index }: { readonly policy: AuthorizationPolicy; readonly index: number },
  { workload, arrival }: ArrivalClass,
): boolean {
  const condition = matchRule(policy, policy.rules[index]!, index, {
    settings,
    workload,
    arrival,
    // A server may have accepted any token.
    tokenIs: () => makeUnknownCondition([]),
    listReadings: () => [{ when: makeUnknownCondition([]), isDelimited: false }],
  })
  return condition === never
}

/** Tells whether a server treats all requests of a class equally in two models that differ only in policies. An unknown answer is false. */
export function doesTheSame(a: IndexedModel, b: IndexedModel, { workload, arrival }: ArrivalClass): boolean {
  const trees = [a, b].map(indexed =>
    buildServerTree<Fate>(
      indexed,
      workload,
      arrival,
      answer => ({ outcomes: [answer] }),
      makeLeaf<Fate>({ outcomes: [getsThrough] }),
    ),
  )
  const [first, second] = [trees[0]!, trees[1]!]
  if (isSameKnown(first, second)) return true
  if (!knowsAll(first) || !knowsAll(second)) return false
  return askSpace(
    [a.model],
    trees,
    ({ compile, diagrams }) => {
      const node = compile(first)
      return node === compile(second) && diagrams.leaves(node).every(each => isFate(diagrams.valueOf(each)))
    },
    () => false,
  )
}

const getsThrough: Answer = { verdict: 'ALLOW' }
