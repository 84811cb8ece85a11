import type { ModelObject } from '../behavior/model.ts'
import { isMap, listAt, mapAt } from '../behavior/read/values.ts'
import {
  controlPlaneReplicas,
  controlPlaneResources,
  type DefaultResources,
  gatewayReplicas,
  proxyResources,
  type ReplicaBounds,
} from '../mesh/default-sizes.ts'
import { accountPath, componentValues, deploymentPaths, spreadPath } from '../mesh/gateway-values.ts'
import { internalAnnotations } from '../mesh/internal-annotations.ts'
import { keepPassable } from '../mesh/passed-settings.ts'
import { forwardedDetails, proxyConfigAnnotation } from '../mesh/proxy-config.ts'
import { describeAuthorizers } from './asking.ts'
import type { Claim, Field } from './claim.ts'
import { type ForeignMesh, findOtherRevision } from './foreign-mesh.ts'
import type { ForeignGateway } from './gateways.ts'
import { readMap, readMaps, readObjectSpec, type Tree } from './read-object-spec.ts'

/**
 * Claims the content of an IstioOperator: the control plane, the proxies and the gateways, and the access log and traces in the
 * Telemetry of the mesh. The claim is valid only if the spec emits both objects exactly: an installation with other values stays with
 * its owner.
 */
export function claimInstallation(
  mesh: ForeignMesh,
  telemetry: ModelObject | undefined,
  gateways: ReadonlyMap<string, ForeignGateway>,
): readonly Claim[] {
  const { others, revision } = mesh
  const operators = others.filter(({ kind }) => kind === 'IstioOperator')
  const [object] = operators
  const operator = object === undefined ? {} : readObjectSpec(object)
  if (object === undefined || operator['profile'] !== 'minimal') return []
  if (hasOtherPlanes(mesh, operators.map(readObjectSpec))) return []
  const { components, values } = operator as Readonly<Record<string, Tree | undefined>>
  const pilot = readMap(readMap(components ?? {}, 'pilot'), 'k8s')
  const proxy = readMap(readMap(values ?? {}, 'global'), 'proxy')
  const defaultConfig = readMap(readMap(operator, 'meshConfig'), 'defaultConfig')
  const drain = defaultConfig['terminationDrainDuration']
  const set = (path: readonly string[], value: unknown): Field => ({ path: ['istio', ...path], value })
  return [
    {
      objects: [...operators, ...(telemetry === undefined ? [] : [telemetry])],
      isExact: true,
      fields: [
        set(['install'], 'charts'),
        ...describeRevisions(operators.map(readObjectSpec), revision).map(([path, value]) =>
          set(path, value),
        ),
        ...describeSize(pilot, controlPlaneReplicas, controlPlaneResources).map(([path, value]) =>
          set(['controlPlane', ...path], value),
        ),
        ...describeResources(readMap(proxy, 'resources'), proxyResources).map(([path, value]) =>
          set(['proxy', ...path], value),
        ),
        ...(drain === '30s' ? [] : [set(['proxy', 'drain'], drain)]),
        ...operators.map(readObjectSpec).flatMap(describeImages),
        ...describePassed(operator).map(([path, value]) => set(path, value)),
        ...describeProxy(defaultConfig, pilot).map(([path, value]) => set(['proxy', ...path], value)),
        ...describeAccessLog(readMap(operator, 'meshConfig')),
        ...describeAuthorizers(readMap(operator, 'meshConfig')),
        ...operators
          .flatMap(each => readMaps(readMap(readObjectSpec(each), 'components'), 'ingressGateways'))
          .flatMap(component => describeGateway(component, mesh.model, gateways)),
        // The meshConfig of the owner sets that the mesh has no traces.
        ...(listAt(telemetry && readObjectSpec(telemetry), 'tracing').some(
          each => isMap(each) && each['disableSpanReporting'] === true,
        )
          ? [{ path: ['observability', 'tracing'], value: undefined }]
          : []),
      ],
    },
  ]
}

/** Tells whether namespaces join control planes that no IstioOperator of `revisions` installs. */
function hasOtherPlanes(mesh: ForeignMesh, operators: readonly Tree[]): boolean {
  const installed = new Set(
    operators.flatMap(operator => {
      const { defaultRevision, revisionTags } = readMap(operator, 'values')
      if (defaultRevision === undefined) return []
      return [operator['revision'], ...(Array.isArray(revisionTags) ? revisionTags : [])]
    }),
  )
  return [...mesh.model.namespaces.keys()].some(name => {
    const word = findOtherRevision(mesh, name)
    return word !== undefined && !installed.has(word)
  })
}

