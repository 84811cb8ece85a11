import { placeAt, placeAtKey } from '../../../mesh/spec-place.ts'
import { findWrittenPlace, makeParty } from '../../places.ts'
import { defineRule } from '../../rule.ts'

/** See https://istio.io/latest/docs/reference/config/networking/destination-rule/#LoadBalancerSettings-ConsistentHashLB */
export const consistentHash = defineRule<{ policy: string; hashed: readonly string[] }>(
  {
    code: 'MESH3201',
    severity: 'error',
    summary: '`consistent-hash` has exactly one hash key, and no other policy has one',
    reads: [
      'defaults.loadBalancing',
      'services.*.loadBalancing',
      'services.*.port',
      'services.*.ports',
      'services.*.versions',
    ],
    message: p =>
      p.policy !== 'consistent-hash'
        ? `\`${p.hashed[0]}\` has no effect with the policy \`${p.policy}\``
        : p.hashed.length === 0
          ? '`consistent-hash` has no hash key'
          : `\`consistent-hash\` takes one hash key, not both \`${p.hashed[0]}\` and \`${p.hashed[1]}\``,
    help: p =>
      p.policy !== 'consistent-hash'
        ? 'set `policy: consistent-hash`, or remove the hash key'
        : p.hashed.length === 0
          ? 'set one of `header`, `cookie` and `sourceAddress`'
          : 'keep one of them',
  },
  function* (_, report, { balancing }) {
    for (const { policy, header, cookie, sourceAddress } of balancing) {
      const hashed = Object.entries({ header, cookie, sourceAddress }).flatMap(([name, value]) => {
        const node = findWrittenPlace(value)
        return node === undefined ? [] : [{ name, node }]
      })
      const params = { policy: policy.value, hashed: hashed.map(({ name }) => name) }
      if (policy.value !== 'consistent-hash') {
        const related = makeParty(policy, 'how instances are chosen')
        for (const { node, name } of hashed)
          yield report(placeAtKey(node), { ...params, hashed: [name] }, related)
      } else if (hashed.length === 0) yield report(placeAt(findWrittenPlace(policy)!), params)
      else if (hashed.length > 1) {
        const [first, second] = hashed
        yield report(placeAtKey(second!.node), params, [
          { at: placeAtKey(first!.node), message: 'the other one' },
        ])
      }
    }
  },
)
