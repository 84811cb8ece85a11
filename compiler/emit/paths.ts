import type { External, Gateway, Mesh, Namespace, RateLimiter, Service } from '../mesh/mesh.ts'
import { type Sourced, text } from '../mesh/sourced.ts'

// A path is a value with origins, since the kustomization contains it. Service names have no dot, so `api.gateway.yaml` is never the
// file of a service.

/** The file of the objects that are about the mesh as a whole. */
export const meshPath = ({ home, name }: Mesh): Sourced<string> => text`manifests/${home}/${name}.mesh.yaml`

/** The file of the Prometheus rules and monitors. */
export const alertsPath = ({ home, name }: Mesh): Sourced<string> =>
  text`manifests/${home}/${name}.alerts.yaml`

export const dashboardPath = ({ home, name }: Mesh): Sourced<string> =>
  text`manifests/${home}/${name}.dashboard.yaml`

export const kialiPath = ({ home, name }: Mesh): Sourced<string> => text`manifests/${home}/${name}.kiali.yaml`

/** The file of the recording rules of a service with an objective, in the folder of the monitors. */
export const objectivePath = ({ home }: Mesh, { namespace, name }: Service): Sourced<string> =>
  text`manifests/${home}/${name}.${namespace}.objective.yaml`

/** The file of the limits that a rate-limit service counts. */
export const limitsPath = ({ namespace, name }: RateLimiter): Sourced<string> =>
  text`manifests/${namespace}/${name}.rate-limits.yaml`

export const namespacePath = ({ name }: Namespace): Sourced<string> =>
  text`manifests/${name}/${name}.namespace.yaml`

/** The file of the defaults of a namespace, in a mesh that the spec manages in part. */
export const namespaceDefaultsPath = ({ name }: Namespace): Sourced<string> =>
  text`manifests/${name}/${name}.defaults.yaml`

export const gatewayPath = ({ namespace, name }: Gateway): Sourced<string> =>
  text`manifests/${namespace}/${name}.gateway.yaml`

/** The file of the objects of a gateway in the namespace of its pods. It is the gateway's own file, unless that namespace is another. */
export const gatewayWorkloadPath = ({ workloadNamespace, name }: Gateway): Sourced<string> =>
  text`manifests/${workloadNamespace}/${name}.gateway.yaml`

export const servicePath = ({ namespace, name }: Service): Sourced<string> =>
  text`manifests/${namespace}/${name}.yaml`

export const externalPath = ({ namespace, name }: External): Sourced<string> =>
  text`manifests/${namespace}/${name}.external.yaml`
