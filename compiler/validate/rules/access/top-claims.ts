import { findWrittenPlace, keyPlace } from '../../places.ts'
import { defineRule } from '../../rule.ts'

/** See https://istio.io/latest/docs/reference/config/security/conditions/ (`request.auth.claims`): a nested claim has brackets of its own. */
export const topClaims = defineRule<{ claim: string; service: string; namespace: string }>(
  {
    code: 'MESH3414',
    severity: 'warning',
    summary: 'A rule asks for a top-level claim of the token, not for a nested one',
    message: p => `\`${p.claim}\` is the name of one claim, dots included, not the path of a nested claim`,
    help: p => {
      const key = p.claim.split('.').map(name => `[${name}]`)
      return `for the nested claim, patch the AuthorizationPolicy \`${p.service}\` of \`${p.namespace}\`: its rule asks for \`key: request.auth.claims${key.join('')}\``
    },
  },
  function* (_, report, { tokenRules }) {
    for (const { service, allow } of tokenRules) {
      for (const [claim, values] of allow.claims) {
        // The name of a claim is often a URL, whose dots are part of it.
        if (!/^[^/:.]+(\.[^/:.]+)+$/.test(claim)) continue
        const place = findWrittenPlace(values[0])?.parent
        if (place == null) continue
        const params = { claim, service: service.name.value, namespace: service.namespace.value }
        yield report(keyPlace(place), params)
      }
    }
  },
)
