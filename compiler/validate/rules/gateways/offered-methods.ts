import { coversCaller } from '../../../mesh/caller.ts'
import type { Caller } from '../../../mesh/mesh.ts'
import { placeAt } from '../../../mesh/spec-place.ts'
import { meetsExposure } from '../../meets-exposure.ts'
import { findWrittenPlace } from '../../places.ts'
import { defineRule } from '../../rule.ts'

/** The gateway answers a preflight by itself, and asks no policy: the request that follows meets a 403. */
export const offeredMethods = defineRule<{ method: string; service: string; gateway: string }>(
  {
    code: 'MESH3309',
    severity: 'warning',
    summary: 'A service allows the gateway each method that CORS offers',
    message: p =>
      `\`cors\` offers \`${p.method}\` to pages, but \`${p.service}\` does not allow it to \`gateway/${p.gateway}\``,
    help: p =>
      `add \`${p.method}\` to the \`methods\` of the rule for \`gateway/${p.gateway}\`, or remove it here`,
  },
  function* (_, report, { exposures }) {
    for (const { service, exposure } of exposures) {
      const { cors, gateway, origin } = exposure
      if (cors === undefined) continue
      const caller: Caller = { kind: 'gateway', gateway, origin }
      const rules = service.allow.filter(
        rule => coversCaller(rule.from, caller) && meetsExposure(rule, exposure),
      )
      // Another rule reports a gateway that the service does not allow.
      if (rules.length === 0) continue
      for (const method of cors.methods) {
        // The gateway answers it.
        if (method.value === 'OPTIONS') continue
        const isAllowed = rules.some(
          ({ methods }) => methods.length === 0 || methods.some(({ value }) => value === method.value),
        )
        if (isAllowed) continue
        const related = rules.map(rule => ({
          at: placeAt(rule.origin),
          message: 'the gateway may use these methods only',
        }))
        const params = { method: method.value, service: service.key, gateway: gateway.name.value }
        yield report(placeAt(findWrittenPlace(method)!), params, related)
      }
    }
  },
)
