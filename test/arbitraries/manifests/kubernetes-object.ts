/** A Kubernetes object in the form of a manifest. */
export interface KubernetesObject {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: {
    readonly name: string
    readonly namespace?: string
    readonly labels?: Labels
    readonly annotations?: Labels
  }
  readonly spec?: Json
  readonly status?: Json
}

export type Labels = Readonly<Record<string, string>>
export type Json = { readonly [key: string]: unknown }

const versions = {
  Namespace: 'v1',
  Service: 'v1',
  Deployment: 'apps/v1',
  Gateway: 'networking.istio.io/v1',
  VirtualService: 'networking.istio.io/v1',
  DestinationRule: 'networking.istio.io/v1',
  ServiceEntry: 'networking.istio.io/v1',
  Sidecar: 'networking.istio.io/v1',
  PeerAuthentication: 'security.istio.io/v1',
  RequestAuthentication: 'security.istio.io/v1',
  AuthorizationPolicy: 'security.istio.io/v1',
} as const

type Kind = keyof typeof versions

export const object = (kind: Kind, namespace: string, name: string, spec: object): KubernetesObject => ({
  apiVersion: versions[kind],
  kind,
  metadata: { name, namespace },
  spec: { ...spec },
})
