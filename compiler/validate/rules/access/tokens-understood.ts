import { makeKeyParty, placeAt, placeAtKey } from '../../../mesh/spec-place.ts'
import { findWrittenPlace } from '../../places.ts'
import { defineRule } from '../../rule.ts'

/** Without a RequestAuthentication, no token is ever valid: the rule would allow no caller. */
export const tokensUnderstood = defineRule<{ service: string; field: string; issuer: string | undefined }>(
  {
    code: 'MESH3405',
    severity: 'error',
    summary: 'A service that requires a token accepts tokens of its issuer',
    reads: ['issuers', 'services.*.jwt'],
    message: p =>
      p.issuer === undefined
        ? `\`${p.field}\` requires a token, but \`${p.service}\` declares no issuer of tokens`
        : `\`${p.field}\` requires a token of \`${p.issuer}\`, which \`${p.service}\` does not accept`,
    help: p =>
      p.issuer === undefined
        ? `set \`jwt: { issuer: …, jwks: …, audiences: [${p.service}] }\` of the service`
        : `add \`${p.issuer}\` to \`issuers\` in \`jwt\` of the service`,
  },
  function* (_, report, { tokenRules }) {
    for (const { service, allow } of tokenRules) {
      const { jwt, key } = service
      if (jwt === undefined) {
        const field =
          allow.jwtRequired !== undefined ? 'jwt' : allow.issuers.length > 0 ? 'issuers' : 'claims'
        const related = makeKeyParty(service.origin, 'it has no `jwt`')
        yield report(placeAtKey(allow.origin.at(field)), { service: key, field, issuer: undefined }, [
          related,
        ])
        continue
      }
      for (const issuer of allow.issuers) {
        if (jwt.issuers.some(({ name }) => name === issuer.value)) continue
        const params = { service: key, field: 'issuers', issuer: issuer.value }
        yield report(placeAt(findWrittenPlace(issuer)!), params, [makeKeyParty(jwt.origin, 'its `jwt`')])
      }
    }
  },
)