/** Describes the control planes: the only one, or those of `revisions`. */
function describeRevisions(operators: readonly Tree[], word: string | undefined): readonly Part[] {
  const [first = {}] = operators
  if (readMap(first, 'values')['defaultRevision'] === undefined)
    return [
      [['version'], first['tag']],
      ...(word === undefined ? [[['revision'], first['revision']] as const] : []),
    ]
  return operators.flatMap((operator): readonly Part[] => {
    const path = ['revisions', String(operator['revision'])]
    const tags = readMap(operator, 'values')['revisionTags']
    return [
      [[...path, 'version'], operator['tag']],
      ...(tags === undefined ? [] : [[[...path, 'tags'], tags] as const]),
    ]
  })
}

/** Describes the registry of images, and the CNI plugin. */
function describeImages(operator: Tree): readonly Field[] {
  const secrets = readMap(readMap(operator, 'values'), 'global')['imagePullSecrets']
  const cni = readMap(readMap(operator, 'components'), 'cni')
  return [
    ...(operator['hub'] === undefined ? [] : [{ path: ['istio', 'hub'], value: operator['hub'] }]),
    ...(secrets === undefined ? [] : [{ path: ['istio', 'pullSecrets'], value: secrets }]),
    ...(cni['enabled'] === true ? [{ path: ['istio', 'cni'], value: 'on' }] : []),
  ]
}

/** Describes the settings that no field of a spec sets. */
function describePassed(operator: Tree): readonly Part[] {
  const { pilot, ...shared } = readMap(operator, 'values')
  const { meshMTLS, ...rest } = readMap(operator, 'meshConfig')
  const isUsual = JSON.stringify(meshMTLS) === JSON.stringify({ minProtocolVersion: 'TLSV1_2' })
  const meshConfig = keepPassable(
    'meshConfig',
    isUsual ? rest : { ...rest, ...(isMap(meshMTLS) && { meshMTLS }) },
  )
  const values = keepPassable('values', { ...shared, ...(isMap(pilot) && pilot) })
  return [
    ...(meshConfig === undefined ? [] : [[['meshConfig'], meshConfig] as const]),
    ...(values === undefined ? [] : [[['values'], values] as const]),
  ]
}

type Part = readonly [path: readonly string[], value: unknown]

function describeSize(k8s: Tree, [min, max]: ReplicaBounds, resources: DefaultResources): readonly Part[] {
  const { minReplicas, maxReplicas } = readMap(k8s, 'hpaSpec')
  return [
    ...(minReplicas === min ? [] : [[['replicas', 'min'], minReplicas] as const]),
    ...(maxReplicas === max ? [] : [[['replicas', 'max'], maxReplicas] as const]),
    ...describeResources(readMap(k8s, 'resources'), resources),
  ]
}

const describeResources = (resources: Tree, defaults: DefaultResources): readonly Part[] =>
  (['requests', 'limits'] as const).flatMap((side, index) =>
    (['cpu', 'memory'] as const).flatMap((word): readonly Part[] => {
      const value = readMap(resources, side)[word]
      return value === defaults[word][index] ? [] : [[['resources', side, word], value]]
    }),
  )

/** Describes the start of sidecars, if it differs from meshc's default. */
function describeProxy(defaultConfig: Tree, pilot: Tree): readonly Part[] {
  const { concurrency, holdApplicationUntilProxyStarts: isHeld } = defaultConfig
  const { imageType } = readMap(defaultConfig, 'image')
  const native = readMaps(pilot, 'env').find(({ name }) => name === 'ENABLE_NATIVE_SIDECARS')?.['value']
  return [
    ...(isHeld === true ? [] : [[['holdApplication'], 'off'] as const]),
    ...(native === undefined ? [] : [[['native'], native === 'true' ? 'on' : 'off'] as const]),
    ...(imageType === undefined ? [] : [[['image'], imageType] as const]),
    ...(concurrency === undefined ? [] : [[['concurrency'], concurrency] as const]),
  ]
}

/** Describes the format of the access log, which meshc's meshConfig has as a provider. */
function describeAccessLog(meshConfig: Tree): readonly Field[] {
  const provider = readMaps(meshConfig, 'extensionProviders').find(
    ({ envoyFileAccessLog }) => envoyFileAccessLog !== undefined,
  )
  const form =
    provider === undefined
      ? 'off'
      : mapAt(provider['envoyFileAccessLog'], 'logFormat') === undefined
        ? 'text'
        : 'json'
  return [{ path: ['observability', 'accessLog'], value: form === 'json' ? undefined : form }]
}

