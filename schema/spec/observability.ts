import { z } from 'zod'
import { Address, Duration, Labels, Percent, Url } from './names.ts'
import { section } from './section.ts'
import { word, words } from './words.ts'

/** What the Prometheus operator is told. */
const Prometheus = z.union([
  word('off', 'There is no Prometheus operator: no monitors, alerts and records of objectives'),
  section({
    url: Url.meta({
      description: 'Where Prometheus answers',
      examples: ['http://prometheus-operated.monitoring:9090'],
    }),
    selectorLabels: Labels.meta({
      description: 'Labels that Prometheus selects monitors by',
      examples: [{ release: 'kube-prometheus-stack' }],
    }),
    interval: Duration.meta({ description: 'How often metrics are scraped', examples: ['15s'] }),
  }),
])

/** What the mesh tells about itself. */
export const Observability = section({
  accessLog: words({
    json: 'A line of JSON a request',
    text: 'A line of text a request',
    off: 'None',
  }).meta({ description: 'The form of the access log', examples: ['json'] }),
  tracing: section({
    provider: words({
      jaeger: 'Jaeger, over OpenTelemetry',
      opentelemetry: 'An OpenTelemetry collector',
      zipkin: 'Zipkin, or what speaks like it',
      off: 'Nobody: no traces',
    }).meta({
      description: 'Who collects traces; jaeger is spoken to over OpenTelemetry',
      examples: ['jaeger'],
    }),
    collector: Address.meta({
      description: 'Where the collector listens',
      examples: ['jaeger-collector.observability:4317'],
    }),
    sampling: Percent.meta({ description: 'The share of the requests that is traced', examples: ['1%'] }),
  }).meta({
    description: 'Distributed tracing',
    examples: [{ provider: 'jaeger', collector: 'jaeger-collector.observability:4317', sampling: '1%' }],
  }),
  prometheus: Prometheus.meta({
    description: 'Metrics: how the Prometheus operator finds what it scrapes, or `off` where there is none',
    examples: [{ selectorLabels: { release: 'kube-prometheus-stack' } }],
  }),
  kiali: section({
    grafana: Url.meta({ description: 'Where Grafana answers', examples: ['http://grafana.monitoring:3000'] }),
    tracing: Url.meta({
      description: 'Where the trace viewer answers',
      examples: ['http://jaeger-query.observability:16686'],
    }),
    login: words({
      token: 'Whoever has a token of the cluster',
      anonymous: 'Anyone who reaches it',
    }).meta({
      description: 'Who may look: whoever has a token of the cluster, or anyone',
      examples: ['token'],
    }),
  }).meta({
    description: 'Kiali, the picture of the mesh; it needs the `url` of Prometheus',
    examples: [{ grafana: 'http://grafana.monitoring:3000' }],
  }),
  links: section({
    runbooks: Url.meta({
      description:
        'Where the files of the repository are read, up to its root: alerts link to the runbook below it',
      examples: ['https://git.example.com/platform/mesh/src/branch/main'],
    }),
    grafana: Url.meta({
      description: 'Where people open Grafana',
      examples: ['https://grafana.example.com'],
    }),
    kiali: Url.meta({ description: 'Where people open Kiali', examples: ['https://kiali.example.com'] }),
    traces: Url.meta({
      description: 'Where people open the trace viewer',
      examples: ['https://jaeger.example.com'],
    }),
  }).meta({
    description: 'What people open in a browser: the runbook, alerts and Kiali link there',
    examples: [{ grafana: 'https://grafana.example.com' }],
  }),
  onCall: z
    .string()
    .min(1)
    .max(120)
    .regex(/^[!-~]([ -~]*[!-~])?$/)
    .meta({
      title: 'a contact',
      description: 'Whom to call about the mesh, and where: it stands on top of the runbook',
      examples: ['#mesh-oncall'],
    }),
}).meta({
  id: 'Observability',
  description: 'Access log, traces, metrics and the picture of the mesh, and where to look at them',
  examples: [{ accessLog: 'json' }],
})
