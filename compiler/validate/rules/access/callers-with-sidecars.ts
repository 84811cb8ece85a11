import { nameCaller } from '../../../mesh/caller.ts'
import { placeAt } from '../../../mesh/spec-place.ts'
import { makeParty } from '../../places.ts'
import { defineRule } from '../../rule.ts'

/** A policy identifies a namespace by the mTLS identity. A caller without a sidecar has no mTLS identity. */
export const callersWithSidecars = defineRule<{ service: string; caller: string }>(
  {
    code: 'MESH3416',
    severity: 'warning',
    summary: 'An allowed caller has a sidecar',
    reads: ['namespaces.*.injection'],
    message: p =>
      `this rule lets no pod of \`${p.caller}\` call \`${p.service}\`: a pod without a sidecar proves no identity`,
    help: () => 'accept plain text with `mtls: permissive` and `from: anyone`, or give the pods a sidecar',
  },
  function* ({ namespaces, services }, report) {
    const without = new Map(
      namespaces.flatMap(({ name, injection }) =>
        injection.value === 'off' ? [[name.value, injection]] : [],
      ),
    )
    if (without.size === 0 && services.every(({ sidecar }) => sidecar.value === 'on')) return
    for (const { key: service, allow } of services) {
      for (const { from } of allow) {
        const reason =
          from.kind === 'namespace'
            ? without.get(from.namespace.value)
            : from.kind === 'service' && from.service.sidecar.value === 'off'
              ? from.service.sidecar
              : undefined
        if (reason === undefined) continue
        const caller = from.kind === 'namespace' ? from.namespace.value : nameCaller(from)
        const related = makeParty(reason, 'its pods have no sidecar because of this')
        yield report(placeAt(from.origin), { service, caller }, related)
      }
    }
  },
)
