import { SpecNode } from '../../../mesh/sourced.ts'
import { placeAt } from '../../../mesh/spec-place.ts'
import type { ManifestPlace } from '../../../mesh/surroundings.ts'
import { defineRule } from '../../rule.ts'

/**
 * Istio uses one Sidecar for a pod, and a Sidecar for its workload has precedence over the default one. meshc writes one for each
 * workload with a declared scope.
 */
export const keptSidecars = defineRule<{
  namespace: string
  fields: readonly string[]
  place: ManifestPlace
}>(
  {
    code: 'MESH3026',
    severity: 'error',
    summary: 'A default Sidecar of the surroundings sets only the hosts of `egress`',
    reads: ['surroundings', 'istio.namespace'],
    message: p =>
      `the default Sidecar of \`${p.namespace}\` sets \`${p.fields.join('`, `')}\`, which would end for the pods of the spec: ${p.place.file}:${p.place.line}`,
    help: () =>
      'exclude the pods of the spec there by a `workloadSelector`, or agree on the setting for the whole mesh: meshc keeps only the hosts of `egress`',
  },
  function* ({ namespaces, istio, services, sidecarScope, surroundings }, report) {
    if (services.length === 0 || sidecarScope.value === 'all') return
    const reached = new Set([istio.namespace.value, ...namespaces.map(({ name }) => name.value)])
    for (const [namespace, { otherFields, place }] of surroundings.defaultSidecars)
      if (reached.has(namespace) && otherFields.length > 0)
        yield report(placeAt(new SpecNode(undefined, 'surroundings')), {
          namespace,
          fields: [...new Set(otherFields)],
          place,
        })
  },
)
