import type { Claim } from './claim.ts'
import type { ForeignMesh } from './foreign-mesh.ts'

/** Claims the settings of the control plane about requests. The owner of the control plane keeps them. */
export function claimSettings({ model: { settings }, revision }: ForeignMesh): Claim {
  const { rootNamespace, trustDomain, outbound } = settings
  return {
    objects: [],
    fields: [
      { path: ['egress'], value: outbound === 'ALLOW_ANY' ? 'allow-any' : 'registry-only' },
      { path: ['istio', 'install'], value: 'none' },
      ...(revision === undefined ? [] : [{ path: ['istio', 'revision'], value: revision }]),
      ...(rootNamespace === 'istio-system' ? [] : [{ path: ['istio', 'namespace'], value: rootNamespace }]),
      ...(trustDomain === 'cluster.local' ? [] : [{ path: ['istio', 'trustDomain'], value: trustDomain }]),
    ],
  }
}
