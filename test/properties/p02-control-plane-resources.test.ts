import * as assert from 'uvu/assert'
import type { Resources } from '../../schema/generated/common-types.ts'
import type { MeshSpec } from '../../schema/spec/mesh.ts'
import { listDeclaredPlanes } from '../support/control-planes.ts'
import { getHelmValues, getIstioOperator } from '../support/output.ts'
import { property } from '../support/property.ts'
import { bytes, millicores } from '../support/quantities.ts'

type ResourcesSpec = NonNullable<NonNullable<NonNullable<MeshSpec['istio']>['proxy']>['resources']>
type ReplicasSpec = NonNullable<NonNullable<NonNullable<MeshSpec['istio']>['controlPlane']>['replicas']>

/**
 * P2. istiod, the sidecars and the gateways have the resources that the spec declares, and each `min` is not
 * above its `max`.
 */
property(
  2,
  'resources and replicas are as declared and within their bounds, for istioctl and Helm alike',
  ['resources as declared', 'resources of which a part is declared', 'resources by default', 'a gateway'],
  (compilation, { spec: { istio = {} }, gateways, exits, crossings }, saw) => {
    const operator = getIstioOperator(compilation)
    const helm = getHelmValues(compilation)
    const { resources: controlPlane, replicas } = istio.controlPlane ?? {}

    const pilot = operator.components?.pilot?.k8s
    const ofIstiod = getResources(controlPlane, ['500m', '2000m'], ['512Mi', '2Gi'])
    assertResources(pilot?.resources, ofIstiod, 'istiod, by istioctl')
    assertResources(helm.istiod.resources, ofIstiod, 'istiod, by Helm')
    const scale = getReplicas(replicas, [1, 3])
    assertReplicas(pilot?.hpaSpec?.minReplicas, pilot?.hpaSpec?.maxReplicas, scale, 'istiod, by istioctl')
    assert.is(helm.istiod.autoscaleEnabled, true)
    assertReplicas(helm.istiod.autoscaleMin, helm.istiod.autoscaleMax, scale, 'istiod, by Helm')
    saw(getSight(controlPlane))

    const ofSidecar = getResources(istio.proxy?.resources, ['100m', '2000m'], ['128Mi', '1Gi'])
    assertResources(operator.values?.global?.proxy?.resources, ofSidecar, 'a sidecar, by istioctl')
    assertResources(helm.istiod.global?.proxy?.resources, ofSidecar, 'a sidecar, by Helm')
    saw(getSight(istio.proxy?.resources))

    const components = listDeclaredPlanes({ istio }).flatMap(
      ({ suffix }) => getIstioOperator(compilation, suffix).components?.ingressGateways ?? [],
    )
    const installed = [...gateways, ...exits, ...crossings].flatMap(({ workload, spec }) =>
      workload === undefined ? [] : { workload, spec },
    )
    assert.equal(components.map(({ name }) => name).sort(), installed.map(({ workload }) => workload).sort())
    for (const { workload, spec } of installed) {
      const component = components.find(({ name }) => name === workload)?.k8s
      const values = helm.gateway(workload)
      const ofGateway = getResources(spec.resources, ['100m', '2000m'], ['128Mi', '1Gi'])
      assertResources(component?.resources, ofGateway, `${workload}, by istioctl`)
      assertResources(values.resources, ofGateway, `${workload}, by Helm`)
      const scale = getReplicas(spec.replicas, [1, 5])
      const { minReplicas, maxReplicas } = component?.hpaSpec ?? {}
      assertReplicas(minReplicas, maxReplicas, scale, `${workload}, by istioctl`)
      const { enabled, minReplicas: min, maxReplicas: max } = values.autoscaling ?? {}
      assert.is(enabled, true)
      assertReplicas(min, max, scale, `${workload}, by Helm`)
      saw(getSight(spec.resources))
      saw('a gateway')
    }
  },
)

type Bounds<T> = readonly [low: T, high: T]

function getSight(resources: ResourcesSpec | undefined) {
  if (resources === undefined) return 'resources by default'
  const { requests = {}, limits = {} } = resources
  const isWhole = Object.keys({ ...requests }).length + Object.keys({ ...limits }).length === 4
  return isWhole ? 'resources as declared' : 'resources of which a part is declared'
}

function getResources(
  spec: ResourcesSpec | undefined,
  cpu: Bounds<string>,
  memory: Bounds<string>,
): Resources {
  const { requests, limits } = spec ?? {}
  const [minCpu, maxCpu] = between([requests?.cpu, limits?.cpu], cpu, millicores)
  const [minMemory, maxMemory] = between([requests?.memory, limits?.memory], memory, bytes)
  return { requests: { cpu: minCpu, memory: minMemory }, limits: { cpu: maxCpu, memory: maxMemory } }
}

const getReplicas = (spec: ReplicasSpec | undefined, defaults: Bounds<number>) =>
  between([spec?.min, spec?.max], defaults, count => count)

/**
 * Returns the declared bounds. If only one bound is declared, the default of the other bound is adjusted to
 * it.
 */
function between<T>(
  [low, high]: Bounds<T | undefined>,
  [least, most]: Bounds<T>,
  size: (value: T) => number,
): Bounds<T> {
  const isBelow = (a: T, b: T) => size(a) <= size(b)
  return [
    low ?? (high === undefined || isBelow(least, high) ? least : high),
    high ?? (low === undefined || isBelow(low, most) ? most : low),
  ]
}

function assertResources(actual: Resources | undefined, declared: Resources, whose: string): void {
  assert.equal(actual, declared, `the resources of ${whose}`)
  const { requests, limits } = actual!
  assert.ok(millicores(requests!.cpu!) <= millicores(limits!.cpu!), `the CPU of ${whose}`)
  assert.ok(bytes(requests!.memory!) <= bytes(limits!.memory!), `the memory of ${whose}`)
}

function assertReplicas(
  min: number | undefined,
  max: number | undefined,
  declared: Bounds<number>,
  whose: string,
): void {
  assert.equal([min, max], declared, `the replicas of ${whose}`)
  assert.ok(min! >= 1 && min! <= max!, `the replicas of ${whose} are in order`)
}
