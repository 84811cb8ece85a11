import * as assert from 'uvu/assert'
import type { LabelSelector } from '../../schema/generated/monitoring-types.ts'
import { getMeshConfigs, listObjects } from '../support/output.ts'
import { property } from '../support/property.ts'
import { milliseconds } from '../support/quantities.ts'

type Labels = Readonly<Record<string, string>>

/** P12. Prometheus reads the metrics of each workload's proxy, of each gateway and of istiod. */
property(
  12,
  'the metrics of every workload are scraped, by monitors that Prometheus finds, where it has an operator',
  [
    'a workload',
    'a version of a workload',
    'a gateway',
    'labels that Prometheus selects by',
    'an interval as declared',
    'no operator',
  ],
  (compilation, { spec, root, services, gateways }, saw) => {
    const prometheus = spec.observability?.prometheus ?? {}
    const [telemetry] = listObjects(compilation, 'Telemetry')
    assert.equal(telemetry?.spec.metrics, [{ providers: [{ name: 'prometheus' }] }])
    for (const [who, { defaultProviders }] of getMeshConfigs(compilation))
      assert.equal(
        defaultProviders?.metrics,
        ['prometheus'],
        `metrics are kept for Prometheus, installed by ${who}`,
      )

    if (prometheus === 'off') {
      saw('no operator')
      for (const { path, text } of compilation.files()) {
        assert.not.match(path, /^prometheus\//)
        assert.not.match(
          text,
          /monitoring\.coreos\.com|PodMonitor|ServiceMonitor|PrometheusRule|promtool/,
          path,
        )
      }
      return
    }
    const { selectorLabels = {}, interval = '15s' } = prometheus
    const [pods, ...morePods] = listObjects(compilation, 'PodMonitor')
    const [istiod, ...moreServices] = listObjects(compilation, 'ServiceMonitor')
    assert.ok(
      pods && istiod && morePods.length + moreServices.length === 0,
      'there is one monitor of each kind',
    )

    const workloads: { readonly namespace: string; readonly labels: Labels }[] = []
    for (const { namespace, labels, versions } of services) {
      const variants = Object.values(versions)
      for (const variant of variants) workloads.push({ namespace, labels: { ...labels, ...variant } })
      if (variants.length === 0) workloads.push({ namespace, labels })
      saw(variants.length === 0 ? 'a workload' : 'a version of a workload')
    }
    for (const { namespace, labels, spec } of gateways) {
      workloads.push({ namespace, labels: { ...labels, ...spec.labels } })
      saw('a gateway')
    }
    const { namespaceSelector, selector, podMetricsEndpoints } = pods.spec
    for (const { namespace, labels } of workloads) {
      assert.ok(namespaceSelector?.matchNames?.includes(namespace), `pods of ${namespace} are scraped`)
      assert.ok(selects(selector, labels), `pods with ${JSON.stringify(labels)} are scraped`)
    }
    const [endpoint, ...podEndpoints] = podMetricsEndpoints
    assert.ok(endpoint && podEndpoints.length === 0, 'of a pod, one port is scraped')
    // The proxy's name for its metrics port, which does not use mTLS.
    assert.is(endpoint.port, 'http-envoy-prom')
    assert.is(endpoint.path, '/stats/prometheus')
    const kept = endpoint.relabelings?.filter(({ action }) => action === 'keep' || action === 'drop')
    assert.equal(
      kept?.map(({ sourceLabels, regex }) => [...sourceLabels!, regex]),
      [['__meta_kubernetes_pod_container_name', 'istio-proxy']],
      'of the containers, the proxy is scraped',
    )

    assert.equal(istiod.spec.namespaceSelector, { matchNames: [root] })
    assert.ok(
      selects(istiod.spec.selector, { app: 'istiod', istio: 'pilot' }),
      'the Service of istiod is scraped',
    )
    assert.equal(
      istiod.spec.endpoints.map(({ port }) => port),
      ['http-monitoring'],
    )

    for (const { name, labels } of [pods, istiod]) {
      const result = Object.fromEntries(
        Object.entries(labels).filter(([key]) => Object.hasOwn(selectorLabels, key)),
      )
      assert.equal(result, selectorLabels, `Prometheus finds ${name}`)
    }
    if (Object.keys(selectorLabels).length > 0) saw('labels that Prometheus selects by')
    for (const first of [endpoint, ...istiod.spec.endpoints])
      assert.is(milliseconds(first.interval!), milliseconds(interval))
    if (prometheus.interval !== undefined) saw('an interval as declared')
  },
)

/** See https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#resources-that-support-set-based-requirements */
function selects({ matchLabels = {}, matchExpressions = [] }: LabelSelector, labels: Labels): boolean {
  const isEqual = Object.entries(matchLabels).every(([key, value]) => labels[key] === value)
  return isEqual && matchExpressions.every(expression => holdsOf[expression.operator](expression, labels))
}

type Expression = NonNullable<LabelSelector['matchExpressions']>[number]

const holdsOf: Readonly<Record<Expression['operator'], (expression: Expression, labels: Labels) => boolean>> =
  {
    In: ({ key, values }, labels) => Object.hasOwn(labels, key) && values!.includes(labels[key]!),
    NotIn: (expression, labels) => !holdsOf.In(expression, labels),
    Exists: ({ key }, labels) => Object.hasOwn(labels, key),
    DoesNotExist: ({ key }, labels) => !Object.hasOwn(labels, key),
  }
