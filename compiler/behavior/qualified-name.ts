/** Names an object among those of its kind: `namespace/name`. */
export const getQualifiedName = ({
  namespace,
  name,
}: {
  readonly namespace: string
  readonly name: string
}): string => `${namespace}/${name}`
