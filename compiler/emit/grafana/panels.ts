import type { Mesh } from '../../mesh/mesh.ts'
import { series } from '../prometheus/objective-alerts.ts'

/** Panels under a heading. */
export interface Row {
  readonly title: string
  readonly panels: readonly Panel[]
}

/** Curves over time. */
export interface Panel {
  readonly title: string
  /** What a reader should know of it. */
  readonly description: string
  /** How Grafana writes the values. */
  readonly unit: 'reqps' | 'percentunit' | 'ms' | 's' | 'short' | 'cps'
  /** Whether values below 0 mean something. */
  readonly isSigned?: true
  readonly queries: readonly Query[]
}

export interface Query {
  readonly expr: string
  /** A name for each curve, with the labels in it. */
  readonly legend: string
}

const chosen =
  'reporter="source",destination_service_namespace=~"$namespace",destination_service_name=~"$service"'
const byService = 'destination_service_name, destination_service_namespace'
const service = '{{destination_service_name}}.{{destination_service_namespace}}'
const rate = (metric: string, selector: string) => `rate(${metric}{${selector}}[$__rate_interval])`

/** What there is to see of a mesh, the most important first. */
export function rows(mesh: Mesh, hasObjectives: boolean): readonly Row[] {
  return [
    requests,
    ...(hasObjectives ? [objectives] : []),
    ...(mesh.gateways.length === 0 ? [] : [gateways(mesh)]),
    boundaries,
    controlPlane(mesh),
  ]
}

const latency = (quantile: number): Panel => ({
  title: `Latency, p${quantile * 100}`,
  description: `All but ${100 - quantile * 100} of a hundred requests are answered faster, as their callers see it.`,
  unit: 'ms',
  queries: [
    {
      expr: `histogram_quantile(${quantile}, sum by (${byService}, le) (${rate('istio_request_duration_milliseconds_bucket', chosen)}))`,
      legend: service,
    },
  ],
})

const requests: Row = {
  title: 'Requests',
  panels: [
    {
      title: 'Requests',
      description: 'As the callers count them.',
      unit: 'reqps',
      queries: [{ expr: `sum by (${byService}) (${rate('istio_requests_total', chosen)})`, legend: service }],
    },
    {
      title: 'Server errors',
      description: 'The share of the requests that get no answer, or a server error.',
      unit: 'percentunit',
      queries: [
        {
          expr: `sum by (${byService}) (${rate('istio_requests_total', `${chosen},response_code=~"5.."`)}) / sum by (${byService}) (${rate('istio_requests_total', chosen)})`,
          legend: service,
        },
      ],
    },
    {
      title: 'Why requests fail',
      description:
        'The flags of Envoy: UH has no healthy instance, UO is a full connection pool, URX has no tries left.',
      unit: 'reqps',
      queries: [
        {
          expr: `sum by (response_flags) (${rate('istio_requests_total', `${chosen},response_flags!="-"`)})`,
          legend: '{{response_flags}}',
        },
      ],
    },
    latency(0.5),
    latency(0.95),
    latency(0.99),
  ],
}

const objectives: Row = {
  title: 'Objectives',
  panels: [
    {
      title: 'Burn rate',
      description: 'At 1 the budget is used up as fast as it fills; at 14.4 for an hour somebody is woken.',
      unit: 'short',
      queries: [
        {
          expr: `mesh:objective_missed:ratio_rate1h{namespace=~"$namespace",service=~"$service"} / ${series.budget}`,
          legend: '{{service}}.{{namespace}} {{objective}}',
        },
      ],
    },
    {
      title: 'Budget left of three days',
      description:
        'What may still miss the objective, of all that may within three days. Below 0 the objective is missed.',
      unit: 'percentunit',
      isSigned: true,
      queries: [
        {
          expr: `1 - mesh:objective_missed:ratio_rate3d{namespace=~"$namespace",service=~"$service"} / ${series.budget}`,
          legend: '{{service}}.{{namespace}} {{objective}}',
        },
      ],
    },
  ],
}

const unknown =
  'reporter="source",destination_service_name=~"BlackHoleCluster|PassthroughCluster",source_workload_namespace=~"$namespace"'

