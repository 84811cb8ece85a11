import type { Jwt } from '../../../mesh/mesh.ts'
import { areSameProxies } from '../../../mesh/same-proxies.ts'
import { serializeTokens } from '../../../mesh/serialize-tokens.ts'
import { makeKeyParty, placeAtKey } from '../../../mesh/spec-place.ts'
import { defineRule } from '../../rule.ts'

/** A proxy reads the tokens of all its requests equally, whichever Gateway has the host. */
export const sharedTokens = defineRule<{ gateway: string; otherName: string }>(
  {
    code: 'MESH3311',
    severity: 'error',
    summary: 'Gateways with the same proxies accept the same tokens',
    reads: ['issuers'],
    message: p =>
      `the gateways \`${p.otherName}\` and \`${p.gateway}\` have the same proxies, but accept different tokens`,
    help: () => 'set the same `jwt` for both: a proxy reads the tokens of all requests alike',
  },
  function* ({ gateways }, report) {
    const shared = gateways.filter(({ installation }) => installation === undefined)
    for (const [index, gateway] of shared.entries()) {
      const earlier = shared.slice(0, index).find(candidate => areSameProxies(candidate, gateway))
      if (earlier === undefined || serializeTokens(earlier.jwt) === serializeTokens(gateway.jwt)) continue
      const params = { gateway: gateway.name.value, otherName: earlier.name.value }
      const related = makeKeyParty(getTokenPlace(earlier), `the tokens of \`${earlier.name.value}\``)
      yield report(placeAtKey(getTokenPlace(gateway)), params, [related])
    }
  },
)

const getTokenPlace = ({ jwt, origin }: { readonly jwt: Jwt | undefined; readonly origin: Jwt['origin'] }) =>
  jwt?.origin ?? origin
