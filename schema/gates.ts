/** The changes that a team may refuse, each with what it means. */
export const gates = {
  'new-access': 'a workload reaches a destination that it did not reach before',
  'new-exposure': 'a gateway makes a destination reachable from outside that was not reachable before',
  'mtls-downgrade': 'requests are encrypted less than before, or plain text is accepted where it was refused',
  'new-egress': 'a workload reaches a host outside the mesh that it did not reach before',
  'dead-route': 'a route or a rule becomes unreachable: earlier ones take all of its requests',
  unknown: 'meshc cannot decide what happens to some requests, or whether an expectation holds',
  'new-environment': 'an environment is new, or has another name',
  'removed-environment': 'an environment is removed, with its policies, waivers and expectations',
  'lost-expectation': 'an entry of `expect` is removed, or changes its conditions',
  'lost-policy': 'a policy of the spec is removed, only warns, or checks fewer or other conditions',
  'new-delivery': 'Argo CD reads manifests from another place, or delivers them to another place',
} as const

export type Gate = keyof typeof gates
