import { manifestForms } from '../../../schema/generated/targets.ts'
import { decided, type Sourced } from '../../mesh/sourced.ts'
import type { Manifest } from '../manifest.ts'

/** A file of `manifests/`. */
export interface ListedFile {
  readonly path: Sourced<string>
  readonly kinds: ReadonlySet<string>
  /** True if it has defaults that nearer objects override: callers are allowed before all others are denied. */
  readonly isLast: boolean
}

/**
 * A kustomization that lists files of `manifests/` in the order of application: namespaces, services, the gateways that route to
 * them, and the mesh-wide objects. kubectl would sort by kind and then by namespace, and deny before it allows.
 */
export function emitKustomization(files: readonly ListedFile[]): Manifest {
  const resources = files
    .toSorted((a, b) => getRank(a) - getRank(b) || (a.path.value < b.path.value ? -1 : 1))
    .map(({ path }) => path)
  const tree = {
    apiVersion: manifestForms.Kustomization.apiVersion,
    kind: 'Kustomization',
    sortOptions: { order: 'fifo' },
    resources,
  }
  return {
    kind: 'Kustomization',
    name: 'kustomization',
    namespace: undefined,
    tree: decided('policy:kustomization', tree),
  }
}

function getRank({ kinds, isLast }: ListedFile): number {
  if (kinds.has('Namespace')) return 0
  if (isLast) return 3
  return kinds.has('Gateway') ? 2 : 1
}
