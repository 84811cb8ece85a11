import { nameCaller } from '../../../mesh/caller.ts'
import { placeAt } from '../../../mesh/spec-place.ts'
import { makeParty } from '../../places.ts'
import { defineRule } from '../../rule.ts'

/** Only a sidecar forwards requests to the gateway, and identifies the caller to it. */
export const callersAtExits = defineRule<{ name: string; caller: string; gateway: string }>(
  {
    code: 'MESH3323',
    severity: 'warning',
    summary: 'A caller that goes through an egress gateway has a sidecar',
    reads: ['namespaces.*.injection'],
    message: p =>
      `pods of \`${p.caller}\` do not call \`${p.name}\` through \`${p.gateway}\`: they have no sidecar`,
    help: () => 'give the pods a sidecar, or keep them from the network outside',
  },
  function* ({ namespaces, externals }, report) {
    for (const { key: name, through, allow } of externals) {
      if (through === undefined) continue
      for (const { from } of allow) {
        const home = from.kind === 'namespace' ? from.namespace.value : undefined
        const reason =
          from.kind === 'service' && from.service.sidecar.value === 'off'
            ? from.service.sidecar
            : namespaces.find(each => each.name.value === home && each.injection.value === 'off')?.injection
        if (reason === undefined) continue
        const params = { name, caller: home ?? nameCaller(from), gateway: through.gateway.name.value }
        const related = makeParty(reason, 'its pods have no sidecar because of this')
        yield report(placeAt(from.origin), params, related)
      }
    }
  },
)
