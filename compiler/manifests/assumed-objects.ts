import { bypassAnnotation } from '../behavior/is-bare.ts'
import type { ManifestObject } from '../behavior/manifest-object.ts'
import { indexLines } from '../diagnostics/lines.ts'
import type { Source } from '../diagnostics/source.ts'
import { emitIstioOperator } from '../emit/istio/istio-operator.ts'
import { makeObjectKey } from '../emit/object-key.ts'
import { unwrapTree } from '../emit/plain-tree.ts'
import { eastWestPort, isRemote } from '../mesh/clusters.ts'
import { listBypassedPorts } from '../mesh/direct-ports.ts'
import { listListeners, listOpaquePorts } from '../mesh/gateway-listeners.ts'
import type { ControlPlane, Gateway, Labels, Mesh, Service, Version } from '../mesh/mesh.ts'
import { getAppProtocol } from '../mesh/port.ts'
import { printProxyConfig, proxyConfigAnnotation } from '../mesh/proxy-config.ts'
import { findDeployedService } from '../mesh/same-pods.ts'
import { SpecNode } from '../mesh/sourced.ts'
import type { Surroundings } from '../mesh/surroundings.ts'
import type { Layers } from '../source/layers.ts'

/**
 * Lists the objects that a cluster has in addition to the manifests and the surroundings, as far as a spec implies them: the Service
 * and the Deployments of each service, those of each gateway, which Helm or another owner installs, and the configuration of a
 * control plane that another owner installs. Their positions are those in the spec. `sources`: the texts of the spec.
 */
export function listAssumedObjects(
  { mesh, layers }: { readonly mesh: Mesh; readonly layers: Layers },
  sources: readonly Source[],
): readonly AssumedObject[] {
  const place = placesIn(layers, sources)
  const placed = (origin: SpecNode) => (value: unknown) => new AssumedObject(value, origin, place)
  const { surroundings } = mesh
  const isConfigAssumed = mesh.istio.install.value === 'none' && surroundings.meshConfig === undefined
  return [
    ...(isConfigAssumed
      ? mesh.istio.controlPlanes.map(plane =>
          placed(new SpecNode(undefined, 'istio'))(assumeOperator(mesh, plane)),
        )
      : []),
    ...mesh.services.flatMap(service => objectsOfService(mesh, service).map(placed(service.origin))),
    ...listProxies(mesh.gateways).flatMap(proxies =>
      objectsOfProxies(proxies, surroundings).map(placed(proxies.gateways[0].origin)),
    ),
  ]
}

/** The settings of a control plane of others. Without `revisions`, the spec does not know which revisions there are. */
function assumeOperator(mesh: Mesh, plane: ControlPlane): unknown {
  const operator = unwrapTree(emitIstioOperator(mesh, plane).tree)
  if (plane.origin !== undefined) return operator
  const { spec, ...rest } = operator as { readonly spec: Readonly<Record<string, unknown>> }
  const { revision: _, ...settings } = spec
  return { ...rest, spec: settings }
}

type FindPlace = (origin: SpecNode) => { readonly file: string; readonly line: number }

function placesIn(layers: Layers, sources: readonly Source[]): FindPlace {
  const findLines = indexLines(sources)
  return ({ path }) => {
    const { file, start } = layers.locationOf({ path, part: 'key' })
    return { file, line: findLines(file)?.positionOf(start).line ?? 1 }
  }
}

/** An object that a spec declares. Its place is found on demand. */
class AssumedObject implements ManifestObject {
  readonly value: unknown
  private readonly origin: SpecNode
  private readonly place: FindPlace

  constructor(value: unknown, origin: SpecNode, place: FindPlace) {
    this.value = value
    this.origin = origin
    this.place = place
  }

  get file(): string {
    return this.place(this.origin).file
  }

  get line(): number {
    return this.place(this.origin).line
  }

  lineOf(): number {
    return this.line
  }

  /** The same object, with another position. */
  placed(place: FindPlace): AssumedObject {
    return new AssumedObject(this.value, this.origin, place)
  }
}

/** The same objects, implied by another spec. */
export function listAssumedBy(
  objects: readonly AssumedObject[],
  layers: Layers,
  sources: readonly Source[],
): readonly AssumedObject[] {
  const place = placesIn(layers, sources)
  return objects.map(object => object.placed(place))
}

