import { stringify } from 'yaml'

/** Returns manifests as YAML files, with the MeshConfig in an IstioOperator. */
export function manifestTexts({
  objects,
  meshConfig,
}: {
  readonly objects: readonly object[]
  readonly meshConfig: object
}): string {
  const operator = {
    apiVersion: 'install.istio.io/v1alpha1',
    kind: 'IstioOperator',
    metadata: { name: 'istio', namespace: 'istio-system' },
    spec: { meshConfig },
  }
  const options = { version: '1.1', collectionStyle: 'any', lineWidth: 120 } as const
  return [operator, ...objects].map(first => stringify(first, options)).join('---\n')
}
