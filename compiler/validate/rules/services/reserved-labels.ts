import { listInstalledGateways } from '../../../mesh/installed-gateways.ts'
import type { Labels, Mesh } from '../../../mesh/mesh.ts'
import { placeAtKey } from '../../../mesh/spec-place.ts'
import { findWrittenPlace } from '../../places.ts'
import { defineRule } from '../../rule.ts'

/**
 * Istio and Kubernetes find objects by these labels. A second value would hide a gateway, stop injection, or remove pods from the
 * mesh. A workload with the name istiod counts as istiod (IST0175).
 */
export const reservedLabels = defineRule<{ label: string; owner: string; arePods: boolean }>(
  {
    code: 'MESH3008',
    severity: 'error',
    summary: 'A spec sets no label that meshc, Istio or Kubernetes sets',
    covers: ['IST0102', 'IST0123'],
    reads: ['istio.revision'],
    message: p =>
      p.label === istiods
        ? `${p.owner} has the label \`${istiods}\`, which identifies the control plane`
        : `the label \`${p.label}\` of ${p.owner} is reserved`,
    help: p => {
      if (p.label === istiods) return 'set another `app` in `workload.labels`'
      if (p.label === 'istio.io/rev')
        return 'set the revision in `istio.revision`: it applies to every namespace'
      if (p.arePods)
        return 'remove it: the pods of a service have a sidecar; to accept callers without one, set `mtls: permissive` and `from: anyone`'
      return p.label === 'istio-injection'
        ? 'meshc labels namespaces for injection: set `injection: off` where pods get no sidecar, and a revision in `istio.revision`'
        : 'use a label with a prefix of your own, such as `example.com/team`'
    },
  },
  function* (mesh, report) {
    for (const { labels, owner, names, sound } of labelled(mesh)) {
      for (const [label, value] of labels) {
        if (!names.includes(label) && !isIstioLabel(label)) continue
        if (sound?.(label, value.value)) continue
        yield report(placeAtKey(findWrittenPlace(value)!), { label, owner, arePods: sound !== undefined })
      }
    }
    for (const { key, selector, origin } of mesh.services) {
      const app = selector.find(([label, { value }]) => `${label}: ${value}` === istiods)?.[1]
      if (app === undefined) continue
      const params = { label: istiods, owner: `\`${key}\``, arePods: true }
      yield report(placeAtKey(findWrittenPlace(app) ?? origin), params)
    }
  },
)

/** The label of the Deployment of istiod. */
const istiods = 'app: istiod'

const isIstioLabel = (label: string) =>
  /^([^/]+\.)?istio\.io\//.test(label) && !label.startsWith('topology.istio.io/')

function* labelled(mesh: Mesh): Iterable<{
  readonly labels: Labels
  readonly owner: string
  readonly names: readonly string[]
  /** Tells whether a value of an Istio label keeps pods in the mesh. */
  readonly sound?: (label: string, value: string) => boolean
}> {
  const { namespaces, services, istio } = mesh
  const ofNamespaces = ['istio-injection', 'kubernetes.io/metadata.name']
  for (const { name, labels } of namespaces) {
    yield { labels, owner: `the namespace \`${name.value}\``, names: ofNamespaces }
  }
  const ofGateways = ['istio', 'app']
  for (const { name, installation } of listInstalledGateways(mesh)) {
    yield { labels: installation.labels, owner: `the gateway \`${name.value}\``, names: ofGateways }
  }
  // As Istio's files/injection-template.yaml and injectRequired in pkg/kube/inject/inject.go have it.
  const injected = new Map([
    ['sidecar.istio.io/inject', 'true'],
    ['security.istio.io/tlsMode', 'istio'],
    ['istio.io/rev', istio.revision?.value ?? 'default'],
    ['istio.io/dataplane-mode', 'none'],
  ])
  const sound = (label: string, value: string) =>
    label.startsWith('service.istio.io/') || injected.get(label) === value
  for (const { key, selector, versions } of services) {
    yield { labels: selector, owner: `the pods of \`${key}\``, names: [], sound }
    for (const { name, labels } of versions) {
      yield { labels, owner: `the version \`${name.value}\` of \`${key}\``, names: [], sound }
    }
  }
}
