import type { Advice } from './advice.ts'
import { httpRuleOnConnections } from './http-rule-on-connections.ts'
import { identityWithoutWorkload } from './identity-without-workload.ts'
import { manyRoutesOnTheMesh } from './many-routes-on-the-mesh.ts'
import { plaintextPorts } from './plaintext-ports.ts'
import { retriesMultiply } from './retries-multiply.ts'
import { splitRule } from './split-rule.ts'
import { subsetBeforeRoute } from './subset-before-route.ts'
import { twoStepEncryption } from './two-step-encryption.ts'

/** What is to be known beside a difference, in this order. */
export const advices: readonly Advice[] = [
  splitRule,
  httpRuleOnConnections,
  identityWithoutWorkload,
  subsetBeforeRoute,
  retriesMultiply,
  manyRoutesOnTheMesh,
  plaintextPorts,
  twoStepEncryption,
]
