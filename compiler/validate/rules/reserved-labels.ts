import type { Labels, Mesh } from '../../mesh/mesh.ts'
import { keyOf, writtenAt } from '../places.ts'
import { defineRule } from '../rule.ts'

/**
 * Labels by which Istio and Kubernetes find things: a second value would hide a gateway, or stop injection, and what is called
 * istiod is taken for it (IST0175).
 */
export const reservedLabels = defineRule<{ label: string; owner: string }>(
  {
    code: 'MESH3008',
    severity: 'error',
    summary: 'No label is set by hand that meshc, Istio or Kubernetes sets',
    covers: ['IST0102', 'IST0123'],
    message: p =>
      p.label === istiods
        ? `${p.owner} has the label \`${istiods}\`, by which the control plane is known`
        : `the label \`${p.label}\` of ${p.owner} is not set by hand`,
    help: p => {
      if (p.label === istiods) return 'say another `app` in `workload.labels`'
      return /^istio(-injection|\.io\/rev)$/.test(p.label)
        ? 'meshc labels namespaces for injection; a revision is said in `istio.revision`'
        : 'use a label with a prefix of your own, such as `example.com/team`'
    },
  },
  function* (mesh, report) {
    for (const { labels, owner, names } of labelled(mesh)) {
      for (const [label, value] of labels) {
        if (!names.includes(label) && !isIstios(label)) continue
        yield report(keyOf(writtenAt(value)!), { label, owner })
      }
    }
    for (const { key, selector, origin } of mesh.services) {
      const app = selector.find(([label, { value }]) => `${label}: ${value}` === istiods)?.[1]
      if (app !== undefined)
        yield report(keyOf(writtenAt(app) ?? origin), { label: istiods, owner: `\`${key}\`` })
    }
  },
)

/** The label of the Deployment of istiod. */
const istiods = 'app: istiod'

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
