import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { milliseconds, namespacesOf, rootNamespace, servicesOf } from './declared.ts'
import { at, entriesAt, everyMesh, listAt, ofKind } from './subject.ts'

const p12 = suite('P12 metrics')

p12('P12: the proxy of every workload and istiod are scraped, by monitors that Prometheus finds', () =>
  everyMesh(({ spec, objects }) => {
    const { selectorLabels = {}, interval = '15s' } = spec.observability?.prometheus ?? {}
    const [pods, ...otherPods] = ofKind(objects, 'PodMonitor')
    const [istiod, ...otherServices] = ofKind(objects, 'ServiceMonitor')
    assert.is(otherPods.length + otherServices.length, 0)

    const scraped = listAt(pods?.spec, 'namespaceSelector', 'matchNames')
    assert.equal(scraped.toSorted(), namespacesOf(spec).toSorted())
    assert.equal(listAt(pods?.spec, 'selector', 'matchExpressions'), [
      { key: 'istio-prometheus-ignore', operator: 'DoesNotExist' },
    ])
    for (const { key, selector } of servicesOf(spec))
      assert.not.ok(Object.hasOwn(selector, 'istio-prometheus-ignore'), key)
    // The port that Istio gives to the metrics of every proxy, which takes no part in mTLS.
    const [endpoint] = listAt(pods?.spec, 'podMetricsEndpoints')
    assert.is(at(endpoint, 'port'), 'http-envoy-prom')
    assert.is(at(endpoint, 'path'), '/stats/prometheus')

    assert.equal(listAt(istiod?.spec, 'namespaceSelector', 'matchNames'), [rootNamespace(spec)])
    assert.is(at(istiod?.spec, 'endpoints', 0, 'port'), 'http-monitoring')
    for (const one of [endpoint, at(istiod?.spec, 'endpoints', 0)])
      assert.is(milliseconds(at(one, 'interval')), milliseconds(interval))
    for (const monitor of [pods, istiod])
      for (const [key, value] of entriesAt(selectorLabels))
        assert.is(at(monitor?.object, 'metadata', 'labels', key), value)
  }),
)

p12.run()
