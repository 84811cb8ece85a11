import type { HeaderChanges, Redirect } from '../model.ts'
import type { Fault, Onward, Retries, Unmodelled, Verdict } from '../result.ts'
import type { Condition } from './condition.ts'

/** The fates of all requests of a caller to a destination, as a tree of conditions. */
export type Tree<Leaf> =
  | { readonly kind: 'leaf'; readonly leaf: Leaf | Unknown }
  /** The first case whose condition is true applies. */
  | {
      readonly kind: 'first'
      readonly cases: readonly (readonly [Condition, Tree<Leaf>])[]
      readonly otherwise: Tree<Leaf>
    }
  /**
   * The answers of several servers, each by a tree of its own: the clusters of a route, and the workloads behind
   * them.
   */
  | {
      readonly kind: 'each'
      readonly routing: Routing | undefined
      readonly servers: readonly { readonly outcome: Delivery; readonly answer: Tree<Answer> }[]
    }

export interface Unknown {
  readonly unknown: readonly Unmodelled[]
}

export const isUnknown = (value: object): value is Unknown => 'unknown' in value

/** The answer of a server to a request that has reached it. */
export interface Answer {
  readonly verdict: Verdict
  readonly status?: number
  /** The destinations of a gateway that has sent it on. */
  readonly onward?: readonly Onward[]
}

/** The way of a request to a server. */
export interface Delivery {
  readonly cluster?: string
  /** `namespace/name`, or `external`. */
  readonly workload?: string
  readonly transport?: 'mtls' | 'tls' | 'plaintext' | 'failed'
  readonly peer?: string
}

/** The fate of a request. */
export interface Fate {
  readonly routing?: Routing
  readonly outcomes: readonly (Delivery & Answer & { readonly location?: string })[]
}

/** The routing of a route of HTTP, without the names of hosts and rules. */
export interface Routing {
  readonly action: 'route' | 'redirect' | 'directResponse'
  readonly clusters: readonly { readonly cluster: string; readonly weight: number; readonly known: boolean }[]
  readonly timeout?: number
  readonly retries?: Retries
  readonly rewrite?: {
    readonly prefix?: string
    readonly regex?: string
    readonly substitution?: string
    readonly host?: string
  }
  readonly mirror?: readonly { readonly cluster: string; readonly percent: number }[]
  readonly fault?: Fault
  readonly redirect?: Redirect
  readonly directResponse?: { readonly status: number; readonly body: string | undefined }
  /** The changes of headers, for the route and for each destination of it. */
  readonly headers?: readonly HeaderChanges[]
}

export const makeLeaf = <Leaf>(value: Leaf | Unknown): Tree<Leaf> => ({ kind: 'leaf', leaf: value })

export function chooseFirst<Leaf>(
  cases: readonly (readonly [Condition, Tree<Leaf>])[],
  otherwise: Tree<Leaf>,
): Tree<Leaf> {
  const open: (readonly [Condition, Tree<Leaf>])[] = []
  for (const [condition, tree] of cases) {
    if (condition.kind === 'constant' && !condition.value) continue
    if (condition.kind === 'constant')
      return open.length === 0 ? tree : { kind: 'first', cases: open, otherwise: tree }
    open.push([condition, tree])
  }
  return open.length === 0 ? otherwise : { kind: 'first', cases: open, otherwise }
}

/** The same tree with other answers. */
export function mapAnswers(tree: Tree<Answer>, change: (answer: Answer) => Answer): Tree<Answer> {
  if (tree.kind === 'leaf') return isUnknown(tree.leaf) ? tree : makeLeaf(change(tree.leaf))
  if (tree.kind === 'each') return tree
  return {
    kind: 'first',
    cases: tree.cases.map(([condition, each]) => [condition, mapAnswers(each, change)] as const),
    otherwise: mapAnswers(tree.otherwise, change),
  }
}
