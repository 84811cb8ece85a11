import { makeKeyParty, placeAtKey } from '../../../mesh/spec-place.ts'
import { defineRule } from '../../rule.ts'

/** A proxy applies only the routes of the requested host. It ignores the routes of a service to which these routes send requests. */
export const wholeReceivers = defineRule<{ service: string; versions: readonly string[] }>(
  {
    code: 'MESH3124',
    severity: 'warning',
    summary: 'A share for a service with several versions names one of them',
    reads: ['services.*.versions'],
    message: p =>
      `this share goes to all instances of \`${p.service}\` alike: its own shares among versions do not hold here`,
    help: p => `name a version: \`service/${p.service}/${p.versions[0]}\``,
  },
  function* (_, report, { sharing }) {
    for (const { routes } of sharing) {
      const seen = new Set<unknown>()
      for (const { shares, mirror } of routes)
        for (const { service, version, origin } of [...shares, ...mirror]) {
          if (service === undefined || version !== undefined || service.versions.length < 2) continue
          if (origin === undefined || seen.has(origin)) continue
          seen.add(origin)
          const params = { service: service.key, versions: service.versions.map(({ name }) => name.value) }
          yield report(placeAtKey(origin), params, [
            makeKeyParty(service.origin.at('versions'), `the versions of \`${service.key}\``),
          ])
        }
    }
  },
)
