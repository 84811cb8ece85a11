/** Makes the name of an object that is unique within its kind: `namespace/name`. */
export const getQualifiedName = ({
  namespace,
  name,
}: {
  readonly namespace: string
  readonly name: string
}): string => `${namespace}/${name}`
