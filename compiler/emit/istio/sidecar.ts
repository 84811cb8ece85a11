import type { Mesh, Service } from '../../mesh/mesh.ts'
import { because, decided, type Sourced } from '../../mesh/sourced.ts'
import { labelRecord, type Manifest, manifest } from '../manifest.ts'

/** What a workload's proxy knows: the other ends of its service's edges, istiod and the trace collector. */
export function sidecar(mesh: Mesh, service: Service): Manifest {
  const hosts = new Map<string, Sourced<string>>()
  const know = (
    namespace: Sourced<string>,
    host: Sourced<string>,
    ...reasons: Parameters<typeof because>[1][]
  ) => {
    const known = because(`${namespace.value}/${host.value}`, ...reasons, namespace, host)
    const earlier = hosts.get(known.value)
    hosts.set(known.value, earlier === undefined ? known : because(known.value, earlier, known))
  }
  // Who lets everybody in is no caller of his own unless he says so.
  const open = mesh.publicCallees.filter(callee => callee.kind === 'external' || callee.service !== service)
  for (const callee of [...service.callees, ...open]) {
    if (callee.kind === 'external') {
      for (const host of callee.external.hosts) know(callee.external.namespace, host, callee.origin)
    } else know(callee.service.namespace, callee.service.host, callee.origin)
  }
  const { traced, tracing } = mesh.observability
  if (tracing !== undefined) know(tracing.namespace, tracing.host, traced)
  const sorted = [controlPlane(mesh), ...[...hosts.keys()].toSorted().map(key => hosts.get(key)!)]
  const policy = 'policy:sidecar-scope'
  const spec = {
    workloadSelector: { labels: labelRecord(service.selector) },
    egress: [{ hosts: sorted }],
  }
  return manifest(mesh, 'Sidecar', { name: service.name, namespace: service.namespace, policy }, spec)
}

/** The host of istiod, which the scope of a proxy may not be empty of. */
function controlPlane({ istio }: Mesh): Sourced<string> {
  const name =
    istio.revision === undefined
      ? decided('policy:sidecar-scope', 'istiod')
      : istio.revision.map(revision => `istiod-${revision}`)
  const namespace = istio.namespace.value
  return because(`${namespace}/${name.value}.${namespace}.svc.cluster.local`, name, istio.namespace)
}
