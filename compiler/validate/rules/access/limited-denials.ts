import { listRequestConditions } from '../../../mesh/request-conditions.ts'
import { placeAt } from '../../../mesh/spec-place.ts'
import { defineRule } from '../../rule.ts'

/** A denial without a condition refuses every request. A service that allows no caller expresses this better. */
export const limitedDenials = defineRule<{ owner: string; isService: boolean }>(
  {
    code: 'MESH3422',
    severity: 'error',
    summary: 'A denial has a condition',
    message: p => `this denial has no condition: ${p.owner} would refuse every request`,
    help: p =>
      p.isService
        ? 'name what is refused, such as `from` or `paths`; to deny every caller, set `allow: []`'
        : 'name what is refused, such as `paths` or `clientAddresses`',
  },
  function* ({ gateways }, report, { denying }) {
    const owners = [
      ...denying.map(({ key, deny }) => ({ owner: `\`${key}\``, isService: true, deny })),
      ...gateways.map(({ name, deny }) => ({
        owner: `the gateway \`${name.value}\``,
        isService: false,
        deny,
      })),
    ]
    for (const { owner, isService, deny } of owners) {
      for (const denial of deny) {
        const { from, ports, clientAddresses, exceptClientAddresses, peerAddresses, origin } = denial
        const lists = [ports, clientAddresses, exceptClientAddresses, peerAddresses]
        if (from !== undefined || lists.some(({ length }) => length > 0)) continue
        if (listRequestConditions(denial).length === 0) yield report(placeAt(origin), { owner, isService })
      }
    }
  },
)
