import { coversCaller, nameCaller } from '../../../mesh/caller.ts'
import type { Allow, Caller } from '../../../mesh/mesh.ts'
import { makeKeyParty, placeAt } from '../../../mesh/spec-place.ts'
import { meetsExposure, meetsPassage } from '../../meets-exposure.ts'
import { defineRule } from '../../rule.ts'

/** A service denies a gateway that it does not allow: the gateway would lead every request to a 403. */
export const exposuresAllowed = defineRule<{ service: string; gateway: string; isNamed: boolean }>(
  {
    code: 'MESH3401',
    severity: 'error',
    summary: 'A service allows the gateway that exposes it',
    message: p =>
      p.isNamed
        ? `\`${p.service}\` is exposed on a port or path on which it does not allow \`${p.gateway}\``
        : `\`${p.service}\` is exposed, but does not allow \`${p.gateway}\``,
    help: p =>
      p.isNamed
        ? 'make the `ports` and `paths` of the rule and of the exposure overlap'
        : `add \`- from: ${p.gateway}\` to its \`allow\``,
  },
  function* (_, report, { exposures, passages }) {
    for (const { service: served, entrance, meets } of [
      ...exposures.map(({ service, exposure }) => ({
        service,
        entrance: exposure,
        meets: (rule: Allow) => meetsExposure(rule, exposure),
      })),
      ...passages.map(({ service, passage }) => ({
        service,
        entrance: passage,
        meets: (rule: Allow) => meetsPassage(rule, passage),
      })),
    ]) {
      const { key: service, origin, allow } = served
      const caller: Caller = { kind: 'gateway', gateway: entrance.gateway, origin: entrance.origin }
      const named = allow.filter(({ from }) => coversCaller(from, caller))
      if (named.some(meets)) continue
      const related =
        named.length > 0
          ? named.map(({ origin }) => ({ at: placeAt(origin), message: 'it may call here only' }))
          : allow.length > 0
            ? [makeKeyParty(origin.at('allow'), 'who may call')]
            : []
      const params = { service, gateway: nameCaller(caller), isNamed: named.length > 0 }
      yield report(placeAt(entrance.origin), params, related)
    }
  },
)
