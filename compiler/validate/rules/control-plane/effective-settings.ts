import type { Mesh } from '../../../mesh/mesh.ts'
import { from } from '../../../mesh/sourced.ts'
import { placeAt } from '../../../mesh/spec-place.ts'
import { findWrittenPlace } from '../../places.ts'
import { defineRule } from '../../rule.ts'

/** The values of charts that the spec does not install. */
export const effectiveSettings = defineRule<{ field: string }>(
  {
    code: 'MESH3607',
    severity: 'warning',
    summary: 'A spec sets the control plane only if it installs it',
    reads: ['manages', 'istio.install'],
    message: p => `\`${p.field}\` has no effect: meshc does not install the control plane`,
    help: () => 'remove it, and ask the owner of the control plane for the setting',
  },
  function* (mesh, report) {
    if (mesh.istio.install.value === 'charts') return
    for (const [field, value] of listControlPlaneSettings(mesh)) {
      const written = findWrittenPlace(value)
      if (written !== undefined) yield report(placeAt(written), { field })
    }
  },
)

const listControlPlaneSettings = ({ istio }: Mesh) =>
  [
    ['istio.controlPlane.replicas.min', istio.replicas.min],
    ['istio.controlPlane.replicas.max', istio.replicas.max],
    ['istio.controlPlane.resources.requests.cpu', istio.resources.requests.cpu],
    ['istio.controlPlane.resources.requests.memory', istio.resources.requests.memory],
    ['istio.controlPlane.resources.limits.cpu', istio.resources.limits.cpu],
    ['istio.controlPlane.resources.limits.memory', istio.resources.limits.memory],
    ['istio.proxy.resources.requests.cpu', istio.proxy.resources.requests.cpu],
    ['istio.proxy.resources.requests.memory', istio.proxy.resources.requests.memory],
    ['istio.proxy.resources.limits.cpu', istio.proxy.resources.limits.cpu],
    ['istio.proxy.resources.limits.memory', istio.proxy.resources.limits.memory],
    ['istio.proxy.drain', istio.proxy.drain],
    ['istio.proxy.holdApplication', istio.proxy.holdApplication],
    ['istio.proxy.native', istio.proxy.native],
    ['istio.proxy.image', istio.proxy.image],
    ['istio.proxy.concurrency', istio.proxy.concurrency],
    ['istio.hub', istio.hub],
    ['istio.pullSecrets', istio.pullSecrets[0]],
    ['istio.cni', istio.cni],
    ['istio.meshConfig', istio.meshConfig && from(istio.meshConfig.origin, 'passed')],
    ['istio.values', istio.values && from(istio.values.origin, 'passed')],
  ] as const
