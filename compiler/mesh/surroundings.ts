/** The facts about manifests that others own, as rules and names need them. */
export interface Surroundings {
  /** The workloads, each as `namespace/name`, with their service accounts. */
  readonly workloads: ReadonlyMap<string, SurroundingWorkload>
  /** The labels that the Services with a selector select, each Service as `namespace/name`. */
  readonly services: ReadonlyMap<string, Readonly<Record<string, string>>>
  /** The namespaces with an object in the surroundings, sorted. */
  readonly namespaces: readonly string[]
  /** The namespaces that the surroundings declare as objects, by name. */
  readonly declaredNamespaces: ReadonlyMap<string, SurroundingNamespace>
  /** The namespaces with a host that a sidecar can call or that is routed, sorted. */
  readonly callableNamespaces: readonly string[]
  /** The place of each object, by its kind, namespace and name: `VirtualService shop/cart`. */
  readonly objects: ReadonlyMap<string, ManifestPlace>
  /** The hosts that VirtualServices and DestinationRules of sidecars are about. */
  readonly hosts: readonly RoutedHost[]
  readonly policies: readonly SurroundingPolicy[]
  /** The Sidecars for every workload of a namespace, by namespace. The Sidecar of the root namespace is for the whole mesh. */
  readonly defaultSidecars: ReadonlyMap<string, DefaultSidecar>
  /** The configuration of the control plane; undefined if no manifest has it. */
  readonly meshConfig: SurroundingMeshConfig | undefined
}

/** A workload, or a service account that calls by itself, which has no labels. */
export interface SurroundingWorkload {
  readonly namespace: string
  readonly serviceAccount: string
  readonly labels: Readonly<Record<string, string>> | undefined
}

export interface SurroundingNamespace {
  readonly place: ManifestPlace
  readonly labels: Readonly<Record<string, string>>
}

/** A host, completed to an FQDN, with the object that is about it. */
export interface RoutedHost {
  readonly kind: 'VirtualService' | 'DestinationRule'
  readonly host: string
  readonly namespace: string
  readonly name: string
  readonly place: ManifestPlace
}

/** An AuthorizationPolicy. */
export interface SurroundingPolicy {
  readonly namespace: string
  readonly name: string
  readonly place: ManifestPlace
}

/** A Sidecar without a selector. */
export interface DefaultSidecar {
  readonly place: ManifestPlace
  /** The hosts of `egress`, such as `legacy/*`; undefined if it has none, which means all. */
  readonly hosts: readonly string[] | undefined
  /** The fields that it sets in addition to the hosts. */
  readonly otherFields: readonly string[]
}

/** The part of MeshConfig that a spec can contradict. A field is undefined if the manifest does not set it. */
export interface SurroundingMeshConfig {
  readonly place: ManifestPlace
  readonly rootNamespace: ConfigField | undefined
  readonly trustDomain: ConfigField | undefined
  readonly outboundMode: ConfigField | undefined
  /** The names of `extensionProviders`. */
  readonly providers: readonly string[]
}

/** A line of a manifest. */
export interface ManifestPlace {
  readonly file: string
  /** Counted from 1. */
  readonly line: number
}

export interface ConfigField {
  readonly value: string
  readonly place: ManifestPlace
}

/** The surroundings of a mesh that the spec has whole. */
export const noSurroundings: Surroundings = {
  workloads: new Map(),
  services: new Map(),
  namespaces: [],
  declaredNamespaces: new Map(),
  callableNamespaces: [],
  objects: new Map(),
  hosts: [],
  policies: [],
  defaultSidecars: new Map(),
  meshConfig: undefined,
}
