import type { Protocol } from '../model.ts'

/** The name of a caller. */
export type CallerName =
  | {
      readonly kind: 'workload'
      readonly namespace: string
      readonly name: string
      /** It has no sidecar, so that it calls in plaintext and without identity. */
      readonly plaintext: boolean
      /** True if no manifest declares it: the assumed caller represents every caller with such an identity. */
      readonly assumed: boolean
      /** `spiffe://…` of an assumed caller, unless the identity follows from its namespace and name. */
      readonly identity?: string
      /** The identities that it represents, if no policy names only this one: `cluster.local/ns/other/*`. */
      readonly like?: string
    }
  /** Any caller outside, through a gateway: the namespace and name of its workload. */
  | {
      readonly kind: 'outside'
      readonly gateway: { readonly namespace: string; readonly name: string }
      readonly scheme: 'http' | 'https' | 'tcp'
    }

/** Tells whether a caller is `anyone`: the caller that no manifest and no policy names. */
export const isAnyone = (caller: CallerName): boolean =>
  caller.kind === 'workload' && caller.assumed && caller.like === undefined && caller.name === 'somebody'

/**
 * The name of a destination: a host that may begin with `*.`, or `*` for every host that no manifest names.
 */
export interface DestinationName {
  readonly host: string
  readonly port: number
  readonly protocol: Protocol
  readonly isExternal: boolean
}
