import { decided, type Sourced } from '../../mesh/sourced.ts'
import type { Manifest } from '../manifest.ts'

/** A kustomization that lists every file of `manifests/`. */
export function kustomization(resources: readonly Sourced<string>[]): Manifest {
  const tree = { apiVersion: 'kustomize.config.k8s.io/v1beta1', kind: 'Kustomization', resources }
  return {
    kind: 'Kustomization',
    name: 'kustomization',
    namespace: undefined,
    tree: decided('policy:kustomization', tree),
  }
}
