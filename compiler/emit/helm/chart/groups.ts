/** Kinds of one origin, which have a folder of templates and a section of the values in common. */
export interface Group {
  readonly folder: string
  /** The key of its section in the values. */
  readonly key: string
  /** The program that reads its objects. */
  readonly reader: string
  /** True if its objects are part of the mesh itself, and there unless the values say otherwise. */
  readonly isEnabled: boolean
}

const group = (folder: string, key: string, reader: string, isEnabled = true): Group => ({
  folder,
  key,
  reader,
  isEnabled,
})

export const istio = group('istio', 'istio', 'Istio')
const kubernetes = group('kubernetes', 'kubernetes', 'Kubernetes itself')
const otherGroup = group('other', 'other', 'others')

/** The objects that register a mesh in Argo CD are not part of the chart: a cluster in which Helm installs the mesh may have no Argo CD. */
export const argocd = group('argocd', 'argocd', 'Argo CD', false)

const byApi: ReadonlyMap<string, Group> = new Map([
  ['monitoring.coreos.com', group('prometheus', 'prometheus', 'the Prometheus operator')],
  ['cert-manager.io', group('cert-manager', 'certManager', 'cert-manager')],
  ['kiali.io', group('kiali', 'kiali', 'Kiali')],
])

/** The group of an API version such as `networking.istio.io/v1`. */
export function makeApiGroup(apiVersion: string): Group {
  const slash = apiVersion.indexOf('/')
  const api = slash === -1 ? '' : apiVersion.slice(0, slash)
  if (api.endsWith('.istio.io')) return istio
  // An API group of Kubernetes has no domain, or its own.
  if (!api.includes('.') || api.endsWith('.k8s.io')) return kubernetes
  return byApi.get(api) ?? otherGroup
}

/** The key of a kind's switch: `virtualService`. */
export const switchKey = (kind: string) => kind.charAt(0).toLowerCase() + kind.slice(1)
