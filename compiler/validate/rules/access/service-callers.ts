import { placeAtKey } from '../../../mesh/spec-place.ts'
import { defineRule } from '../../rule.ts'

/** A spec in which no service declares callers is exempt: it is a draft. */
export const serviceCallers = defineRule<{ service: string }>(
  {
    code: 'MESH3415',
    severity: 'warning',
    summary: 'Each service with a port has an allowed caller',
    message: p => `no caller may call \`${p.service}\`: every request gets a 403`,
    help: () => 'add a caller with `allow: [{ from: … }]`, or remove its ports if it only calls others',
  },
  function* ({ services }, report) {
    if (services.every(({ allow }) => allow.length === 0)) return
    // Another rule requires an exposed service to allow a gateway.
    for (const { key: service, origin, ports, allow, exposures, passages } of services)
      if (ports.length > 0 && allow.length === 0 && exposures.length + passages.length === 0)
        yield report(placeAtKey(origin), { service })
  },
)
