import { listInstalledGateways } from '../../../mesh/installed-gateways.ts'
import { makeParty, placeIn } from '../../places.ts'
import { defineRule } from '../../rule.ts'

/** Policies, mTLS and routes of a service are the doing of its sidecar, and a gateway is a proxy that is injected too. */
export const injectedNamespaces = defineRule<{ owner: string; namespace: string }>(
  {
    code: 'MESH3020',
    severity: 'error',
    summary: 'Services and gateways run in namespaces with injection',
    reads: ['namespaces.*.injection'],
    message: p => `no pod of ${p.owner} gets a proxy: injection is off in \`${p.namespace}\``,
    help: () =>
      'run it in another namespace, or remove `injection: off`; a workload without a sidecar is not a service of the spec',
  },
  function* (mesh, report) {
    const { namespaces, services } = mesh
    const without = namespaces.filter(({ injection }) => injection.value === 'off')
    if (without.length === 0) return
    const owners = [
      ...services.map(({ key, ...rest }) => ({ ...rest, owner: `\`${key}\`` })),
      ...listInstalledGateways(mesh).map(({ name, ...rest }) => ({
        ...rest,
        owner: `the gateway \`${name.value}\``,
      })),
    ]
    for (const { owner, namespace, origin } of owners) {
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
