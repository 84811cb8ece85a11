import type { External, Gateway, Mesh, Namespace, Service } from '../mesh/mesh.ts'
import { type Sourced, text } from '../mesh/sourced.ts'

// A path is a value too: the kustomization says it. The name of a service has no dot, so `api.gateway.yaml` is never that of one.

/** The file of what speaks for the whole mesh. */
export const meshPath = ({ istio, name }: Mesh): Sourced<string> =>
  text`manifests/${istio.namespace}/${name}.mesh.yaml`

/** The file of what Prometheus watches. */
export const alertsPath = ({ istio, name }: Mesh): Sourced<string> =>
  text`manifests/${istio.namespace}/${name}.alerts.yaml`

export const dashboardPath = ({ istio, name }: Mesh): Sourced<string> =>
  text`manifests/${istio.namespace}/${name}.dashboard.yaml`

export const kialiPath = ({ istio, name }: Mesh): Sourced<string> =>
  text`manifests/${istio.namespace}/${name}.kiali.yaml`

/** The file of what is recorded of a service that states an objective, beside what Prometheus watches. */
export const objectivePath = ({ istio }: Mesh, { namespace, name }: Service): Sourced<string> =>
  text`manifests/${istio.namespace}/${name}.${namespace}.objective.yaml`

export const namespacePath = ({ name }: Namespace): Sourced<string> =>
  text`manifests/${name}/${name}.namespace.yaml`

export const gatewayPath = ({ namespace, name }: Gateway): Sourced<string> =>
  text`manifests/${namespace}/${name}.gateway.yaml`

export const servicePath = ({ namespace, name }: Service): Sourced<string> =>
  text`manifests/${namespace}/${name}.yaml`

export const externalPath = ({ namespace, name }: External): Sourced<string> =>
  text`manifests/${namespace}/${name}.external.yaml`
