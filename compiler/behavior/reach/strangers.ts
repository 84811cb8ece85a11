import type { CallerOnSide } from '../compare/callers.ts'
import type { CallerName } from '../compare/difference.ts'
import { policiesFor } from '../compare/server.ts'
import type { Side } from '../compare/side.ts'
import type { Workload } from '../model.ts'

/** Somebody of whom no manifest says anything but a namespace, or an identity (`spiffe://…`). */
export interface Stranger {
  readonly namespace: string
  readonly serviceAccount: string
  readonly identity?: string
}

/** Who calls, by what there is to tell him from others. */
export type Calling = CallerOnSide & { readonly name: CallerName & { readonly kind: 'workload' } }

/** A stranger as a caller: with a sidecar, unless pods of his namespace get none. */
export function supposed(side: Side, { namespace, serviceAccount, identity }: Stranger): Calling {
  const declared = side.model.namespaces.get(namespace)
  const hasSidecar =
    declared === undefined ||
    declared.labels['istio-injection'] === 'enabled' ||
    (declared.labels['istio-injection'] === undefined && declared.labels['istio.io/rev'] !== undefined)
  return {
    name: { kind: 'workload', namespace, name: serviceAccount, plaintext: !hasSidecar, supposed: true },
    namespace,
    serviceAccount,
    ...(identity === undefined ? {} : { identity }),
    labels: {},
    address: undefined,
    unmodelled: declared?.unmodelled ?? [],
    hasSidecar,
    // Who has the account of a workload is that workload, as far as a request can say.
    mistakenFor:
      identity === undefined
        ? side.workloadsByNamespace
            .get(namespace)
            ?.find(other => other.assumed === undefined && other.serviceAccount === serviceAccount)
        : undefined,
  }
}

/** Somebody in a namespace, of whom nothing else is said. */
export const somebodyIn = (namespace: string): Stranger => ({ namespace, serviceAccount: 'somebody' })

/** Somebody with an identity, wherever he runs. */
export const somebodyWith = (identity: string): Stranger => ({ ...somebodyIn('somewhere'), identity })

/** Whoever is named by the policies of a workload: one for each word. */
export function strangersAt(side: Side, workload: Workload): readonly Stranger[] {
  const words = { principals: new Set<string>(), namespaces: new Set<string>(), accounts: new Set<string>() }
  for (const { rules } of policiesFor(side, workload))
    for (const { from, when } of rules) {
      for (const { principals, namespaces, serviceAccounts } of from) {
        for (const word of principals.values) words.principals.add(word)
        for (const word of namespaces.values) words.namespaces.add(word)
        for (const word of serviceAccounts.values) words.accounts.add(word)
      }
      for (const { key, values } of when)
        for (const word of values) {
          if (key === 'source.principal') words.principals.add(word)
          if (key === 'source.namespace') words.namespaces.add(word)
          if (key === 'source.serviceAccount') words.accounts.add(word)
        }
    }
  const member = (word: string) => word.replaceAll('*', 'any')
  return [
    ...[...words.principals].filter(word => word !== '*').map(word => strangerOf(side, member(word))),
    ...[...words.namespaces].filter(word => word !== '*').map(word => somebodyIn(member(word))),
    ...[...words.accounts].map(word => {
      const [namespace, account] = word.includes('/') ? word.split('/') : [workload.namespace, word]
      return { namespace: namespace!, serviceAccount: account ?? word }
    }),
  ]
}

/** Whose identity is one of this mesh runs in its namespace, under its account. */
function strangerOf(side: Side, principal: string): Stranger {
  const [domain, ns, namespace, sa, account, ...rest] = principal.split('/')
  const isOwn = domain === side.model.settings.trustDomain && ns === 'ns' && sa === 'sa' && rest.length === 0
  if (isOwn && namespace !== undefined && account !== undefined) return { namespace, serviceAccount: account }
  return somebodyWith(`spiffe://${principal}`)
}
