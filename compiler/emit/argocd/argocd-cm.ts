import * as scripts from '../../../schema/generated/health-scripts.ts'
import type { Mesh } from '../../mesh/mesh.ts'
import type { Manifest } from '../manifest.ts'
import { emitArgocdSettings } from './argocd-object.ts'

/** Health checks for kinds for which Argo CD has none. They read the status that they find, so they fit any mesh. */
export const emitArgocdCm = (mesh: Mesh): Manifest =>
  emitArgocdSettings(mesh, 'argocd-cm', 'policy:health', {
    [makeHealthKey('argoproj.io', 'Application')]: scripts.application,
    ...Object.fromEntries(istioKinds.map(([group, kind]) => [makeHealthKey(group, kind), scripts.istio])),
  })

const makeHealthKey = (group: string, kind: string) => `resource.customizations.health.${group}_${kind}`

/** Every kind of Istio's: meshc emits some, and passes others through. */
const istioKinds = [
  ['extensions.istio.io', 'TrafficExtension'],
  ['extensions.istio.io', 'WasmPlugin'],
  ['networking.istio.io', 'DestinationRule'],
  ['networking.istio.io', 'EnvoyFilter'],
  ['networking.istio.io', 'Gateway'],
  ['networking.istio.io', 'ProxyConfig'],
  ['networking.istio.io', 'ServiceEntry'],
  ['networking.istio.io', 'Sidecar'],
  ['networking.istio.io', 'VirtualService'],
  ['networking.istio.io', 'WorkloadEntry'],
  ['networking.istio.io', 'WorkloadGroup'],
  ['security.istio.io', 'AuthorizationPolicy'],
  ['security.istio.io', 'PeerAuthentication'],
  ['security.istio.io', 'RequestAuthentication'],
  ['telemetry.istio.io', 'Telemetry'],
] as const
