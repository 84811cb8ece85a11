import { placeAt } from '../../../mesh/spec-place.ts'
import { listEnvoyFilters, readFields } from '../../raw-fields.ts'
import { defineRule } from '../../rule.ts'

const suppression = 'galley.istio.io/analyze-suppress'

/** `istioctl analyze` warns of each: a filter depends on names inside Envoy that change from version to version. */
export const knownFilters = defineRule<{ name: string }>(
  {
    code: 'MESH3702',
    severity: 'warning',
    summary: 'An EnvoyFilter has an annotation that marks it as intended',
    covers: ['IST0133'],
    message: p =>
      `the EnvoyFilter \`${p.name}\` depends on internals of Envoy, which change with each version`,
    help: () => `use fields of the spec instead, or annotate it with \`${suppression}: IST0133\``,
  },
  function* (mesh, report) {
    for (const { object } of listEnvoyFilters(mesh)) {
      const annotations = readFields(readFields(object.object['metadata'])['annotations'])
      const suppressed = String(annotations[suppression] ?? '').split(/\s*,\s*/)
      if (suppressed.includes('IST0133') || suppressed.includes('*')) continue
      yield report(placeAt(object.origin.at('kind')), { name: object.name })
    }
  },
)
