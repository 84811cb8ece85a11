import type { BodyByKind } from '../../schema/generated/targets.ts'
import type { ManifestKind } from '../../schema/spec/patches.ts'
import type { Decision } from '../mesh/decisions.ts'
import type { Labels, Mesh } from '../mesh/mesh.ts'
import { because, decided, type Sourced } from '../mesh/sourced.ts'
import type { Sourceable } from './sourceable.ts'

/** A Kubernetes object whose every part knows where it came from. */
export interface Manifest {
  readonly kind: string
  readonly name: string
  /** Undefined for a kind without namespace. */
  readonly namespace: string | undefined
  /** The object: apiVersion, kind, metadata and what follows. */
  readonly tree: Sourced<unknown>
}

/** Files below `out/<env>/`, each with the manifests that stand in it, in order. */
export interface ManifestFile {
  readonly path: string
  readonly manifests: readonly Manifest[]
}

/** The kinds with a spec that meshc emits into `manifests/`. */
export type SpecKind = Exclude<ManifestKind, 'Namespace'>

/** What to call an object, and which policy of meshc shaped it. */
export interface Identity {
  readonly name: Sourced<string>
  readonly namespace: Sourced<string>
  readonly policy: Decision
  readonly labels?: Readonly<Record<string, Sourced<string>>>
}

const kinds: Readonly<Record<SpecKind, { readonly apiVersion: string; readonly wave: number }>> = {
  // Argo CD applies the lowest wave first and prunes the highest first: what is routed to is there before the route,
  // and leaves after it; who is allowed is known before everyone else is denied.
  ServiceEntry: { apiVersion: 'networking.istio.io/v1', wave: -5 },
  Telemetry: { apiVersion: 'telemetry.istio.io/v1', wave: -5 },
  Certificate: { apiVersion: 'cert-manager.io/v1', wave: -2 },
  DestinationRule: { apiVersion: 'networking.istio.io/v1', wave: 0 },
  Sidecar: { apiVersion: 'networking.istio.io/v1', wave: 0 },
  Gateway: { apiVersion: 'networking.istio.io/v1', wave: 1 },
  VirtualService: { apiVersion: 'networking.istio.io/v1', wave: 2 },
  RequestAuthentication: { apiVersion: 'security.istio.io/v1', wave: 3 },
  AuthorizationPolicy: { apiVersion: 'security.istio.io/v1', wave: 3 },
  PeerAuthentication: { apiVersion: 'security.istio.io/v1', wave: 3 },
  ServiceMonitor: { apiVersion: 'monitoring.coreos.com/v1', wave: 5 },
  PodMonitor: { apiVersion: 'monitoring.coreos.com/v1', wave: 5 },
}

/** The wave of what holds for the whole mesh: after every exception to it. */
const meshWideWave = 4
const namespaceWave = -10

/** An object of a kind, with the labels and the sync wave that every one has. */
export function manifest<Kind extends SpecKind>(
  mesh: Mesh,
  kind: Kind,
  { name, namespace, policy, labels = {} }: Identity,
  spec: Sourceable<BodyByKind[Kind]>,
): Manifest {
  const { apiVersion, wave } = kinds[kind]
  const isMeshWide = policy === 'policy:deny-by-default' || policy === 'policy:mesh-wide-mtls'
  const tree = {
    ...decidedFields('policy:object', { apiVersion, kind }),
    metadata: { name, namespace, ...metadata(mesh, labels, isMeshWide ? meshWideWave : wave) },
    spec: decided(policy, spec),
  }
  return { kind, name: name.value, namespace: namespace.value, tree: because(tree, name, namespace) }
}

/** A Namespace, which has no spec. */
export function namespaceManifest(
  mesh: Mesh,
  name: Sourced<string>,
  labels: Readonly<Record<string, Sourced<string>>>,
): Manifest {
  const tree = {
    ...decidedFields('policy:object', { apiVersion: 'v1', kind: 'Namespace' }),
    metadata: { name, ...metadata(mesh, labels, namespaceWave) },
  }
  return { kind: 'Namespace', name: name.value, namespace: undefined, tree: because(tree, name) }
}

/** A record of labels, as manifests have them. */
export const labelRecord = (labels: Labels): Record<string, Sourced<string>> => Object.fromEntries(labels)

const metadata = (mesh: Mesh, labels: Readonly<Record<string, Sourced<string>>>, wave: number) => ({
  labels: {
    ...labels,
    ...decidedFields('policy:object', { 'app.kubernetes.io/managed-by': 'meshc' }),
    'app.kubernetes.io/part-of': mesh.name,
  },
  annotations: decidedFields('policy:sync-wave', { 'argocd.argoproj.io/sync-wave': String(wave) }),
})

function decidedFields<T extends object>(
  decision: Decision,
  fields: T,
): { [Key in keyof T]: Sourced<T[Key]> } {
  const entries = Object.entries(fields).map(([key, value]) => [key, decided(decision, value)])
  // The keys are those of the argument, each value wrapped.
  return Object.fromEntries(entries) as { [Key in keyof T]: Sourced<T[Key]> }
}
