import type { External, Gateway, Mesh, Namespace, RateLimiter, Service } from '../mesh/mesh.ts'
import { type Sourced, text } from '../mesh/sourced.ts'

// A path is a value too: the kustomization says it. The name of a service has no dot, so `api.gateway.yaml` is never that of one.

/** The file of the objects that are about the mesh as a whole. */
export const meshPath = ({ home, name }: Mesh): Sourced<string> => text`manifests/${home}/${name}.mesh.yaml`

/** The file of what Prometheus watches. */
export const alertsPath = ({ home, name }: Mesh): Sourced<string> =>
  text`manifests/${home}/${name}.alerts.yaml`

export const dashboardPath = ({ home, name }: Mesh): Sourced<string> =>
  text`manifests/${home}/${name}.dashboard.yaml`

export const kialiPath = ({ home, name }: Mesh): Sourced<string> => text`manifests/${home}/${name}.kiali.yaml`

/** The file of the recording rules of a service with an objective, beside the monitors. */
export const objectivePath = ({ home }: Mesh, { namespace, name }: Service): Sourced<string> =>
  text`manifests/${home}/${name}.${namespace}.objective.yaml`

/** The file of the limits that a rate-limit service counts. */
export const limitsPath = ({ namespace, name }: RateLimiter): Sourced<string> =>
  text`manifests/${namespace}/${name}.rate-limits.yaml`

export const namespacePath = ({ name }: Namespace): Sourced<string> =>
  text`manifests/${name}/${name}.namespace.yaml`

/** The file of what holds in a namespace where no policy is nearer, in a mesh that the spec manages in part. */
export const namespaceDefaultsPath = ({ name }: Namespace): Sourced<string> =>
  text`manifests/${name}/${name}.defaults.yaml`

export const gatewayPath = ({ namespace, name }: Gateway): Sourced<string> =>
  text`manifests/${namespace}/${name}.gateway.yaml`

/** The file of the objects of a gateway in the namespace of its pods: the same one, unless that namespace is another. */
export const gatewayWorkloadPath = ({ workloadNamespace, name }: Gateway): Sourced<string> =>
  text`manifests/${workloadNamespace}/${name}.gateway.yaml`

export const servicePath = ({ namespace, name }: Service): Sourced<string> =>
  text`manifests/${namespace}/${name}.yaml`

export const externalPath = ({ namespace, name }: External): Sourced<string> =>
  text`manifests/${namespace}/${name}.external.yaml`
