import { placeAt } from '../../../mesh/spec-place.ts'
import { findWrittenPlace, makeParty } from '../../places.ts'
import { defineRule } from '../../rule.ts'

/** A namespace has one injection label: the label of a revision, or the label without a revision. */
export const injectedRevisions = defineRule<{ namespace: string; revision: string }>(
  {
    code: 'MESH3475',
    severity: 'error',
    summary: 'A namespace that joins a revision has sidecars',
    reads: ['namespaces.*.injection'],
    message: p =>
      `no pod of \`${p.namespace}\` joins the control plane \`${p.revision}\`: injection is off in this namespace`,
    help: () => 'remove `revision`, or `injection: off`',
  },
  function* ({ namespaces, istio }, report) {
    for (const { name, injection, revision } of namespaces) {
      const written = revision && revision !== istio.revision ? findWrittenPlace(revision) : undefined
      if (injection.value === 'on' || revision === undefined || written === undefined) continue
      yield report(
        placeAt(written),
        { namespace: name.value, revision: revision.value },
        makeParty(injection, 'injection is off here'),
      )
    }
  },
)
