import { nameReceiver } from '../../../mesh/share.ts'
import { placeAt } from '../../../mesh/spec-place.ts'
import { findWrittenPlace, makeParty } from '../../places.ts'
import { defineRule } from '../../rule.ts'

/** A mirror tries a version on real requests without relying on it; a version that answers them is not tried so. */
export const mirrors = defineRule<{ version: string; route: string }>(
  {
    code: 'MESH3115',
    severity: 'warning',
    summary: 'A mirror version gets no other traffic of its route',
    message: p =>
      `\`${p.version}\` gets requests of the route \`${p.route}\` twice: as its traffic and as a copy`,
    help: () => 'mirror to a version that gets no traffic here, or remove the mirror',
  },
  function* (_, report, parts) {
    for (const { route } of parts.mirrors) {
      const { name, mirror, shares } = route
      for (const copy of mirror) {
        const share = shares.find(
          ({ service, version, weight }) =>
            service === copy.service && version === copy.version && weight.value > 0,
        )
        const receiver = nameReceiver(copy)
        if (share === undefined || receiver === undefined) continue
        const params = { version: receiver, route: name.value }
        yield report(
          placeAt(findWrittenPlace(copy.weight)!),
          params,
          makeParty(share.weight, 'its share of the traffic'),
        )
      }
    }
  },
)
