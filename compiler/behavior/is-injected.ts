import type { Labels, Namespace } from './model.ts'

/**
 * Tells whether a pod with these labels gets a sidecar. As the webhook decides it, without the annotation of the pod; a
 * namespace that no manifest declares is taken to be injected. The evaluation decides it of callers for itself, since the
 * comparison is held against it. See
 * https://istio.io/latest/docs/setup/additional-setup/sidecar-injection/#controlling-the-injection-policy and istio
 * manifests/charts/istio-control/istio-discovery/templates/mutatingwebhook.yaml.
 */
export function isInjected(labels: Labels, namespace: Namespace | undefined): boolean {
  const injection = namespace?.labels['istio-injection']
  // The webhooks exclude a namespace without injection, also for pods with a label of their own.
  if (injection && injection !== 'enabled') return false
  const wish = labels['sidecar.istio.io/inject']
  if (wish === 'true' || wish === 'false') return wish === 'true'
  if (labels['istio.io/rev'] || namespace === undefined) return true
  return injection === 'enabled' || Boolean(namespace.labels['istio.io/rev'])
}
