import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { rootNamespace } from './declared.ts'
import { at, everyMesh, listAt, ofKind } from './subject.ts'

const p13 = suite('P13 tracing')

p13('P13: traces are sampled and sent as declared, and a line of the log can be tied to its trace', () =>
  everyMesh(({ spec, objects, operator }) => {
    const [telemetry, ...others] = ofKind(objects, 'Telemetry')
    assert.is(others.length, 0)
    assert.is(telemetry?.namespace, rootNamespace(spec))
    const [tracing, ...more] = listAt(telemetry?.spec, 'tracing')
    assert.is(more.length, 0)
    const said = spec.observability?.tracing
    const providers = listAt(operator, 'meshConfig', 'extensionProviders')
    if (said === undefined || said.provider === 'off') {
      assert.equal(tracing, { disableSpanReporting: true })
      assert.not.ok(providers.some(one => at(one, 'opentelemetry') ?? at(one, 'zipkin')))
      return
    }
    assert.is(at(tracing, 'randomSamplingPercentage'), Number.parseFloat(said.sampling ?? '1%'))
    const named = listAt(tracing, 'providers').map(one => at(one, 'name'))
    assert.is(named.length, 1)
    const [provider, ...sameName] = providers.filter(one => at(one, 'name') === named[0])
    assert.is(sameName.length, 0)
    const isZipkin = said.provider === 'zipkin'
    const collector = at(provider, isZipkin ? 'zipkin' : 'opentelemetry')
    const [host = '', port] = (said.collector ?? '').split(':')
    const [name, namespace] = host.split('.')
    assert.is(at(collector, 'service'), `${name}.${namespace}.svc.cluster.local`)
    assert.is(at(collector, 'port'), Number(port))
    assert.is(at(operator, 'meshConfig', 'enableTracing'), true)

    // W3C for OpenTelemetry; for Zipkin B3, and W3C beside it.
    if (isZipkin) assert.is(at(collector, 'traceContextOption'), 'USE_B3_WITH_W3C_PROPAGATION')
    if ((spec.observability?.accessLog ?? 'json') === 'json') {
      const log = providers.find(one => at(one, 'envoyFileAccessLog'))
      const fields = Object.values(at(log, 'envoyFileAccessLog', 'logFormat', 'labels') as object)
      for (const header of ['X-REQUEST-ID', 'TRACEPARENT', 'X-B3-TRACEID'])
        assert.ok(fields.includes(`%REQ(${header})%`), header)
    }
    // A proxy that does not know the collector drops its traces in silence.
    for (const { name, spec: sidecar } of ofKind(objects, 'Sidecar'))
      assert.ok(
        listAt(sidecar, 'egress', 0, 'hosts').includes(
          `${namespace}/${host.split('.')[0]}.${namespace}.svc.cluster.local`,
        ),
        name,
      )
  }),
)

p13.run()
