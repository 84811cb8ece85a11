import { listInstalledGateways } from '../../../mesh/installed-gateways.ts'
import type { Labels, Mesh } from '../../../mesh/mesh.ts'
import { placeAtKey } from '../../../mesh/spec-place.ts'
import type { Surroundings } from '../../../mesh/surroundings.ts'
import { defineRule } from '../../rule.ts'

/** A Gateway selects pods in every namespace, so it would open ports on the gateways of others. */
export const ownPods = defineRule<{ gateway: string; workload: string }>(
  {
    code: 'MESH3025',
    severity: 'error',
    summary: 'A gateway that meshc installs selects no pods of the surroundings',
    reads: ['surroundings'],
    message: p =>
      `the gateway \`${p.gateway}\` selects the pods of \`${p.workload}\` in the surroundings as well`,
    help: () =>
      'give the gateway another name: it selects its pods by the label `istio: <name>`; for the proxies of another owner, set `workload`',
  },
  function* (mesh: Mesh, report) {
    for (const { name, namespace, selector, origin } of listInstalledGateways(mesh)) {
      const workload = findSelected(selector, namespace.value, mesh.surroundings)
      if (workload !== undefined) yield report(placeAtKey(origin), { gateway: name.value, workload })
    }
  },
)

/** Finds a workload of another namespace. A workload in the same namespace may be the gateway's, deployed by its owner. */
const findSelected = (selector: Labels, home: string, { workloads }: Surroundings): string | undefined =>
  [...workloads].find(
    ([, { namespace, labels }]) =>
      namespace !== home &&
      selector.every(([key, { value }]) => labels !== undefined && labels[key] === value),
  )?.[0]
