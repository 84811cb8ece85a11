import { listInstalledGateways } from '../../../mesh/installed-gateways.ts'
import type { Mesh, Replicas } from '../../../mesh/mesh.ts'
import { placeAt } from '../../../mesh/spec-place.ts'
import { findWrittenPlace, makeParty } from '../../places.ts'
import { defineRule } from '../../rule.ts'

/** Kubernetes refuses an autoscaler whose minimum exceeds its maximum. */
export const replicaBounds = defineRule<{ owner: string; min: number; max: number }>(
  {
    code: 'MESH3601',
    severity: 'error',
    summary: '`max` of `replicas` is not below `min`',
    message: p => `${p.owner} has at least ${p.min} replicas and at most ${p.max}`,
    help: p => `raise \`max\` to ${p.min}, or lower \`min\` to ${p.max}`,
  },
  function* (mesh, report) {
    for (const { owner, min, max } of listReplicaBounds(mesh)) {
      const place = findWrittenPlace(min) ?? findWrittenPlace(max)
      if (min.value <= max.value || place === undefined) continue
      yield report(placeAt(place), { owner, min: min.value, max: max.value }, makeParty(max, 'at most'))
    }
  },
)

function* listReplicaBounds(mesh: Mesh): Iterable<Replicas & { readonly owner: string }> {
  yield { ...mesh.istio.replicas, owner: 'istiod' }
  for (const { name, installation } of listInstalledGateways(mesh))
    yield { ...installation.replicas, owner: `the gateway \`${name.value}\`` }
}
