import type { Advice } from './advice.ts'
import { adviseHttpRuleOnConnections } from './http-rule-on-connections.ts'
import { adviseIdentityWithoutWorkload } from './identity-without-workload.ts'
import { adviseManyRoutesOnTheMesh } from './many-routes-on-the-mesh.ts'
import { advisePlaintextPorts } from './plaintext-ports.ts'
import { adviseRetriesMultiply } from './retries-multiply.ts'
import { splitRule } from './split-rule.ts'
import { adviseSubsetBeforeRoute } from './subset-before-route.ts'
import { adviseTwoStepEncryption } from './two-step-encryption.ts'

/** The kinds of advice for a difference, in this order. */
export const advices: readonly Advice[] = [
  splitRule,
  adviseHttpRuleOnConnections,
  adviseIdentityWithoutWorkload,
  adviseSubsetBeforeRoute,
  adviseRetriesMultiply,
  adviseManyRoutesOnTheMesh,
  advisePlaintextPorts,
  adviseTwoStepEncryption,
]
