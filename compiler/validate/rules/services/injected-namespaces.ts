import { listInstalledGateways } from '../../../mesh/installed-gateways.ts'
import { makeParty, placeIn } from '../../places.ts'
import { defineRule } from '../../rule.ts'

/** A gateway is a proxy that istiod injects into its pods. */
export const injectedNamespaces = defineRule<{ owner: string; namespace: string }>(
  {
    code: 'MESH3020',
    severity: 'error',
    summary: 'Gateways run in namespaces with injection',
    reads: ['namespaces.*.injection'],
    message: p => `no pod of ${p.owner} gets a proxy: injection is off in \`${p.namespace}\``,
    help: () => 'run it in another namespace, or remove `injection: off`',
  },
  function* (mesh, report) {
    const { namespaces } = mesh
    const without = namespaces.filter(({ injection }) => injection.value === 'off')
    if (without.length === 0) return
    for (const { name: gateway, namespace, origin } of listInstalledGateways(mesh)) {
      const owner = `the gateway \`${gateway.value}\``
      const home = without.find(({ name }) => name.value === namespace.value)
      if (home === undefined) continue
      yield report(
        placeIn(origin, namespace),
        { owner, namespace: namespace.value },
        makeParty(home.injection, 'injection is off here'),
      )
    }
  },
)
