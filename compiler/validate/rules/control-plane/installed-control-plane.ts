import { placeAt } from '../../../mesh/spec-place.ts'
import { findWrittenPlace, makeParty } from '../../places.ts'
import { defineRule } from '../../rule.ts'

/** The charts of Istio are installed once in a cluster, by the owner of the whole mesh. */
export const installedControlPlane = defineRule<Record<never, never>>(
  {
    code: 'MESH3606',
    severity: 'error',
    summary: 'A spec that manages some namespaces does not install the control plane',
    reads: ['manages'],
    message: () => 'this spec manages some namespaces, and installs the control plane of all',
    help: () => 'write `install: none`, or let the spec manage the whole mesh',
  },
  function* ({ managed, istio }, report) {
    const written = findWrittenPlace(istio.install)
    if (managed.kind === 'mesh' || istio.install.value === 'none' || written === undefined) return
    yield report(placeAt(written), {}, makeParty(managed.names[0], 'this is what the spec manages'))
  },
)
