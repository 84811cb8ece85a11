import type { GatewayComponent, IstioOperatorSpec } from '../../../schema/generated/istio-operator.ts'
import { manifestForms } from '../../../schema/generated/targets.ts'
import { networkLabel, networkVariable } from '../../mesh/clusters.ts'
import {
  findControlPlane,
  findRevisionWord,
  followRevision,
  getDefaultControlPlane,
} from '../../mesh/control-planes.ts'
import { listInstalledGateways } from '../../mesh/installed-gateways.ts'
import type { ControlPlane, InstalledGateway, Mesh, Replicas } from '../../mesh/mesh.ts'
import { because, decided, text } from '../../mesh/sourced.ts'
import { labelRecord, type Manifest } from '../manifest.ts'
import type { Sourceable } from '../sourceable.ts'
import { analysis } from './analysis.ts'
import { listGatewayOverlays, listGatewayVariables } from './gateway-overlays.ts'
import { listGatewayPorts } from './gateway-ports.ts'
import {
  makeDisruptionBudget,
  makePodAnnotations,
  makeServiceAnnotations,
  makeServiceSettings,
} from './gateway-proxies.ts'
import { listIstiodVariables } from './istiod-variables.ts'
import { makeMeshConfig } from './mesh-config.ts'
import { findGatewayNetwork, makeMultiClusterValues } from './multi-cluster.ts'
import { addComponentValues, addOperatorValues } from './passed-settings.ts'
import { listPullSecrets } from './pull-secrets.ts'

/**
 * Emits the settings of a control plane that istioctl installs, with the gateways that join it. A file for `istioctl install
 * -f`: no cluster knows the kind, so it is not in `manifests/`.
 */
export function emitIstioOperator(mesh: Mesh, plane = getDefaultControlPlane(mesh.istio)): Manifest {
  const { istio } = mesh
  const isDefault = plane === getDefaultControlPlane(istio)
  const gateways = listInstalledGateways(mesh).filter(gateway => joins(mesh, gateway, plane))
  // One of the nodes redirects the traffic of all pods.
  const hasCni = istio.cni.value === 'on' && isDefault
  const name = plane.origin === undefined ? mesh.name : text`${mesh.name}-${plane.revision!}`
  const spec: Sourceable<IstioOperatorSpec> = {
    // The profile installs nothing but istiod: every gateway is the spec's.
    profile: 'minimal',
    namespace: istio.namespace,
    hub: istio.hub,
    tag: plane.version,
    revision: plane.revision,
    meshConfig: makeMeshConfig(mesh),
    components: {
      pilot: {
        enabled: true,
        k8s: {
          resources: istio.resources,
          hpaSpec: autoscaler(istio.replicas),
          env: listEnvironmentVariables(mesh),
        },
      },
      ...(hasCni && { cni: because({ enabled: true }, istio.cni) }),
      ...(gateways.length > 0 && { ingressGateways: gateways.map(gateway => component(mesh, gateway)) }),
    },
    values: addOperatorValues(mesh, {
      global: {
        istioNamespace: istio.namespace,
        imagePullSecrets: listPullSecrets(mesh),
        ...makeMultiClusterValues(mesh),
        istiod: analysis,
        proxy: { resources: istio.proxy.resources },
      },
      ...(plane.origin !== undefined && {
        defaultRevision: followRevision(istio, istio.revision)?.revision,
      }),
      ...(plane.tags.length > 0 && { revisionTags: plane.tags }),
      ...(istio.cni.value === 'on' && { pilot: { cni: because({ enabled: true }, istio.cni) } }),
    }),
  }
  const policy = 'policy:install'
  const tree = {
    apiVersion: manifestForms.IstioOperator.apiVersion,
    kind: 'IstioOperator',
    metadata: { name, namespace: istio.namespace },
    spec,
  }
  return {
    kind: 'IstioOperator',
    name: name.value,
    namespace: istio.namespace.value,
    tree: because(tree, policy, name, istio.namespace),
  }
}

const joins = (mesh: Mesh, gateway: InstalledGateway, plane: ControlPlane): boolean =>
  mesh.istio.controlPlanes.length === 1 ||
  findControlPlane(mesh.istio, findRevisionWord(mesh, gateway.namespace.value)) === plane

function component(mesh: Mesh, gateway: InstalledGateway): Sourceable<GatewayComponent> {
  const { labels, replicas, resources, disruptions } = gateway.installation
  const { type, ...service } = makeServiceSettings(gateway)
  const network = findGatewayNetwork(mesh, gateway)
  const env = [
    ...(network === undefined ? [] : [{ name: networkVariable, value: network }]),
    ...listGatewayVariables(gateway),
  ]
  const overlays = listGatewayOverlays(gateway)
  const isBudgeted = disruptions.maxUnavailable !== undefined || disruptions.minAvailable !== undefined
  return because(
    {
      name: gateway.workload,
      namespace: gateway.namespace,
      enabled: true,
      label: {
        app: gateway.workload,
        ...labelRecord([...gateway.selector, ...labels]),
        ...(network && { [networkLabel]: network }),
      },
      k8s: addComponentValues(gateway, {
        resources,
        hpaSpec: autoscaler(replicas),
        env: env.length > 0 ? env : undefined,
        service: { type, ports: listGatewayPorts(gateway), ...service },
        serviceAnnotations: makeServiceAnnotations(gateway),
        podAnnotations: makePodAnnotations(gateway),
        podDisruptionBudget: isBudgeted ? makeDisruptionBudget(gateway) : undefined,
        overlays: overlays.length > 0 ? overlays : undefined,
      }),
    },
    gateway.name,
  )
}

function listEnvironmentVariables(mesh: Mesh) {
  const byName = listIstiodVariables(mesh)
  return byName && Object.entries(byName).map(([name, value]) => ({ name: value.map(() => name), value }))
}

const autoscaler = ({ min, max }: Replicas) => ({ minReplicas: min, maxReplicas: max, metrics: [cpuUse] })

const cpuUse = decided('policy:install', {
  type: 'Resource',
  resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 80 } },
} as const)
