import { listInstalledGateways } from '../../mesh/installed-gateways.ts'
import type { InstalledGateway, Mesh } from '../../mesh/mesh.ts'
import { series } from '../prometheus/objective-alerts.ts'

/** Panels under a heading. */
interface Row {
  readonly title: string
  readonly panels: readonly Panel[]
}

/** Curves over time. */
export interface Panel {
  readonly title: string
  /** The description for readers. */
  readonly description: string
  /** The unit in which Grafana writes the values. */
  readonly unit: 'reqps' | 'percentunit' | 'ms' | 's' | 'short' | 'cps'
  /** True if values below 0 mean something. */
  readonly isSigned?: true
  readonly queries: readonly Query[]
}

interface Query {
  readonly expr: string
  /** A name for each curve, with the labels in it. */
  readonly legend: string
}

const chosen =
  'reporter="source",destination_service_namespace=~"$namespace",destination_service_name=~"$service"'
const byService = 'destination_service_name, destination_service_namespace'
const service = '{{destination_service_name}}.{{destination_service_namespace}}'
const makeRate = (metric: string, selector: string) => `rate(${metric}{${selector}}[$__rate_interval])`

/** A share of the requests. It is 0 instead of absent while no request is in the share. */
const makeShare = (by: string, selector: string, more: string) => {
  const all = `sum by (${by}) (${makeRate('istio_requests_total', selector)})`
  return `(sum by (${by}) (${makeRate('istio_requests_total', `${selector},${more}`)}) or 0 * ${all}) / ${all}`
}

/** A curve at 0 with such a label, so that a panel of faults shows zero faults, and not missing data. */
const makeZeroCurve = (selector: string, label: string) =>
  `label_replace(0 * sum(${makeRate('istio_requests_total', selector)}), "${label}", "none", "", "")`

/** Makes the rows of a mesh, the most important first. */
export function makeRows(mesh: Mesh, hasObjectives: boolean): readonly Row[] {
  const installed = listInstalledGateways(mesh)
  return [
    requests,
    ...(mesh.services.some(({ versions }) => versions.length > 1) ? [versions] : []),
    ...(hasObjectives ? [objectivesRow] : []),
    ...(installed.length === 0 ? [] : [gateways(installed)]),
    boundaries,
    makeControlPlaneRow(mesh),
  ]
}

const latency = (quantile: number): Panel => ({
  title: `Latency, p${quantile * 100}`,
  description: `All but ${100 - quantile * 100} of a hundred requests are answered faster, as their callers see it.`,
  unit: 'ms',
  queries: [
    {
      expr: `histogram_quantile(${quantile}, sum by (${byService}, le) (${makeRate('istio_request_duration_milliseconds_bucket', chosen)}))`,
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
      queries: [
        { expr: `sum by (${byService}) (${makeRate('istio_requests_total', chosen)})`, legend: service },
      ],
    },
    {
      title: 'Server errors',
      description: 'The share of the requests that get no answer, or a server error.',
      unit: 'percentunit',
      queries: [
        {
          expr: makeShare(byService, chosen, 'response_code=~"5.."'),
          legend: service,
        },
      ],
    },
    {
      title: 'Why requests fail',
      description:
        'The flags of Envoy: UH has no healthy instance or no caller that may, UO is a full connection pool, URX has no tries left.',
      unit: 'reqps',
      queries: [
        {
          expr: `sum by (response_flags) (${makeRate('istio_requests_total', `${chosen},response_flags!="-"`)}) or ${makeZeroCurve(chosen, 'response_flags')}`,
          legend: '{{response_flags}}',
        },
      ],
    },
    latency(0.5),
    latency(0.95),
    latency(0.99),
  ],
}

const byVersion = `${byService}, destination_version`
const ofVersion = `${chosen},destination_version!="unknown"`
const versionLegend = `${service} {{destination_version}}`

const versions: Row = {
  title: 'Versions',
  panels: [
    {
      title: 'Requests by version',
      description: 'By the label `version` of the pods that answer.',
      unit: 'reqps',
      queries: [
        {
          expr: `sum by (${byVersion}) (${makeRate('istio_requests_total', ofVersion)})`,
          legend: versionLegend,
        },
      ],
    },
    {
      title: 'Server errors by version',
      description: 'A canary that fails shows here before it shows in the errors of the whole service.',
      unit: 'percentunit',
      queries: [{ expr: makeShare(byVersion, ofVersion, 'response_code=~"5.."'), legend: versionLegend }],
    },
    {
      title: 'Latency by version, p99',
      description: 'All but one of a hundred requests are answered faster.',
      unit: 'ms',
      queries: [
        {
          expr: `histogram_quantile(0.99, sum by (${byVersion}, le) (${makeRate('istio_request_duration_milliseconds_bucket', ofVersion)}))`,
          legend: versionLegend,
        },
      ],
    },
  ],
}

const objectivesRow: Row = {
  title: 'Objectives',
  panels: [
    {
      title: 'Burn rate',
      description:
        'At 1 the budget is used up as fast as it fills; at 14.4 for an hour the alert for on-call fires.',
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

const unknownSelector =
  'reporter="source",destination_service_name=~"BlackHoleCluster|PassthroughCluster",source_workload_namespace=~"$namespace"'

function gateways(installed: readonly InstalledGateway[]): Row {
  const workloads = installed.map(({ workload }) => workload.value).join('|')
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
            expr: `sum by (source_workload, response_code) (${makeRate('istio_requests_total', here)})`,
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
            expr: makeShare('source_workload', here, 'response_code=~"5.."'),
            legend: '{{source_workload}}',
          },
        ],
      },
    ],
  }
}

