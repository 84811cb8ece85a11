import { placeAt } from '../../../mesh/spec-place.ts'
import type { ManifestPlace } from '../../../mesh/surroundings.ts'
import { findWrittenPlace } from '../../places.ts'
import { defineRule } from '../../rule.ts'

/** meshc writes no Namespace that others own, so their manifest must hold the label. */
export const injectedByOthers = defineRule<{ namespace: string; label: string; place: ManifestPlace }>(
  {
    code: 'MESH3024',
    severity: 'error',
    summary: 'A namespace of the mesh that others declare has the label for sidecars',
    reads: ['surroundings', 'istio.revision', 'namespaces.*.revision'],
    message: p =>
      `the namespace \`${p.namespace}\` has no label \`${p.label}\`, so its pods get no sidecar: ${p.place.file}:${p.place.line}`,
    help: () => 'add the label there, or remove the Namespace from that file: meshc then writes it',
  },
  function* ({ namespaces, surroundings }, report) {
    for (const { name, injection, revision } of namespaces) {
      const declared = surroundings.declaredNamespaces.get(name.value)
      const written = findWrittenPlace(name)
      if (declared === undefined || injection.value === 'off' || written === undefined) continue
      const [key, value] =
        revision === undefined ? ['istio-injection', 'enabled'] : ['istio.io/rev', revision.value]
      if (declared.labels[key] !== value)
        yield report(placeAt(written), {
          namespace: name.value,
          label: `${key}: ${value}`,
          place: declared.place,
        })
    }
  },
)
