import { makeKeyParty, placeAtKey } from '../../../mesh/spec-place.ts'
import { defineRule } from '../../rule.ts'

/** A sidecar sends such a share to the address that its application dialled, which is not one of the headless service. */
export const addressedReceivers = defineRule<{ service: string }>(
  {
    code: 'MESH3125',
    severity: 'error',
    summary: 'A share goes to a service that has an address',
    reads: ['services.*.headless'],
    message: p =>
      `\`${p.service}\` is headless: sidecars send this share to the address of the called service, not to \`${p.service}\``,
    help: p =>
      `name a service of the same pods that has an address, or remove \`headless\` from \`${p.service}\``,
  },
  function* (_, report, { sharing }) {
    for (const { routes } of sharing) {
      const seen = new Set<unknown>()
      for (const { shares, mirror } of routes)
        for (const { service, origin } of [...shares, ...mirror]) {
          if (service?.headless === undefined || origin === undefined || seen.has(origin)) continue
          seen.add(origin)
          yield report(placeAtKey(origin), { service: service.key }, [
            makeKeyParty(service.origin.at('headless'), `\`${service.key}\` has no address`),
          ])
        }
    }
  },
)