/** Makes a Service, and a Deployment or StatefulSet for each version, unless another service or the surroundings have them. */
function objectsOfService(mesh: Mesh, service: Service): readonly unknown[] {
  const { surroundings } = mesh
  const { namespace, selector, ports, machines } = service
  const isElsewhere = isRemote(mesh, service)
  // meshc emits the objects of such a service.
  if (machines !== undefined && !isElsewhere) return []
  const isDeployed = findDeployedService(service) !== service || isWorkloadThere(service, surroundings)
  const deployments = isDeployed ? [] : deploymentsOf(service, isElsewhere)
  const key = makeObjectKey({ kind: 'Service', namespace: namespace.value, name: service.name.value })
  // meshc writes the Service of pods in other clusters.
  if (ports.length === 0 || isElsewhere || surroundings.objects.has(key)) return deployments
  const metadata = { name: service.name.value, namespace: namespace.value }
  const spec = {
    ...(service.headless && { clusterIP: 'None' }),
    selector: unwrapLabels(selector),
    ports: ports.map(port => ({
      name: port.name.value,
      port: port.number.value,
      targetPort: port.target.value,
      appProtocol: getAppProtocol(port).value,
    })),
  }
  return [{ apiVersion: 'v1', kind: 'Service', metadata, spec }, ...deployments]
}

/** Tells whether the surroundings have a workload that a service or gateway selects. */
const isWorkloadThere = (
  { namespace, selector }: Pick<Service | Gateway, 'namespace' | 'selector'>,
  { workloads }: Surroundings,
): boolean =>
  [...workloads.values()].some(
    workload =>
      workload.namespace === namespace.value &&
      workload.labels !== undefined &&
      selector.every(([key, { value }]) => workload.labels?.[key] === value),
  )

function deploymentsOf(service: Service, isElsewhere: boolean): readonly unknown[] {
  const bypassed = listBypassedPorts(service)
  const isStateful = service.samePods.some(({ headless }) => headless !== undefined)
  const versions: readonly (Version | undefined)[] =
    service.versions.length > 0 ? service.versions : [undefined]
  return versions.map(version => {
    const deployed = {
      name: version === undefined ? service.name.value : `${service.name.value}-${version.name.value}`,
      namespace: service.namespace.value,
      labels: {
        ...unwrapLabels(service.selector),
        ...(version && unwrapLabels(version.labels)),
        ...(service.sidecar.value === 'off' && { 'sidecar.istio.io/inject': 'false' }),
      },
      serviceAccount: service.serviceAccount.value,
      ...(bypassed.length > 0 && { annotations: { [bypassAnnotation]: bypassed.join(',') } }),
    }
    if (isElsewhere) return makeRemoteWorkload(deployed, service.sidecar.value === 'on')
    return makeWorkload({ kind: isStateful ? 'StatefulSet' : 'Deployment', ...deployed })
  })
}

/**
 * Makes the object that represents pods of other clusters. istiod adds them to the endpoints of the Service in this cluster, like
 * virtual machines; kube-proxy knows neither.
 */
function makeRemoteWorkload(
  { name, namespace, labels, serviceAccount }: Omit<Deployed, 'kind'>,
  hasSidecar: boolean,
): unknown {
  return {
    apiVersion: 'networking.istio.io/v1',
    kind: 'WorkloadEntry',
    metadata: { name, namespace },
    spec: { address: chooseAddress(`${namespace}/${name}`), labels, ...(hasSidecar && { serviceAccount }) },
  }
}

/** Chooses an address that no pod has, the same for the same name. */
function chooseAddress(name: string): string {
  let hash = 0
  for (const character of name) hash = (Math.imul(hash, 31) + character.charCodeAt(0)) >>> 0
  return [240, (hash >>> 16) & 255, (hash >>> 8) & 255, hash & 255].join('.')
}

/** The proxies of gateways, as far as a spec implies them. */
interface GatewayProxies {
  readonly name: string
  readonly namespace: string
  readonly serviceAccount: string
  readonly labels: Readonly<Record<string, string>>
  readonly gateways: readonly [Gateway, ...Gateway[]]
}

