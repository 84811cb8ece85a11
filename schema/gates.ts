/** The changes that a team may refuse, each with what it means. */
export const gates = {
  'new-access': 'a workload reaches what it did not reach',
  'new-exposure': 'somebody outside reaches something through a gateway that was not reached so',
  'mtls-downgrade': 'requests are encrypted less than they were, or plaintext is taken where it was not',
  'new-egress': 'a workload reaches a host outside the mesh that it did not reach',
  'dead-route': 'no request can reach a route or a rule any more, as an earlier one takes them all',
  unknown: 'it cannot be known what becomes of some requests, or whether an expectation holds',
  'new-environment': 'an environment is new, or has another name',
  'removed-environment': 'an environment goes, with its policies, its waivers and what it expects',
  'lost-expectation': 'an entry of `expect` is gone, or asks for something else',
  'new-delivery': 'Argo CD reads manifests from elsewhere, or brings them elsewhere',
} as const

export type Gate = keyof typeof gates
