import { placeAt } from '../../../mesh/spec-place.ts'
import { findWrittenPlace } from '../../places.ts'
import { defineRule } from '../../rule.ts'

/** A browser leaves the port of the scheme out of `Origin`, which is compared as a whole: https://www.rfc-editor.org/rfc/rfc6454#section-6.2 */
export const sentOrigins = defineRule<{ origin: string; sent: string }>(
  {
    code: 'MESH3308',
    severity: 'error',
    summary: 'An origin is written as browsers send it: without the port of its scheme',
    message: p => `no browser sends the origin \`${p.origin}\``,
    help: p => `write \`${p.sent}\``,
    fix: (p, at) => ({
      title: `write \`${p.sent}\``,
      edits: [{ change: 'replace', at, text: p.sent }],
    }),
  },
  function* (_, report, { exposures }) {
    for (const { exposure } of exposures) {
      for (const origin of exposure.cors?.origins ?? []) {
        const sent = origin.value.replace(/^(https:.*):443$|^(http:.*):80$/, '$1$2')
        if (sent !== origin.value)
          yield report(placeAt(findWrittenPlace(origin)!), { origin: origin.value, sent })
      }
    }
  },
)
