import type { Jwt } from '../../../mesh/mesh.ts'
import { makeKeyParty, placeAt } from '../../../mesh/spec-place.ts'
import { defineRule } from '../../rule.ts'

/** A proxy finds the keys of a token by its issuer. If two entries have one issuer, the choice between them is undefined. */
export const separateIssuers = defineRule<{ owner: string; issuer: string }>(
  {
    code: 'MESH3418',
    severity: 'error',
    summary: 'The issuers that a service or gateway accepts differ in their `issuer`',
    reads: ['issuers'],
    message: p => `${p.owner} accepts tokens of \`${p.issuer}\` twice`,
    help: () => 'remove one of the two: a token names its `issuer`, and a proxy looks up its keys by that',
  },
  function* ({ gateways }, report, { jwts }) {
    const owners = [
      ...jwts.map(({ service, jwt }) => ({ owner: `\`${service.key}\``, jwt })),
      ...gateways.map(({ name, jwt }) => ({ owner: `the gateway \`${name.value}\``, jwt })),
    ]
    for (const { owner, jwt } of owners) {
      for (const [issuer, earlier] of listRepeated(jwt))
        yield report(placeAt(issuer.origin), { owner, issuer: issuer.issuer.value }, [
          makeKeyParty(earlier.origin, 'the other one'),
        ])
    }
  },
)

/** Lists the issuers that share `issuer` with an earlier entry of another name. */
function listRepeated(jwt: Jwt | undefined) {
  const issuers = jwt?.issuers ?? []
  return issuers.flatMap((issuer, index) => {
    const earlier = issuers
      .slice(0, index)
      .find(({ issuer: sourced, name }) => sourced.value === issuer.issuer.value && name !== issuer.name)
    return earlier === undefined ? [] : [[issuer, earlier] as const]
  })
}
