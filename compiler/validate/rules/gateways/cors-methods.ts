import { placeAt } from '../../../mesh/spec-place.ts'
import { defineRule } from '../../rule.ts'

/** A browser asks for the methods before it sends anything but a simple request, and takes silence for a no. */
export const corsMethods = defineRule<{ service: string }>(
  {
    code: 'MESH3306',
    severity: 'warning',
    summary: 'A CORS policy names the methods that pages may use',
    message: p => `\`cors\` of \`${p.service}\` allows no method`,
    help: () => 'for example `methods: [GET, POST]`',
  },
  function* (_, report, { exposures }) {
    for (const {
      service,
      exposure: { cors },
    } of exposures) {
      if (cors !== undefined && cors.methods.length === 0)
        yield report(placeAt(cors.origin), { service: service.key })
    }
  },
)