const arrived = 'reporter="destination",destination_service_namespace=~"$namespace"'

const boundaries: Row = {
  title: 'Boundaries',
  panels: [
    {
      title: 'Requests over mTLS',
      description: 'The share of the requests whose caller has proved who it is.',
      unit: 'percentunit',
      queries: [
        {
          expr: makeShare(
            'destination_service_namespace',
            arrived,
            'connection_security_policy="mutual_tls"',
          ),
          legend: '{{destination_service_namespace}}',
        },
      ],
    },
    {
      title: 'Requests that a policy denies',
      description:
        'Counted by the filter of the proxy that asks the policies: no `allow` of the spec is about them, or they need a token and have none.',
      unit: 'reqps',
      queries: [
        {
          expr: `sum by (namespace, pod) (${makeRate('envoy_http_rbac', 'authz_enforce_result="denied",namespace=~"$namespace"')})`,
          legend: '{{pod}}.{{namespace}}',
        },
      ],
    },
    {
      title: 'Answers 401 and 403',
      description:
        'From policies, from the check of tokens and from services themselves, which metrics do not tell apart: what is more than the denied requests is not the policies\u2019.',
      unit: 'reqps',
      queries: [
        {
          expr: `sum by (source_workload, destination_service_name) (${makeRate('istio_requests_total', `${arrived},response_code=~"401|403"`)}) or ${makeZeroCurve(arrived, 'source_workload')}`,
          legend: '{{source_workload}} -> {{destination_service_name}}',
        },
      ],
    },
    {
      title: 'Undeclared calls',
      description:
        'Of a service of the mesh or a host outside, which the caller does not know: BlackHoleCluster is refused, PassthroughCluster let through.',
      unit: 'cps',
      queries: [
        {
          expr: `sum by (source_workload, destination_service_name) (${makeRate('istio_requests_total', unknownSelector)} or ${makeRate('istio_tcp_connections_opened_total', unknownSelector)}) or ${makeZeroCurve(arrived, 'source_workload')}`,
          legend: '{{source_workload}} -> {{destination_service_name}}',
        },
      ],
    },
  ],
}

function makeControlPlaneRow({ istio, namespaces }: Mesh): Row {
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
          expr: `histogram_quantile(${quantile}, sum by (le) (${makeRate('pilot_proxy_convergence_time_bucket', root)}))`,
          legend: `p${quantile * 100}`,
        })),
      },
      {
        title: 'Pushes',
        description: 'What istiod sends to proxies, and what they refuse.',
        unit: 'cps',
        queries: [
          { expr: `sum by (type) (${makeRate('pilot_xds_pushes', root)})`, legend: '{{type}}' },
          { expr: `sum(${makeRate('pilot_total_xds_rejects', root)})`, legend: 'rejected' },
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
