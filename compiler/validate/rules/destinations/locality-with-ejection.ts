import type { Service, TrafficPolicy } from '../../../mesh/mesh.ts'
import { placeAtKey } from '../../../mesh/spec-place.ts'
import { makeParty } from '../../places.ts'
import { defineRule } from '../../rule.ts'

/** See ApplyLocalityLoadBalancer in pilot/pkg/networking/core/loadbalancer/loadbalancer.go of istio/istio. */
export const localityWithEjection = defineRule<{ owner: string }>(
  {
    code: 'MESH3203',
    severity: 'error',
    summary: 'A destination that prefers near instances has a circuit breaker',
    reads: [
      'defaults.loadBalancing',
      'defaults.circuitBreaker',
      'services.*.loadBalancing',
      'services.*.circuitBreaker',
      'services.*.port',
      'services.*.ports',
      'services.*.versions',
    ],
    message: p =>
      `${p.owner} has no circuit breaker: a caller would not notice that near instances fail, and Istio prefers none`,
    help: () => 'set a `circuitBreaker`, or share requests out with `distribute`',
  },
  function* ({ services }, report) {
    const seen = new Set<string>()
    for (const service of services) {
      for (const { owner, policy } of listPolicies(service)) {
        const { locality } = policy.loadBalancing
        if (locality === undefined || policy.circuitBreaker !== undefined) continue
        if (locality.word?.value !== 'zone-first' && locality.failover.length === 0) continue
        const place = locality.origin.path.join('.')
        if (seen.has(place)) continue
        seen.add(place)
        const [word] = policy.limitless.filter(({ key }) => key === 'circuitBreaker')
        yield report(placeAtKey(locality.origin), { owner }, makeParty(word, 'no instance is ejected'))
      }
    }
  },
)

interface Owned {
  readonly owner: string
  readonly policy: TrafficPolicy
}

/** Yields the policies of a service, of its ports and of its versions. */
function* listPolicies({ key, policy, ports, versions }: Service): Iterable<Owned> {
  yield { owner: `\`${key}\``, policy }
  for (const { key: port, refinement } of ports)
    if (refinement !== undefined)
      yield { owner: `the port \`${port}\` of \`${key}\``, policy: refinement.policy }
  for (const { name, refinement, atPorts } of versions) {
    const owner = `the version \`${name.value}\` of \`${key}\``
    if (refinement !== undefined) yield { owner, policy: refinement.policy }
    for (const each of atPorts)
      yield { owner: `${owner} at its port \`${each.port.key}\``, policy: each.policy }
  }
}
