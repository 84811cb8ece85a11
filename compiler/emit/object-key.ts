/** The parts of an object that identify it. */
export interface ObjectIdentity {
  readonly kind: string
  /** The namespace; undefined for a kind without one. */
  readonly namespace: string | undefined
  readonly name: string
}

/** An object as a patch names it: `VirtualService shop/cart`, or `Namespace shop`. */
export const makeObjectKey = ({ kind, namespace, name }: ObjectIdentity): string =>
  namespace === undefined ? `${kind} ${name}` : `${kind} ${namespace}/${name}`
