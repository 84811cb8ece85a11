import * as assert from 'uvu/assert'
import type { Declared } from '../support/declared.ts'
import { getMeshConfigs, listObjects } from '../support/output.ts'
import { property } from '../support/property.ts'
import { percent } from '../support/quantities.ts'

/**
 * P13. The declared share of requests is traced, by the declared collector, with headers that keep a trace
 * together.
 */
property(
  13,
  'sampling, provider and headers of traces are as declared, for istioctl and Helm alike',
  [
    'traces over OpenTelemetry',
    'traces in the words of Zipkin',
    'no traces',
    'sampling as declared',
    'sampling by default',
    'a line of the log with its trace',
  ],
  (compilation, { spec, root }, saw) => {
    const [telemetry, ...sameNamed] = listObjects(compilation, 'Telemetry')
    assert.ok(telemetry?.namespace === root && sameNamed.length === 0, 'one Telemetry speaks for the mesh')
    const { tracing: traced, accessLog = 'json' } = spec.observability ?? {}
    const configs = getMeshConfigs(compilation)
    const tracers = configs.map(([who, { extensionProviders = [], enableTracing }]) => {
      const tracers = extensionProviders.filter(({ opentelemetry, zipkin }) => opentelemetry ?? zipkin)
      return { who, tracers, extensionProviders, enableTracing }
    })

    if (traced?.collector === undefined || traced.provider === 'off') {
      assert.equal(telemetry.spec.tracing, [{ disableSpanReporting: true }])
      for (const { who, tracers: foundExtensionProviders } of tracers)
        assert.equal(foundExtensionProviders, [], `there is no collector, installed by ${who}`)
      saw('no traces')
      return
    }
    const { provider = 'jaeger', sampling = '1%' } = traced
    assert.equal(telemetry.spec.tracing, [
      { providers: [{ name: provider }], randomSamplingPercentage: percent(sampling) },
    ])
    saw(traced.sampling === undefined ? 'sampling by default' : 'sampling as declared')

    const collector = getCollector(traced.collector)
    const { service, port } = collector
    // OpenTelemetry uses W3C's headers. Zipkin uses B3 headers, and services that forward W3C's headers keep
    // their trace.
    const result =
      provider === 'zipkin'
        ? {
            zipkin: {
              service,
              port,
              enable64bitTraceId: false,
              traceContextOption: 'USE_B3_WITH_W3C_PROPAGATION',
            },
          }
        : { opentelemetry: { service, port } }
    saw(provider === 'zipkin' ? 'traces in the words of Zipkin' : 'traces over OpenTelemetry')
    for (const { who, tracers: defined, extensionProviders, enableTracing } of tracers) {
      assert.equal(defined, [{ name: provider, ...result }], `the collector, installed by ${who}`)
      assert.is(
        extensionProviders.filter(({ name }) => name === provider).length,
        1,
        `${provider} is one name`,
      )
      assert.is(enableTracing, true, `traces are on, installed by ${who}`)
      if (accessLog !== 'json') continue
      const log = extensionProviders.find(({ envoyFileAccessLog }) => envoyFileAccessLog)
      const fields = Object.values(log?.envoyFileAccessLog?.logFormat?.labels ?? {})
      for (const header of ['X-REQUEST-ID', 'TRACEPARENT', 'X-B3-TRACEID'])
        assert.ok(fields.includes(`%REQ(${header})%`), `a line of the log has ${header}, installed by ${who}`)
      saw('a line of the log with its trace')
    }
    assertReachable(compilation, collector)
  },
)

type Compilation = Parameters<typeof listObjects>[0]
type Collector = ReturnType<typeof getCollector>

/** Finds the Service of the cluster that an address names: `service.namespace`, or a longer form. */
function getCollector(
  address: NonNullable<NonNullable<NonNullable<Declared['spec']['observability']>['tracing']>['collector']>,
) {
  const [host, port] = address.split(':') as [string, string]
  const [service, namespace] = host.split('.')
  return { service: `${service}.${namespace}.svc.cluster.local`, namespace, port: Number(port) }
}

/**
 * Asserts that proxies know the collector. A proxy that does not know it drops its traces without an error.
 */
function assertReachable(compilation: Compilation, { service, namespace }: Collector): void {
  for (const { name, spec } of listObjects(compilation, 'Sidecar')) {
    const hosts = spec.egress?.flatMap(({ hosts }) => hosts)
    assert.ok(hosts?.includes(`${namespace}/${service}`), `the proxy of ${name} knows the collector`)
  }
}
