import { listInstalledGateways } from '../../../mesh/installed-gateways.ts'
import type { Mesh } from '../../../mesh/mesh.ts'
import type { Sourced, SpecNode } from '../../../mesh/sourced.ts'
import { makeParty, placeIn } from '../../places.ts'
import { defineRule } from '../../rule.ts'

/** An object in the root namespace applies to every namespace: a policy for one workload would apply to all, or to none. */
export const rootNamespace = defineRule<{ kind: string; name: string; namespace: string }>(
  {
    code: 'MESH3006',
    severity: 'error',
    summary: 'Services and gateways run outside the root namespace',
    covers: ['KIA1006'],
    reads: ['istio.namespace'],
    message: p => `the ${p.kind} \`${p.name}\` runs in the root namespace \`${p.namespace}\``,
    help: () => 'move it to another namespace: a policy for one workload there applies to the whole mesh',
  },
  function* (mesh, report) {
    const root = mesh.istio.namespace
    for (const { kind, name, namespace, origin } of inhabitants(mesh)) {
      if (namespace.value !== root.value) continue
      const related = makeParty(root, 'istiod runs there')
      yield report(placeIn(origin, namespace), { kind, name, namespace: root.value }, related)
    }
  },
)

/** A workload of a namespace. */
interface Inhabitant {
  readonly kind: 'service' | 'gateway'
  readonly name: string
  readonly namespace: Sourced<string>
  readonly origin: SpecNode
}

function* inhabitants(mesh: Mesh): Iterable<Inhabitant> {
  const { services, namespaces, istio } = mesh
  for (const { name, namespace, origin } of listInstalledGateways(mesh)) {
    yield { kind: 'gateway', name: name.value, namespace, origin }
  }
  // The root namespace is among the mesh's namespaces only if a service runs in it.
  if (!namespaces.some(({ name }) => name.value === istio.namespace.value)) return
  for (const { key, namespace, origin } of services) {
    yield { kind: 'service', name: key, namespace, origin }
  }
}
