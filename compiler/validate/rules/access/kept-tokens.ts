import { coversCaller } from '../../../mesh/caller.ts'
import { listRequiredIssuers } from '../../../mesh/required-token.ts'
import { makeKeyParty, placeAt } from '../../../mesh/spec-place.ts'
import { findWrittenPlace } from '../../places.ts'
import { defineRule } from '../../rule.ts'

/** A gateway that reads a token and does not forward it leaves the service behind it without one. */
export const keptTokens = defineRule<{ gateway: string; service: string; issuer: string }>(
  {
    code: 'MESH3420',
    severity: 'error',
    summary: 'A gateway forwards the tokens that a service behind it requires',
    reads: ['issuers', 'gateways.*.jwt'],
    message: p =>
      `\`${p.gateway}\` removes the tokens of \`${p.issuer}\`, which \`${p.service}\` requires of it`,
    help: p => `set \`forward: true\` in \`jwt\` of the gateway \`${p.gateway}\``,
  },
  function* (_, report, { tokenRules }) {
    for (const { service, allow } of tokenRules) {
      for (const { gateway } of service.exposures) {
        if (gateway.jwt === undefined) continue
        if (!coversCaller(allow.from, { kind: 'gateway', gateway, origin: gateway.origin })) continue
        const required = listRequiredIssuers(service, allow).map(([{ issuer }]) => issuer.value)
        const removing = gateway.jwt.issuers.find(
          ({ issuer, forward }) => !forward.value && required.includes(issuer.value),
        )
        if (removing === undefined) continue
        const written = findWrittenPlace(removing.forward)
        const params = {
          gateway: gateway.name.value,
          service: service.key,
          issuer: removing.name ?? removing.issuer.value,
        }
        const related = makeKeyParty(written ?? removing.origin, 'this removes them')
        yield report(placeAt(allow.origin), params, [related, makeKeyParty(gateway.origin, 'the gateway')])
        break
      }
    }
  },
)
