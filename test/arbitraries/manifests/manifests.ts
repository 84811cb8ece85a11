import type fc from 'fast-check'
import { type Draw, drawn } from './draw.ts'
import { drawDelegation, drawGateways } from './gateways.ts'
import type { Json, KubernetesObject } from './kubernetes-object.ts'
import {
  drawAuthorizationPolicies,
  drawPeerAuthentications,
  drawRequestAuthentications,
  extensionProvider,
  gatekeeper,
} from './policies.ts'
import { drawRouting } from './routing.ts'
import { drawServiceEntries, drawSidecars } from './scoping.ts'
import { drawServices, namespaceObjects, pod, workloadObjects } from './workloads.ts'

/** The manifests of a mesh as people write them by hand, and the MeshConfig of istiod. */
export interface DrawnManifests {
  readonly objects: readonly KubernetesObject[]
  readonly meshConfig: Json
}

/** Manifests that Istio's webhook accepts. They also use features of Istio that meshc never writes. */
export const manifests = ({
  services = 8,
}: {
  readonly services?: number
} = {}): fc.Arbitrary<DrawnManifests> => drawn(draw => drawManifests(draw, services))

function drawManifests(draw: Draw, most: number): DrawnManifests {
  const services = drawServices(draw, most)
  // The address blocks of a pod are known only if its address is in a manifest.
  const haveAddresses = draw.percent(40)
  const objects = [
    ...namespaceObjects,
    ...gatekeeper,
    assumedCaller,
    ...services.flatMap((service, index) =>
      workloadObjects(draw, service, haveAddresses ? 4 * index + 1 : undefined),
    ),
    ...services.flatMap(service => drawRouting(draw, services, service)),
    ...drawGateways(draw, services, haveAddresses ? 202 : undefined),
    ...drawDelegation(draw, services),
    ...drawServiceEntries(draw),
    ...drawSidecars(draw, services),
    ...drawPeerAuthentications(draw, services),
    ...drawRequestAuthentications(draw, services),
    ...drawAuthorizationPolicies(draw, services, haveAddresses),
  ]
  return { objects: onceEach(objects), meshConfig: drawMeshConfig(draw) }
}

/** A caller that no policy names. */
const assumedCaller = pod(
  'web',
  'stranger',
  { app: 'stranger' },
  { serviceAccountName: 'stranger', containers: [{ name: 'app' }] },
  200,
)

function drawMeshConfig(draw: Draw): Json {
  return {
    extensionProviders: [extensionProvider],
    ...draw.maybe(25, 'outboundTrafficPolicy', () => ({ mode: 'REGISTRY_ONLY' })),
    ...draw.maybe(30, 'pathNormalization', () => ({
      normalization: draw.pick(['NONE', 'MERGE_SLASHES', 'DECODE_AND_MERGE_SLASHES']),
    })),
    ...draw.maybe(10, 'enableAutoMtls', () => false),
    ...draw.maybe(10, 'trustDomainAliases', () => ['elsewhere.example']),
  }
}

function onceEach(objects: readonly KubernetesObject[]): readonly KubernetesObject[] {
  const key = ({ kind, metadata }: KubernetesObject) => `${kind} ${metadata.namespace}/${metadata.name}`
  return [...new Map(objects.map(kubernetesObject => [key(kubernetesObject), kubernetesObject])).values()]
}
