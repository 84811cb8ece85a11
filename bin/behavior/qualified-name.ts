/** Names a workload or a Service: `namespace/name`. */
export const getQualifiedName = ({
  namespace,
  name,
}: {
  readonly namespace: string
  readonly name: string
}): string => `${namespace}/${name}`

/** The word names the object, as `web`, `shop/web` or `web.shop`. */
export const isNamedBy = (
  thing: { readonly namespace: string; readonly name: string },
  word: string,
): boolean =>
  word === thing.name || word === getQualifiedName(thing) || word === `${thing.name}.${thing.namespace}`
