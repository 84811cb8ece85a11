import { findControlPlane } from '../../../mesh/control-planes.ts'
import { placeAtKey } from '../../../mesh/spec-place.ts'
import { defineRule } from '../../rule.ts'

/** A control plane that serves no proxy costs CPU, and its next upgrade work. */
export const usedRevisions = defineRule<{ revision: string }>(
  {
    code: 'MESH3473',
    severity: 'warning',
    summary: 'A control plane serves some namespace',
    reads: ['namespaces.*', 'istio.revision', 'istio.revisions.*'],
    message: p => `no namespace joins the control plane \`${p.revision}\``,
    help: p =>
      `let a namespace join it by \`revision: ${p.revision}\`, or remove it; while namespaces are yet to move, \`suppress\` accepts the warning`,
  },
  function* ({ istio, namespaces }, report) {
    const used = new Set(
      namespaces
        .filter(({ injection }) => injection.value === 'on')
        .map(({ revision }) => findControlPlane(istio, revision)),
    )
    used.add(findControlPlane(istio, istio.revision))
    for (const plane of istio.controlPlanes)
      if (plane.origin !== undefined && plane.revision !== undefined && !used.has(plane))
        yield report(placeAtKey(plane.origin), { revision: plane.revision.value })
  },
)
