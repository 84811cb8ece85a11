import fc from 'fast-check'
import type { MeshFile } from '../../schema/spec/mesh.ts'
import { defined, durations, freeLabels, maybe, often, seldom } from './names.ts'

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

const prometheuses = fc.record(
  {
    url: fc.constantFrom('http://prometheus-operated.monitoring:9090', 'https://prometheus.example.com/shop'),
    selectorLabels: fc.oneof(fc.constant({ release: 'kube-prometheus-stack' }), freeLabels),
    interval: durations(5000, 120_000),
  },
  { requiredKeys: [] },
)

export const observabilities = fc
  .record({
    accessLog: maybe(fc.constantFrom('json', 'text', 'off')),
    tracing: often(tracings),
    prometheus: maybe(
      fc.oneof({ weight: 1, arbitrary: fc.constant('off' as const) }, { weight: 4, arbitrary: prometheuses }),
    ),
    links: maybe(
      fc.record(
        {
          runbooks: fc.constantFrom(
            'https://git.example.com/platform/mesh/src/branch/main',
            'https://git.example.com/mesh/',
          ),
          grafana: fc.constantFrom('https://grafana.example.com', 'https://example.com/grafana/'),
          kiali: fc.constant('https://kiali.example.com'),
          traces: fc.constant('https://jaeger.example.com/search?service=web&limit=20'),
        },
        { requiredKeys: [] },
      ),
    ),
    onCall: maybe(fc.constantFrom('#mesh-oncall', 'mesh@example.com, or +49 30 1234567')),
    grafana: seldom(
      fc.oneof(
        { weight: 1, arbitrary: fc.constant('off' as const) },
        {
          weight: 2,
          arbitrary: fc.record(
            {
              labels: fc.oneof(fc.constant({ 'grafana.example.com/dashboard': 'yes' }), freeLabels),
              folder: fc.constantFrom('Service mesh', 'team\'s: "{{ x }}"'),
            },
            { requiredKeys: [] },
          ),
        },
      ),
    ),
    kiali: maybe(
      fc.record(
        {
          grafana: fc.constant('http://grafana.monitoring:3000'),
          tracing: fc.constantFrom(
            'http://jaeger-query.observability:16686',
            'http://jaeger-query.observability:16685',
          ),
          login: fc.constantFrom('token', 'anonymous'),
        },
        { requiredKeys: [] },
      ),
    ),
  })
  .map(({ prometheus, kiali, ...rest }) => {
    if (prometheus === 'off' || kiali === undefined)
      return defined({ ...rest, prometheus, kiali: prometheus === 'off' ? undefined : kiali })
    // Kiali shows the data of Prometheus.
    const url = 'http://prometheus-operated.monitoring:9090'
    return defined({ ...rest, kiali, prometheus: { url, ...prometheus } })
  })

type Observability = NonNullable<MeshFile['observability']>

/** Makes Kiali ask for a login, unless the mesh accepts plaintext. */
export function loggedIn(
  observability: Observability | undefined,
  mtls: MeshFile['mtls'],
): Observability | undefined {
  const { kiali, ...rest } = observability ?? {}
  if (mtls === 'permissive' || kiali?.login !== 'anonymous') return observability
  return { ...rest, kiali: { ...kiali, login: 'token' } }
}
