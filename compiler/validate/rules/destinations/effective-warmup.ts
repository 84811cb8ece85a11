import { placeAtKey } from '../../../mesh/spec-place.ts'
import { makeParty } from '../../places.ts'
import { defineRule } from '../../rule.ts'

/** See setSlowStartConfig in pilot/pkg/networking/core/cluster_traffic_policy.go of istio/istio. */
export const effectiveWarmup = defineRule<{ policy: string | undefined }>(
  {
    code: 'MESH3202',
    severity: 'error',
    summary: 'A `warmup` has a duration, and a policy that shares requests out by weight',
    reads: [
      'defaults.loadBalancing',
      'services.*.loadBalancing',
      'services.*.port',
      'services.*.ports',
      'services.*.versions',
    ],
    message: p =>
      p.policy === undefined
        ? 'this `warmup` has no `duration`'
        : `\`warmup\` has no effect with the policy \`${p.policy}\``,
    help: p =>
      p.policy === undefined
        ? 'for example `warmup: 30s`'
        : 'set `policy: least-request` or `round-robin`, or remove the `warmup`',
  },
  function* (_, report, { balancing }) {
    for (const { policy, warmup } of balancing) {
      if (warmup === undefined) continue
      if (warmup.duration === undefined) yield report(placeAtKey(warmup.origin), { policy: undefined })
      if (policy.value !== 'least-request' && policy.value !== 'round-robin')
        yield report(
          placeAtKey(warmup.origin),
          { policy: policy.value },
          makeParty(policy, 'how instances are chosen'),
        )
    }
  },
)
