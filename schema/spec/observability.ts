import { z } from 'zod'
import { Address, Duration, Labels, Percent, Url } from './names.ts'
import { defineSection } from './section.ts'
import { defineWord, defineWords } from './words.ts'

/** The settings for the Prometheus operator. */
const Prometheus = z.union([
  defineWord(
    'off',
    'The cluster has no Prometheus operator: meshc writes no monitors, alerts or recorded series',
  ),
  defineSection({
    url: Url.meta({
      description: 'The URL of Prometheus',
      examples: ['http://prometheus-operated.monitoring:9090'],
    }),
    selectorLabels: Labels.meta({
      description: 'The labels by which Prometheus selects monitors and rules',
      examples: [{ release: 'kube-prometheus-stack' }],
    }),
    interval: Duration.meta({ description: 'The time between two scrapes of metrics', examples: ['15s'] }),
  }),
])

/** The settings for the dashboard in Grafana. */
const Grafana = z.union([
  defineWord('off', 'The cluster has no Grafana that reads ConfigMaps: meshc writes no dashboard'),
  defineSection({
    labels: Labels.meta({
      description: 'The labels by which the sidecar of Grafana selects dashboards',
      examples: [{ dashboard: 'mesh' }],
    }),
    folder: z
      .string()
      .regex(/^[ -~]{1,120}$/)
      .meta({
        title: 'the name of a folder',
        description: 'The folder of the dashboard in Grafana (annotation `grafana_folder`)',
        examples: ['Service mesh'],
      }),
  }),
])

/** The logs, metrics and traces of the mesh. */
export const Observability = defineSection({
  accessLog: defineWords({
    json: 'One line of JSON for each request',
    text: 'One line of text for each request',
    off: 'No access log',
  }).meta({ description: 'The format of the access log', examples: ['json'], 'x-topics': [] }),
  tracing: defineSection({
    provider: defineWords({
      jaeger: 'Jaeger, over OpenTelemetry',
      opentelemetry: 'An OpenTelemetry collector',
      zipkin: 'Zipkin, or a collector that speaks its protocol',
      off: 'No traces',
    }).meta({
      description: 'The trace collector; Jaeger receives traces over OpenTelemetry',
      examples: ['jaeger'],
    }),
    collector: Address.meta({
      description: 'The host and port of the collector',
      examples: ['jaeger-collector.observability:4317'],
    }),
    sampling: Percent.meta({ description: 'The share of the requests that proxies trace', examples: ['1%'] }),
  }).meta({
    description: 'Distributed tracing',
    examples: [{ provider: 'jaeger', collector: 'jaeger-collector.observability:4317', sampling: '1%' }],
    'x-topics': [],
  }),
  prometheus: Prometheus.meta({
    description:
      'Metrics and alerts: the settings for the Prometheus operator, or `off` if the cluster has none',
    examples: [{ selectorLabels: { release: 'kube-prometheus-stack' } }],
    'x-topics': ['kiali'],
  }),
  grafana: Grafana.meta({
    description: 'The dashboard of the mesh in Grafana, or `off` if the cluster has no Grafana',
    examples: [{ folder: 'Service mesh' }],
    'x-topics': [],
  }),
  kiali: defineSection({
    grafana: Url.meta({
      description: 'The URL of Grafana inside the cluster',
      examples: ['http://grafana.monitoring:3000'],
    }),
    tracing: Url.meta({
      description: 'The URL of the trace viewer inside the cluster',
      examples: ['http://jaeger-query.observability:16686'],
    }),
    login: defineWords({
      token: 'Users log in with a token of the cluster',
      anonymous: 'Everyone who can reach Kiali may use it',
    }).meta({
      description: 'The login of Kiali: a token of the cluster (`token`), or no login (`anonymous`)',
      examples: ['token'],
    }),
  }).meta({
    description: 'Kiali, which shows the mesh; it needs `observability.prometheus.url`',
    examples: [{ grafana: 'http://grafana.monitoring:3000' }],
    'x-topics': ['kiali'],
  }),
  links: defineSection({
    runbooks: Url.meta({
      description: 'The URL of the root of the repository in a browser; alerts link to the runbook below it',
      examples: ['https://git.example.com/platform/mesh/src/branch/main'],
    }),
    grafana: Url.meta({
      description: 'The URL of Grafana in a browser',
      examples: ['https://grafana.example.com'],
    }),
    kiali: Url.meta({
      description: 'The URL of Kiali in a browser',
      examples: ['https://kiali.example.com'],
    }),
    traces: Url.meta({
      description: 'The URL of the trace viewer in a browser',
      examples: ['https://jaeger.example.com'],
    }),
  }).meta({
    description: 'URLs for a browser; the runbook, alerts and Kiali link to them',
    examples: [{ grafana: 'https://grafana.example.com' }],
    'x-topics': 'all',
  }),
  onCall: z
    .string()
    .min(1)
    .max(120)
    .regex(/^[!-~]([ -~]*[!-~])?$/)
    .meta({
      title: 'a contact',
      description: 'The on-call contact for the mesh, at the beginning of the runbook',
      examples: ['#mesh-oncall'],
      'x-topics': 'all',
    }),
}).meta({
  id: 'Observability',
  description: 'Access log, traces, metrics and Kiali, and the links to them',
  examples: [{ accessLog: 'json' }],
})
