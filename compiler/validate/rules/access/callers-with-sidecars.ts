import { makeParty, placeAt } from '../../places.ts'
import { defineRule } from '../../rule.ts'

/** A policy knows a namespace by the identity that mTLS proves, and who has no sidecar proves none. */
export const callersWithSidecars = defineRule<{ service: string; namespace: string }>(
  {
    code: 'MESH3416',
    severity: 'warning',
    summary: 'An allowed namespace has sidecars',
    reads: ['namespaces.*.injection'],
    message: p =>
      `this rule lets no pod of \`${p.namespace}\` call \`${p.service}\`: a pod without a sidecar proves no identity`,
    help: () => 'accept plain text with `mtls: permissive` and `from: anyone`, or remove `injection: off`',
  },
  function* ({ namespaces, services }, report) {
    const without = namespaces.filter(({ injection }) => injection.value === 'off')
    if (without.length === 0) return
    for (const { key: service, allow } of services) {
      for (const { from } of allow) {
        if (from.kind !== 'namespace') continue
        const namespace = from.namespace.value
        const home = without.find(({ name }) => name.value === namespace)
        if (home === undefined) continue
        yield report(
          placeAt(from.origin),
          { service, namespace },
          makeParty(home.injection, 'injection is off here'),
        )
      }
    }
  },
)