/** Describes the installation of a gateway's proxies, which replaces the proxies of another owner. */
function describeGateway(
  component: Tree,
  model: ForeignMesh['model'],
  gateways: ReadonlyMap<string, ForeignGateway>,
): readonly Field[] {
  const { name, namespace } = component as { readonly name: string; readonly namespace: string }
  const plain = name.replace(/^istio-/, '')
  const written = gateways.get(`${namespace}/${plain}`)
  // Proxies without a Gateway are an egress gateway without traffic.
  const isIdle = !model.gateways.some(gateway => gateway.namespace === namespace && gateway.name === plain)
  if (written === undefined && !isIdle) return []
  const { key, isExit } = written ?? { key: plain, isExit: true }
  const k8s = readMap(component, 'k8s')
  const { type, externalTrafficPolicy, loadBalancerSourceRanges } = readMap(k8s, 'service')
  const { app, istio, ...labels } = readMap(component, 'label')
  const set = (path: readonly string[], value: unknown): Field => ({
    path: ['gateways', key, ...path],
    value,
  })
  const annotations = k8s['serviceAnnotations']
  const passed = describeGatewayValues(k8s)
  return [
    set(['workload'], undefined),
    ...(written === undefined ? [set(['namespace'], namespace), set(['egress'], true)] : []),
    ...describeSize(k8s, gatewayReplicas, proxyResources).map(([path, value]) => set(path, value)),
    ...(type === (isExit ? 'ClusterIP' : 'LoadBalancer') ? [] : [set(['service', 'type'], type)]),
    ...describeAnnotations(annotations).map(([path, value]) => set(path, value)),
    ...(externalTrafficPolicy === undefined
      ? []
      : [set(['service', 'externalTrafficPolicy'], String(externalTrafficPolicy).toLowerCase())]),
    ...(loadBalancerSourceRanges === undefined
      ? []
      : [set(['service', 'sourceRanges'], loadBalancerSourceRanges)]),
    ...describeTopology(k8s).map(([path, value]) => set(path, value)),
    ...(isMap(k8s['podDisruptionBudget']) ? [set(['disruptions'], k8s['podDisruptionBudget'])] : []),
    ...describeSpread(k8s).map(value => set(['spread'], value)),
    ...(passed === undefined ? [] : [set(['values'], passed)]),
    ...(Object.keys(labels).length > 0 ? [set(['labels'], labels)] : []),
  ]
}

/** Describes the annotations of the Service, including those of a private load balancer. */
function describeAnnotations(annotations: unknown): readonly (readonly [readonly string[], unknown])[] {
  if (!isMap(annotations)) return []
  const cloud = Object.entries(internalAnnotations).find(([, [key, value]]) => annotations[key] === value)
  const rest = Object.entries(annotations).filter(([key]) => key !== cloud?.[1][0])
  return [
    ...(cloud === undefined ? [] : [[['service', 'internal'], cloud[0]] as const]),
    ...(rest.length === 0 ? [] : [[['service', 'annotations'], Object.fromEntries(rest)] as const]),
  ]
}

/** Describes the topology in front of the proxies, from the annotation of their pods. */
function describeTopology(k8s: Tree): readonly (readonly [readonly string[], unknown])[] {
  const written = readMap(k8s, 'podAnnotations')[proxyConfigAnnotation]
  const topology = mapAt(parseJson(written), 'gatewayTopology')
  if (!isMap(topology)) return []
  const details = Object.entries(forwardedDetails).find(
    ([, value]) => value === topology['forwardClientCertDetails'],
  )
  return [
    ...(topology['numTrustedProxies'] === undefined
      ? []
      : [[['trustedProxies'], topology['numTrustedProxies']] as const]),
    ...(topology['proxyProtocol'] === undefined ? [] : [[['proxyProtocol'], true] as const]),
    ...(details === undefined ? [] : [[['forwardClientCertificate'], details[0]] as const]),
  ]
}

function parseJson(text: unknown): unknown {
  try {
    return typeof text === 'string' ? JSON.parse(text) : undefined
  } catch {
    return undefined
  }
}

/** Finds the value that an overlay gives a field of an object. */
const findOverlaid = (k8s: Tree, kind: string, path: string): unknown =>
  readMaps(k8s, 'overlays')
    .filter(overlay => overlay['kind'] === kind)
    .flatMap(overlay => readMaps(overlay, 'patches'))
    .find(patch => patch['path'] === path)?.['value']

/** Describes the spread of pods over zones, which an overlay sets. */
function describeSpread(k8s: Tree): readonly string[] {
  const [constraint] = readMaps({ list: findOverlaid(k8s, 'Deployment', spreadPath) }, 'list')
  if (constraint === undefined) return []
  return [constraint['whenUnsatisfiable'] === 'DoNotSchedule' ? 'required' : 'preferred']
}

/** Describes the values of the chart `gateway` that no field of a spec sets; undefined if there are none. */
function describeGatewayValues(k8s: Tree): Tree | undefined {
  const annotations = findOverlaid(k8s, 'ServiceAccount', accountPath)
  const variables = readMaps(k8s, 'env').map(({ name, value }) => [String(name), value] as const)
  const entries = [
    ...componentValues.map(key => [key, k8s[key]] as const),
    ...Object.entries(deploymentPaths).map(
      ([key, path]) => [key, findOverlaid(k8s, 'Deployment', path)] as const,
    ),
    ['env', variables.length > 0 ? Object.fromEntries(variables) : undefined] as const,
    ['serviceAccount', annotations === undefined ? undefined : { annotations }] as const,
  ]
  return keepPassable('gatewayValues', Object.fromEntries(entries.filter(([, value]) => value !== undefined)))
}
