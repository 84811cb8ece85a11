import { isInjected } from '../is-injected.ts'
import type { MeshSettings } from '../model.ts'
import type { Unmodelled } from '../result.ts'
import { getIdentity } from '../symbolic/delivery.ts'
import { makeAtoms } from '../symbolic/diagrams/atoms.ts'
import { quoteExpression } from '../symbolic/diagrams/pattern.ts'
import { type IdentityWord, isMeant } from '../symbolic/identity-words.ts'
import type { IndexedModel } from '../symbolic/indexed-model.ts'
import { anyAddress } from '../symbolic/sidecar-tree.ts'
import type { CallerInModel, CallerPair } from './callers.ts'
import type { CallerName } from './names.ts'

/** An assumed caller, which no manifest declares, with the properties that policies can read. */
export interface AssumedCaller {
  readonly namespace: string
  readonly serviceAccount: string
  /** `spiffe://…`, unless the identity follows from the namespace and service account. */
  readonly identity?: string
  /** The identities that it represents, if no policy names only this one: `cluster.local/ns/other/*`. */
  readonly like?: string
  /** The parts of it that are beyond the model. */
  readonly unmodelled?: readonly Unmodelled[]
}

/** A caller about which nothing is known. */
export const anyone: AssumedCaller = { namespace: 'somewhere', serviceAccount: 'somebody' }

/** An assumed caller as a caller. */
export function assumeCaller(
  indexed: IndexedModel,
  { namespace, serviceAccount, identity, unmodelled = [] }: AssumedCaller,
  hasSidecar: boolean,
): CallerInModel {
  const labels =
    hasSidecar && !isInjected({}, indexed.model.namespaces.get(namespace))
      ? { 'sidecar.istio.io/inject': 'true' }
      : {}
  return {
    namespace,
    serviceAccount,
    ...(identity === undefined ? {} : { identity }),
    labels,
    address: anyAddress,
    unmodelled: [...unmodelled, ...(indexed.model.namespaces.get(namespace)?.unmodelled ?? [])],
    hasSidecar,
    ambiguousWith: undefined,
  }
}

/** Names an assumed caller for people. */
export const nameAssumedCaller = (
  { namespace, serviceAccount, identity, like }: AssumedCaller,
  hasSidecar: boolean,
): CallerName & { readonly kind: 'workload' } => ({
  kind: 'workload',
  namespace,
  name: serviceAccount,
  plaintext: !hasSidecar,
  assumed: true,
  ...(identity === undefined ? {} : { identity }),
  ...(like === undefined ? {} : { like }),
})

/** An assumed caller as it is in both models. */
export function pairAssumedCaller(
  { before, after }: { readonly before: IndexedModel; readonly after: IndexedModel },
  assumedCaller: AssumedCaller,
  hasSidecar: boolean,
): CallerPair {
  return {
    name: nameAssumedCaller(assumedCaller, hasSidecar),
    before: assumeCaller(before, assumedCaller, hasSidecar),
    after: assumeCaller(after, assumedCaller, hasSidecar),
  }
}

/**
 * Makes the finder of one assumed caller for each class of identities that the words of policies distinguish. A class with the
 * identity of a workload has no assumed caller, nor does the class of `anyone`. Identities have Istio's form
 * `spiffe://<domain>/ns/<namespace>/sa/<account>`, or are written in full in a policy.
 */
export function makeAssumedCallerFinder(
  { trustDomain, object }: MeshSettings,
  isKnown: (identity: string) => boolean,
): (words: readonly IdentityWord[]) => readonly AssumedCaller[] {
  const isOfOthers = ({ patterns }: IdentityWord) =>
    patterns.some(({ match, value }) => match !== 'exact' || !isKnown(value))
  const foundCallers = new Map<string, readonly AssumedCaller[]>()
  // The same words recur at many destinations.
  return words => {
    const others = [...new Map(words.filter(isOfOthers).map(word => [JSON.stringify(word), word]))]
    const key = others.map(([text]) => text).join()
    const assumedCallers = foundCallers.get(key) ?? listAssumedCallers(others.map(([, word]) => word))
    foundCallers.set(key, assumedCallers)
    return assumedCallers
  }

  function listAssumedCallers(words: readonly IdentityWord[]): readonly AssumedCaller[] {
    const named = new Set(
      words.flatMap(({ patterns }) =>
        patterns.flatMap(({ match, value }) => (match === 'exact' && !isKnown(value) ? [value] : [])),
      ),
    )
    const open = words.filter(({ patterns }) => patterns.some(({ match }) => match !== 'exact'))
    const isTaken = (identity: string) => named.has(identity) || isKnown(identity)
    const reason = { code: 'too-many-identities' } as const
    const tooMany = { ...anyone, like: 'whom policies name', unmodelled: [{ object, path: [], reason }] }
    return [
      ...[...named].map(identity => makeAssumedCaller(identity, trustDomain)),
      ...(open.length === 0 ? [] : (findMembers(open, trustDomain, isTaken) ?? [tooMany])),
    ]
  }
}

