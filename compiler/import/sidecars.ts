import type { Labels, Sidecar } from '../behavior/model.ts'
import { isEqual } from '../source/is-equal.ts'
import type { Claim, Proposal } from './claim.ts'
import type { ForeignMesh } from './foreign-mesh.ts'

/**
 * Claims the Sidecars: if the pods of services have one each, a scope of the other ends of their calls; otherwise that every sidecar
 * sees all hosts.
 */
export function claimSidecars(mesh: ForeignMesh): Proposal {
  const { sidecars } = mesh.model
  const all: Claim = { objects: [], fields: [{ path: ['sidecarScope'], value: 'all' }] }
  const ofServices = new Set(
    [
      ...mesh.services.map(({ service: { namespace, selector } }) =>
        findWorkloadSidecar(mesh, namespace, selector),
      ),
      ...[...mesh.callers.values()].map(({ namespace, labels }) =>
        findWorkloadSidecar(mesh, namespace, labels),
      ),
    ].filter(sidecar => sidecar !== undefined),
  )
  const declared: Claim = {
    objects: [...ofServices],
    fields: [{ path: ['sidecarScope'], value: 'declared' }],
    isExact: true,
  }
  return {
    claims: ofServices.size === 0 ? [all] : [all, declared],
    unsaid: sidecars
      .filter(sidecar => !ofServices.has(sidecar))
      .map(object => ({ object, reason: 'it is not for the pods of one service' })),
    ineffective: [],
  }
}

/** Finds the Sidecar of the pods with these labels. */
export const findWorkloadSidecar = (
  { model: { sidecars } }: ForeignMesh,
  namespace: string,
  labels: Labels,
): Sidecar | undefined =>
  sidecars.find(sidecar => sidecar.namespace === namespace && isEqual(sidecar.workloadSelector, labels))
