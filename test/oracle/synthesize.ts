import { allowKeyFetching } from '../../compiler/emit/istio/key-fetching.ts'
import { isRemote } from '../../compiler/mesh/clusters.ts'
import { listListenedPorts } from '../../compiler/mesh/gateway-listeners.ts'
import type { Gateway, Labels, Mesh, Service, Version } from '../../compiler/mesh/mesh.ts'
import { areSameProxies } from '../../compiler/mesh/same-proxies.ts'
import {
  deploymentObject,
  gatewayPodObject,
  gatewayServiceObject,
  type KubernetesObject,
  namespaceObject,
  podObject,
  serviceObject,
  tlsSecretObject,
} from './objects.ts'
import type { Certificate } from './tools.ts'

/**
 * Makes the objects of a cluster beside the manifests of a mesh: the workloads, their Services, the gateways
 * of Helm and the Secrets of cert-manager. It does not make the Deployment of istiod: a test cluster runs a
 * real istiod.
 */
export function synthesize(mesh: Mesh, certificate: Certificate): readonly KubernetesObject[] {
  return [
    ...namespacesAround(mesh),
    ...mesh.services.flatMap(service => workloadObjects(mesh, service)),
    ...listGatewayWorkloads(mesh).flatMap(gatewayObjects),
    ...listSecrets(mesh, certificate),
    ...collectorObjects(mesh),
  ]
}

/**
 * Makes the objects of one service: its Service, and a Deployment with a pod for each version. Pods also
 * represent virtual machines, since the analyzers of Istio accept only pods as workloads.
 */
function workloadObjects(mesh: Mesh, service: Service): readonly KubernetesObject[] {
  const namespace = service.namespace.value
  const ports = service.ports.map(({ name, number, target, protocol }) => ({
    name: name.value,
    number: number.value,
    targetPort: target.value,
    // Only meshc knows this protocol: for Istio, PostgreSQL is plain TCP.
    appProtocol: protocol.value === 'postgres' ? 'tcp' : protocol.value,
  }))
  const selector = plain(service.selector)
  const { samePods } = service
  // Several Services may select the same pods, which are made once.
  const hasPods =
    service === (samePods.find(sharingService => sharingService.versions.length > 0) ?? samePods[0])
  const versions: readonly (Version | undefined)[] =
    service.versions.length > 0 ? service.versions : [undefined]
  return [
    // The manifests contain the Services of machines and of pods in other clusters.
    ...(ports.length > 0 && service.machines === undefined && !isRemote(mesh, service)
      ? [serviceObject({ name: service.name.value, namespace, selector, ports })]
      : []),
    ...(hasPods ? versions : []).flatMap(version => {
      const workload = {
        name: version === undefined ? service.name.value : `${service.name.value}-${version.name.value}`,
        namespace,
        labels: { ...selector, ...(version && plain(version.labels)) },
        serviceAccount: service.serviceAccount.value,
        ports: [
          ...new Set(
            samePods.flatMap(sharingService => sharingService.ports.map(({ target }) => target.value)),
          ),
        ],
      }
      return [deploymentObject(workload), podObject(workload)]
    }),
  ]
}

/**
 * Makes the Deployment of istiod with the mesh's limits on fetching keys. Without limits, the analyzers warn
 * (IST0175).
 */
export function istiodObject(mesh: Mesh): KubernetesObject {
  const labels = { app: 'istiod' }
  const env = Object.entries(allowKeyFetching(mesh) ?? {}).map(([name, { value }]) => ({ name, value }))
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'istiod', namespace: mesh.istio.namespace.value, labels },
    spec: {
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: { containers: [{ name: 'discovery', image: `istio/pilot:${mesh.istio.version.value}`, env }] },
      },
    },
  }
}

/** Lists the gateways of one workload, for each workload. */
function listGatewayWorkloads({ gateways }: Mesh): readonly (readonly [Gateway, ...Gateway[]])[] {
  const workloads: [Gateway, ...Gateway[]][] = []
  for (const gateway of gateways) {
    const same = workloads.find(([first]) => areSameProxies(first, gateway))
    if (same === undefined) workloads.push([gateway])
    else same.push(gateway)
  }
  return workloads
}

/** Makes the objects that the Helm chart of gateways installs. */
function gatewayObjects(gateways: readonly [Gateway, ...Gateway[]]): readonly KubernetesObject[] {
  const [gateway] = gateways
  const namespace = gateway.workloadNamespace.value
  const targets = new Map(
    gateways.flatMap(each => [
      ...[each.ports.http, each.ports.https].map(({ value }) => [value, targetOf(value)] as const),
      ...listListenedPorts(each).map(({ number: { value }, target }) => {
        const installed = each.installation === undefined ? targetOf(value) : target.value
        return [value, installed] as const
      }),
    ]),
  )
  const ports = [...targets].toSorted(([a], [b]) => a - b)
  const selector = plain(gateway.selector)
  const workload = gateway.workload.value
  return [
    gatewayServiceObject({
      name: workload,
      namespace,
      selector,
      ports: ports.map(([number, targetPort]) => ({ name: `tcp-${number}`, number, targetPort })),
    }),
    gatewayPodObject({
      name: workload,
      namespace,
      labels: { app: workload, ...selector, ...plain(gateway.installation?.labels ?? []) },
      serviceAccount: gateway.serviceAccount.value,
      ports: ports.map(([, targetPort]) => targetPort),
    }),
  ]
}

/** Returns the port of a pod behind a port of its Service, as in the chart. */
const targetOf = (number: number) => (number < 1024 ? number + 8000 : number)

/** Lists the Secrets that the gateways serve. Two gateways of one namespace may share a Secret. */
function listSecrets(mesh: Mesh, certificate: Certificate): readonly KubernetesObject[] {
  const secrets = new Map<string, KubernetesObject>()
  for (const { workloadNamespace: namespace, certificates } of mesh.gateways) {
    for (const served of certificates) {
      const name = served.secret.value
      const secret = tlsSecretObject({ name, namespace: namespace.value, ...certificate })
      secrets.set(`${namespace.value}/${name}`, secret)
    }
  }
  return [...secrets.values()]
}

/**
 * Makes namespaces of other owners: the root namespace, which the installation makes, and the collector's
 * namespace.
 */
function namespacesAround(mesh: Mesh): readonly KubernetesObject[] {
  const emitted = new Set(mesh.namespaces.map(({ name }) => name.value))
  const around = [mesh.istio.namespace.value, mesh.observability.tracing?.namespace.value]
  return [...new Set(around)].flatMap(name =>
    name === undefined || (emitted.has(name) && name !== mesh.istio.namespace.value)
      ? []
      : [namespaceObject({ name, labels: { 'istio-injection': 'disabled' } })],
  )
}

function collectorObjects(mesh: Mesh): readonly KubernetesObject[] {
  const { tracing } = mesh.observability
  if (tracing === undefined) return []
  const [name = ''] = tracing.host.value.split('.')
  const isService = mesh.services.some(({ host }) => host.value === tracing.host.value)
  if (isService) return []
  const port = { name: 'grpc-otlp', number: tracing.port.value }
  return [serviceObject({ name, namespace: tracing.namespace.value, selector: { app: name }, ports: [port] })]
}

const plain = (labels: Labels): Readonly<Record<string, string>> =>
  Object.fromEntries(labels.map(([key, { value }]) => [key, value]))
