import type { HelmBaseValues } from '../../../schema/generated/helm-base.ts'
import type { HelmCniValues } from '../../../schema/generated/helm-cni.ts'
import type { HelmGatewayValues } from '../../../schema/generated/helm-gateway.ts'
import { networkLabel, networkVariable } from '../../mesh/clusters.ts'
import { findRevisionWord, followRevision } from '../../mesh/control-planes.ts'
import type { ControlPlane, InstalledGateway, Mesh } from '../../mesh/mesh.ts'
import { because, decided } from '../../mesh/sourced.ts'
import { analysis } from '../istio/analysis.ts'
import { listGatewayPorts } from '../istio/gateway-ports.ts'
import {
  makeDisruptionBudget,
  makePodAnnotations,
  makeServiceAnnotations,
  makeServiceSettings,
  makeSpread,
} from '../istio/gateway-proxies.ts'
import { listIstiodVariables } from '../istio/istiod-variables.ts'
import { makeMeshConfig } from '../istio/mesh-config.ts'
import { findGatewayNetwork, makeMultiClusterValues } from '../istio/multi-cluster.ts'
import { addGatewayValues, addIstiodValues } from '../istio/passed-settings.ts'
import { listPullSecrets } from '../istio/pull-secrets.ts'
import { labelRecord, type Manifest } from '../manifest.ts'
import { type Sourceable, unwrapValue } from '../sourceable.ts'
import { withChartForm } from '../template.ts'
import { guardGateway, guardIstiod } from './chart/adjustable-replicas.ts'

/** Values of Istio's chart `base`. */
export function emitBaseValues(mesh: Mesh): Manifest {
  const values: Sourceable<HelmBaseValues> = {
    defaultRevision: followRevision(mesh.istio, mesh.istio.revision)?.revision ?? 'default',
    global: { istioNamespace: mesh.istio.namespace },
    // istiod would turn Ignore into Fail, and a GitOps tool would turn it back for ever.
    base: { validationFailurePolicy: 'Fail' },
  }
  return getValues('HelmBaseValues', 'base', values)
}

/** Values of Istio's chart `istiod` for a control plane: the content of its IstioOperator, in the fields of the chart. */
export function emitIstiodValues(mesh: Mesh, { revision, version, tags }: ControlPlane): Manifest {
  const { istio } = mesh
  const { cni } = istio
  const values = addIstiodValues(mesh, {
    revision,
    ...(tags.length > 0 && { revisionTags: tags, sidecarInjectorWebhookAnnotations: keptWebhooks }),
    autoscaleEnabled: true,
    autoscaleMin: istio.replicas.min,
    autoscaleMax: istio.replicas.max,
    cpu: { targetAverageUtilization: 80 },
    resources: istio.resources,
    env: listIstiodVariables(mesh),
    meshConfig: makeMeshConfig(mesh),
    base: { validationFailurePolicy: 'Fail' },
    global: {
      istioNamespace: istio.namespace,
      hub: istio.hub,
      tag: version,
      imagePullSecrets: listPullSecrets(mesh),
      ...makeMultiClusterValues(mesh),
      istiod: analysis,
      proxy: { resources: istio.proxy.resources },
    },
    ...(cni.value === 'on' && { cni: because({ enabled: true }, cni) }),
  })
  return getValues('HelmIstiodValues', 'istiod', withChartForm(unwrapValue(values), guardIstiod))
}

/**
 * Argo CD prunes the webhook of a tag before another release creates it, and a pod that starts between gets no sidecar. Therefore the
 * other release takes over the webhook.
 */
const keptWebhooks = decided('policy:revision-tags', {
  'argocd.argoproj.io/sync-options': 'Prune=false',
})

/** Values of Istio's chart `cni`: the pods that redirect the traffic of others. */
export function emitCniValues(mesh: Mesh): Manifest {
  const { istio } = mesh
  const values: Sourceable<HelmCniValues> = {
    revision: followRevision(istio, istio.revision)?.revision,
    global: { hub: istio.hub, tag: istio.version, imagePullSecrets: listPullSecrets(mesh) },
  }
  return getValues('HelmCniValues', 'cni', because(values, istio.cni))
}

/** Values of Istio's chart `gateway`, for the release named `istio-<gateway>`. */
export function emitGatewayValues(mesh: Mesh, gateway: InstalledGateway): Manifest {
  const { labels, replicas, resources } = gateway.installation
  const annotations = makeServiceAnnotations(gateway)
  const { type, ...service } = makeServiceSettings(gateway)
  // The value `networkGateway` would open the ports of istiod as well.
  const network = findGatewayNetwork(mesh, gateway)
  const values = {
    name: gateway.workload,
    revision: findRevisionWord(mesh, gateway.namespace.value),
    imagePullSecrets: listPullSecrets(mesh)?.map(name => ({ name })),
    labels: {
      app: gateway.workload,
      ...labelRecord([...gateway.selector, ...labels]),
      ...(network && { [networkLabel]: network }),
    },
    env: network && { [networkVariable]: network },
    autoscaling: {
      enabled: true,
      minReplicas: replicas.min,
      maxReplicas: replicas.max,
      targetCPUUtilizationPercentage: 80,
    },
    resources,
    podAnnotations: makePodAnnotations(gateway),
    topologySpreadConstraints: makeSpread(gateway),
    podDisruptionBudget: makeDisruptionBudget(gateway),
    service: {
      type,
      ports: listGatewayPorts(gateway),
      ...service,
      annotations,
    },
    serviceAccount: { create: true, name: gateway.serviceAccount },
  } satisfies Sourceable<HelmGatewayValues>
  const adjustable = withChartForm(addGatewayValues(gateway, values), part => guardGateway(part, gateway))
  return getValues('HelmGatewayValues', gateway.workload.value, because(adjustable, gateway.name))
}

const getValues = (kind: string, name: string, values: unknown): Manifest => ({
  kind,
  name,
  namespace: undefined,
  tree: because(values, 'policy:install'),
})