/** Lists the proxies of all gateways: gateways of one workload are the same ones, unless their labels contradict each other. */
function listProxies(gateways: readonly Gateway[]): readonly GatewayProxies[] {
  const all: GatewayProxies[] = []
  for (const gateway of gateways) {
    const { workload, workloadNamespace, serviceAccount, selector, installation } = gateway
    const namesakes = all.filter(
      ({ namespace, gateways: [{ workload: first }] }) =>
        namespace === workloadNamespace.value && first.value === workload.value,
    )
    const same = namesakes.find(
      ({ labels, serviceAccount: account }) =>
        account === serviceAccount.value &&
        selector.every(([key, { value }]) => (labels[key] ?? value) === value),
    )
    const suffix = namesakes.length === 0 ? '' : `-${namesakes.length + 1}`
    const proxies: GatewayProxies = {
      name: same?.name ?? `${workload.value}${suffix}`,
      namespace: workloadNamespace.value,
      serviceAccount: serviceAccount.value,
      labels: {
        app: workload.value,
        ...same?.labels,
        ...unwrapLabels(selector),
        ...unwrapLabels(installation?.labels ?? []),
      },
      gateways: same === undefined ? [gateway] : [...same.gateways, gateway],
    }
    if (same === undefined) all.push(proxies)
    else all[all.indexOf(same)] = proxies
  }
  return all
}

/** The ports of the pods that meshc gives the proxies that it installs. */
const gatewayTargetPorts = { http: 8080, https: 8443 }

/** The ports of the pods behind ports of the Service, as Istio's charts have them. */
const usualTargets: Readonly<Record<number, number>> = { 80: 8080, 443: 8443 }

/** Makes the objects that Istio's chart `gateway` installs, unless the surroundings have them. */
function objectsOfProxies(proxies: GatewayProxies, surroundings: Surroundings): readonly unknown[] {
  const { name, namespace, serviceAccount, labels, gateways } = proxies
  if (
    gateways.some(gateway =>
      isWorkloadThere({ ...gateway, namespace: gateway.workloadNamespace }, surroundings),
    )
  )
    return []
  const listeners = gateways.flatMap(gateway => [
    ...listListeners(gateway).map(({ scheme, number: { value } }) => ({
      name: `${scheme}-${value}`,
      port: value,
      targetPort:
        gateway.installation === undefined ? (usualTargets[value] ?? value) : gatewayTargetPorts[scheme],
    })),
    ...listOpaquePorts(gateway).map(({ number, target }) => ({
      name: `tls-${number}`,
      port: number,
      targetPort: gateway.installation === undefined ? (usualTargets[number] ?? number) : target,
    })),
    ...(gateway.isEgress.value ? [gateway.ports.https] : []).map(({ value }) => ({
      name: `tls-${value}`,
      port: value,
      targetPort:
        gateway.installation === undefined ? (usualTargets[value] ?? value) : gatewayTargetPorts.https,
    })),
    ...(gateway.isEastWest.value
      ? [{ name: `tls-${eastWestPort}`, port: eastWestPort, targetPort: eastWestPort }]
      : []),
    ...gateway.tcp.map(({ number, target }) => ({
      name: `tcp-${number.value}`,
      port: number.value,
      targetPort: target.value,
    })),
  ])
  const ports = [...new Map(listeners.map(listener => [listener.port, listener])).values()]
  return [
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name, namespace },
      spec: { type: 'LoadBalancer', selector: labels, ports },
    },
    makeWorkload({
      kind: 'Deployment',
      name,
      namespace,
      labels,
      serviceAccount,
      annotations: { 'inject.istio.io/templates': 'gateway', ...getTopology(gateways) },
    }),
  ]
}

/** Makes the annotation for the topology in front of the proxies that meshc installs. */
function getTopology(gateways: readonly Gateway[]): Readonly<Record<string, string>> {
  const installation = gateways.find(gateway => gateway.installation !== undefined)?.installation
  const config = installation && printProxyConfig(installation)
  return config === undefined ? {} : { [proxyConfigAnnotation]: config.value }
}

interface Deployed {
  readonly kind: 'Deployment' | 'StatefulSet'
  readonly name: string
  readonly namespace: string
  readonly labels: Readonly<Record<string, string>>
  readonly serviceAccount: string
  readonly annotations?: Readonly<Record<string, string>>
}

const makeWorkload = ({ kind, name, namespace, labels, serviceAccount, annotations }: Deployed) => ({
  apiVersion: 'apps/v1',
  kind,
  metadata: { name, namespace },
  spec: {
    selector: { matchLabels: labels },
    template: {
      metadata: { labels, ...(annotations && { annotations }) },
      spec: { serviceAccountName: serviceAccount },
    },
  },
})

const unwrapLabels = (labels: Labels): Readonly<Record<string, string>> =>
  Object.fromEntries(labels.map(([key, { value }]) => [key, value]))