function gateways({ gateways }: Mesh): Row {
  const workloads = gateways.map(({ workload }) => workload.value).join('|')
  const here = `reporter="source",source_workload=~"${workloads}"`
  return {
    title: 'Gateways',
    panels: [
      {
        title: 'Requests from outside',
        description: 'By what they are answered with.',
        unit: 'reqps',
        queries: [
          {
            expr: `sum by (source_workload, response_code) (${rate('istio_requests_total', here)})`,
            legend: '{{source_workload}} {{response_code}}',
          },
        ],
      },
      {
        title: 'Server errors to the outside',
        description: 'The share of the requests from outside that get a server error.',
        unit: 'percentunit',
        queries: [
          {
            expr: `sum by (source_workload) (${rate('istio_requests_total', `${here},response_code=~"5.."`)}) / sum by (source_workload) (${rate('istio_requests_total', here)})`,
            legend: '{{source_workload}}',
          },
        ],
      },
    ],
  }
}

const boundaries: Row = {
  title: 'Boundaries',
  panels: [
    {
      title: 'Requests over mTLS',
      description: 'The share of the requests whose caller has proved who it is.',
      unit: 'percentunit',
      queries: [
        {
          expr: `sum by (destination_service_namespace) (${rate('istio_requests_total', 'reporter="destination",connection_security_policy="mutual_tls",destination_service_namespace=~"$namespace"')}) / sum by (destination_service_namespace) (${rate('istio_requests_total', 'reporter="destination",destination_service_namespace=~"$namespace"')})`,
          legend: '{{destination_service_namespace}}',
        },
      ],
    },
    {
      title: 'Denied requests',
      description: 'Requests that no `allow` of the spec is about, or whose token is missing or wrong.',
      unit: 'reqps',
      queries: [
        {
          expr: `sum by (source_workload, destination_service_name) (${rate('istio_requests_total', 'reporter="destination",response_code=~"401|403",destination_service_namespace=~"$namespace"')})`,
          legend: '{{source_workload}} -> {{destination_service_name}}',
        },
      ],
    },
    {
      title: 'Calls to unknown hosts',
      description: 'BlackHoleCluster is a call that is refused, PassthroughCluster one that is let through.',
      unit: 'cps',
      queries: [
        {
          expr: `sum by (source_workload, destination_service_name) (${rate('istio_requests_total', unknown)} or ${rate('istio_tcp_connections_opened_total', unknown)})`,
          legend: '{{source_workload}} -> {{destination_service_name}}',
        },
      ],
    },
  ],
}

function controlPlane({ istio, namespaces }: Mesh): Row {
  const root = `namespace="${istio.namespace.value}"`
  const proxies = `component="proxy",namespace=~"${namespaces.map(({ name }) => name.value).join('|')}"`
  return {
    title: 'Control plane',
    panels: [
      {
        title: 'Connected proxies',
        description: 'By the istiod that they are connected to.',
        unit: 'short',
        queries: [{ expr: `sum by (pod) (pilot_xds{${root}})`, legend: '{{pod}}' }],
      },
      {
        title: 'Time until proxies know of a change',
        description: 'Half of the changes, and all but one of a hundred.',
        unit: 's',
        queries: [0.5, 0.99].map(quantile => ({
          expr: `histogram_quantile(${quantile}, sum by (le) (${rate('pilot_proxy_convergence_time_bucket', root)}))`,
          legend: `p${quantile * 100}`,
        })),
      },
      {
        title: 'Pushes',
        description: 'What istiod sends to proxies, and what they refuse.',
        unit: 'cps',
        queries: [
          { expr: `sum by (type) (${rate('pilot_xds_pushes', root)})`, legend: '{{type}}' },
          { expr: `sum(${rate('pilot_total_xds_rejects', root)})`, legend: 'rejected' },
        ],
      },
      {
        title: 'Versions of the proxies',
        description: 'During an upgrade there are two.',
        unit: 'short',
        queries: [{ expr: `sum by (tag) (istio_build{${proxies}})`, legend: '{{tag}}' }],
      },
    ],
  }
}
