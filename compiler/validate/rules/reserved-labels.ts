import type { Labels, Mesh } from '../../mesh/mesh.ts'
import { keyOf, writtenAt } from '../places.ts'
import { defineRule } from '../rule.ts'

/** Labels by which Istio and Kubernetes find things: a second value would hide a gateway, or stop injection. */
export const reservedLabels = defineRule<{ label: string; owner: string }>(
  {
    code: 'MESH3008',
    severity: 'error',
    summary: 'No label is set by hand that meshc, Istio or Kubernetes sets',
    covers: ['IST0102', 'IST0123'],
    message: p => `the label \`${p.label}\` of ${p.owner} is not set by hand`,
    help: p =>
      /^istio(-injection|\.io\/rev)$/.test(p.label)
        ? 'meshc labels namespaces for injection; a revision is said in `istio.revision`'
        : 'use a label with a prefix of your own, such as `example.com/team`',
  },
  function* (mesh, report) {
    for (const { labels, owner, names } of labelled(mesh)) {
      for (const [label, value] of labels) {
        if (!names.includes(label) && !isIstios(label)) continue
        yield report(keyOf(writtenAt(value)!), { label, owner })
      }
    }
  },
)

const isIstios = (label: string) =>
  /^([^/]+\.)?istio\.io\//.test(label) && !label.startsWith('topology.istio.io/')

function* labelled({ namespaces, gateways }: Mesh): Iterable<{
  readonly labels: Labels
  readonly owner: string
  readonly names: readonly string[]
}> {
  const ofNamespaces = ['istio-injection', 'kubernetes.io/metadata.name']
  for (const { name, labels } of namespaces) {
    yield { labels, owner: `the namespace \`${name.value}\``, names: ofNamespaces }
  }
  const ofGateways = ['istio', 'app']
  for (const { name, labels } of gateways) {
    yield { labels, owner: `the gateway \`${name.value}\``, names: ofGateways }
  }
}