/** Makes the test whether a workload of some models has an identity. */
export function makeIdentityTest(indexedModels: readonly IndexedModel[]): (identity: string) => boolean {
  const identities = new Set(
    indexedModels.flatMap(indexed =>
      indexed.model.workloads.flatMap(workload =>
        workload.assumed === undefined ? [getIdentity(indexed, workload)] : [],
      ),
    ),
  )
  return identity => identities.has(identity)
}

/** Assumes a caller with an identity; one of this mesh runs in its namespace, under its account. */
function makeAssumedCaller(identity: string, trustDomain: string): AssumedCaller {
  const [, domain, namespace, account] = /^spiffe:\/\/([^/]+)\/ns\/([^/]+)\/sa\/([^/]+)$/.exec(identity) ?? []
  if (domain === trustDomain) return { namespace: namespace!, serviceAccount: account! }
  return { ...anyone, identity }
}

/** Members of the classes, preferably members of this mesh; undefined: the classes are too many. */
function findMembers(
  words: readonly IdentityWord[],
  trustDomain: string,
  isTaken: (identity: string) => boolean,
): readonly AssumedCaller[] | undefined {
  const getClass = (identity: string) =>
    words.flatMap((word, index) => (isMeant(word, identity) ? [index] : [])).join()
  const general = getClass(`spiffe://${trustDomain}/ns/${anyone.namespace}/sa/${anyone.serviceAccount}`)
  const assumedCallers = new Map<string, AssumedCaller>()
  for (const [domain, expression] of [
    [trustDomain, quoteExpression(trustDomain)],
    ['elsewhere.example', label],
  ] as const) {
    const witnesses = findWitnesses(words, `spiffe://${expression}/ns/${label}/sa/${label}`, isTaken)
    if (witnesses === undefined) return undefined
    for (const identity of witnesses) {
      const key = getClass(identity)
      if (key === general || assumedCallers.has(key)) continue
      const isAlike = (candidate: string) => getClass(candidate) === key && !isTaken(candidate)
      // The words that a person reads more easily than the shortest name.
      const spoken = [
        [/(?<=\/sa\/).*/, anyone.serviceAccount] as const,
        [/(?<=\/ns\/)[^/]*/, anyone.namespace] as const,
        [/(?<=^spiffe:\/\/)[^/]*/, domain] as const,
      ].reduce((now, [part, name]) => {
        const candidate = now.replace(part, name)
        return isAlike(candidate) ? candidate : now
      }, identity)
      assumedCallers.set(key, { ...makeAssumedCaller(spoken, trustDomain), like: getLike(words, identity) })
    }
  }
  return [...assumedCallers.values()]
}

/** The form of the names of namespaces and accounts in Kubernetes. */
const label = '[a-z0-9](?:[-.a-z0-9]*[a-z0-9])?'

function getLike(words: readonly IdentityWord[], identity: string): string {
  const listConditions = (wanted: boolean) => [
    ...new Set(words.filter(word => isMeant(word, identity) === wanted).map(({ says }) => says)),
  ]
  const fulfilled = listConditions(true)
  return fulfilled.length > 0 ? fulfilled.join(' and ') : `none of ${listConditions(false).join(', ')}`
}

/** An identity of each class that no workload has; undefined: there are too many. */
function findWitnesses(
  words: readonly IdentityWord[],
  universe: string,
  isTaken: (identity: string) => boolean,
): readonly string[] | undefined {
  const patterns = words.flatMap(word => word.patterns)
  const taken = new Set<string>()
  for (;;) {
    const exact = [...taken].map(value => ({ match: 'exact' as const, value }))
    const atoms = makeAtoms({ kind: 'language', expression: universe }, [...patterns, ...exact])
    if ('limit' in atoms) {
      // RE2 accepts the expressions that meshc makes.
      if (atoms.limit === 're2') throw new Error(`no expression: ${JSON.stringify(atoms.pattern)}`)
      return undefined
    }
    const more = atoms.witnesses.filter(identity => !taken.has(identity) && isTaken(identity))
    if (more.length === 0) return atoms.witnesses.filter(identity => !taken.has(identity))
    for (const identity of more) taken.add(identity)
  }
}
