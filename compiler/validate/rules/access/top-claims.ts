import type { SpecNode } from '../../../mesh/sourced.ts'
import { placeAtKey } from '../../../mesh/spec-place.ts'
import { findWrittenPlace } from '../../places.ts'
import { defineRule } from '../../rule.ts'

/** See https://istio.io/latest/docs/reference/config/security/conditions/ (`request.auth.claims`): a nested claim has brackets of its own. */
export const topClaims = defineRule<{ claim: string }>(
  {
    code: 'MESH3414',
    severity: 'warning',
    summary: 'The name of a claim is not the path of a nested claim',
    message: p => `\`${p.claim}\` is the name of one claim, dots included, not the path of a nested claim`,
    help: p => {
      const names = p.claim.split('.')
      return `for the nested claim, write a map: \`${names.join(': { ')}: …${' }'.repeat(names.length - 1)}\``
    },
  },
  function* ({ expectations }, report, { tokenRules, matches }) {
    const claims = [
      ...tokenRules.flatMap(({ allow }) => allow.claims),
      ...matches.flatMap(({ match }) => match.claims),
      ...expectations.flatMap(({ claims }) => claims),
    ]
    for (const [path, values] of claims) {
      for (const claim of path) {
        // The name of a claim is often a URL with dots.
        if (!/^[^/:.]+(\.[^/:.]+)+$/.test(claim)) continue
        let place: SpecNode | null | undefined = findWrittenPlace(values[0])
        while (place != null && place.key !== claim) place = place.parent
        if (place != null) yield report(placeAtKey(place), { claim })
      }
    }
  },
)
