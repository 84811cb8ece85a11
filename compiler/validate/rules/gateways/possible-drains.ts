import { listInstalledGateways } from '../../../mesh/installed-gateways.ts'
import { placeAt } from '../../../mesh/spec-place.ts'
import { findWrittenPlace, makeParty } from '../../places.ts'
import { defineRule } from '../../rule.ts'

/** Istio's chart writes no budget for a gateway that may have one pod only: it would keep its node from every drain. */
export const possibleDrains = defineRule<{ gateway: string; left: number | undefined; replicas: number }>(
  {
    code: 'MESH3316',
    severity: 'error',
    summary: 'A budget for drains is for a gateway with several pods, and lets one of them go',
    message: p =>
      p.left === undefined
        ? `\`disruptions\` of the gateway \`${p.gateway}\` has no effect: it may have one pod only`
        : `\`disruptions\` of the gateway \`${p.gateway}\` leaves ${p.left} pods, so that no node with one of its ${p.replicas} pods can be drained`,
    help: p =>
      p.left === undefined
        ? 'set `min` of its `replicas` to at least 2'
        : 'leave fewer pods than `min` of its `replicas`',
  },
  function* (mesh, report) {
    for (const { name, installation } of listInstalledGateways(mesh)) {
      const { disruptions, replicas } = installation
      const { maxUnavailable, minAvailable } = disruptions
      const budget = minAvailable ?? maxUnavailable
      if (budget === undefined) continue
      const least = replicas.min.value
      const kept = minAvailable?.value ?? 0
      if (least > 1 && kept < least) continue
      const params = { gateway: name.value, left: least > 1 ? kept : undefined, replicas: least }
      yield report(placeAt(findWrittenPlace(budget)!), params, makeParty(replicas.min, 'its replicas'))
    }
  },
)
