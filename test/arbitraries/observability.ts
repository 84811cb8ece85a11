import fc from 'fast-check'
import { defined, durations, freeLabels, maybe, often } from './names.ts'

const collectors = fc.constantFrom(
  'jaeger-collector.observability:4317',
  'otel.telemetry.svc.cluster.local:4317',
  'zipkin.observability:9411',
)

const samplings = fc
  .oneof(
    fc.constantFrom(0, 0.01, 0.1, 1, 10, 12.5, 99.99, 100),
    fc.integer({ min: 0, max: 10_000 }).map(share => share / 100),
  )
  .map(percent => `${percent}%`)

const tracings = fc.oneof(
  { weight: 1, arbitrary: fc.record({ provider: fc.constant('off' as const) }) },
  {
    weight: 3,
    arbitrary: fc
      .record({
        provider: often(fc.constantFrom('jaeger', 'opentelemetry', 'zipkin')),
        collector: collectors,
        sampling: maybe(samplings),
      })
      .map(({ collector, ...rest }) => ({ collector, ...defined(rest) })),
  },
)

export const observabilities = fc
  .record({
    accessLog: maybe(fc.constantFrom('json', 'text', 'off')),
    tracing: often(tracings),
    prometheus: maybe(
      fc.record(
        {
          url: fc.constantFrom(
            'http://prometheus-operated.monitoring:9090',
            'https://prometheus.example.com/shop',
          ),
          selectorLabels: fc.oneof(fc.constant({ release: 'kube-prometheus-stack' }), freeLabels),
          interval: durations(5000, 120_000),
        },
        { requiredKeys: [] },
      ),
    ),
    kiali: maybe(
      fc.record(
        {
          grafana: fc.constant('http://grafana.monitoring:3000'),
          tracing: fc.constant('http://jaeger-query.observability:16686'),
        },
        { requiredKeys: [] },
      ),
    ),
  })
  .map(fields => defined(fields))
