import type { Service, SharedMesh } from '../../mesh/mesh.ts'
import type { Manifest } from '../manifest.ts'
import { emitKubernetesService } from './kubernetes-service.ts'

/**
 * Emits the Kubernetes Service of a service that runs in other clusters: callers look its name up in their own cluster, and istiod
 * adds the pods of the others to it. See https://istio.io/latest/docs/ops/deployment/deployment-models/#namespace-sameness
 */
export const emitRemoteService = (mesh: SharedMesh, service: Service): readonly Manifest[] =>
  service.ports.length === 0
    ? []
    : [emitKubernetesService(mesh, service, 'policy:clusters', service.clusters)]
