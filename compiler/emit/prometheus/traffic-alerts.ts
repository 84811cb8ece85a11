import type { Mesh } from '../../mesh/mesh.ts'
import { because, type Sourced, text } from '../../mesh/sourced.ts'
import { makeGrowingSeries, makeSteadySeries, type ProvenAlert } from './alert.ts'
import { listComparedServices, listVersionLabels } from './compared-services.ts'
import { listHomes, matchNamespaces } from './namespace-lists.ts'

/** Makes the alerts for traffic that mTLS and egress forbid, and for a version of a service that is worse than another. */
export const makeTrafficAlerts = (mesh: Mesh): readonly ProvenAlert[] => [
  ...plainText(mesh),
  ...egressBlocked(mesh),
  ...versionFailsMore(mesh),
]

/** Strict mTLS refuses plain text: plain text means that an operator has removed the policy. */
function plainText(mesh: Mesh): readonly ProvenAlert[] {
  const strict = listHomes(mesh).filter(({ mtls }) => mtls.value === 'strict')
  const first = strict[0]?.name
  if (first === undefined) return []
  const excepted = mesh.services
    .filter(({ ports }) => ports.some(({ mtls }) => mtls !== undefined))
    .map(({ host, ports }) => because(host, ...ports.flatMap(({ mtls }) => mtls ?? [])))
  const names = matchNamespaces(mesh, strict)
  const modes = listHomes(mesh).map(({ mtls }) => mtls)
  const but =
    excepted.length === 0
      ? ''
      : text`,destination_service!~"${because(excepted.map(escapeDots).join('|'), ...excepted)}"`
  const requests = (policy: string) =>
    `istio_requests_total{reporter="destination",connection_security_policy="${policy}",destination_workload="checked",destination_workload_namespace="${first.value}",destination_service="checked"}`
  return [
    {
      name: 'PlainTextAccepted',
      severity: 'critical',
      expr: text`sum by (destination_workload, destination_workload_namespace) (rate(istio_requests_total{reporter="destination",connection_security_policy="none",destination_workload_namespace=~"${names}"${but}}[5m])) > 0`,
      minutes: 5,
      summary: ({ label }) => `${label('destination_workload')} takes requests in plain text`,
      description: ({ label }) =>
        `mTLS is strict in ${label('destination_workload_namespace')}, and ${label('destination_workload')} answers callers that have no identity.`,
      reasons: [...modes, names],
      proof: {
        firing: [makeGrowingSeries(requests('none'), 1)],
        labels: { destination_workload: 'checked', destination_workload_namespace: first.value },
        quiet: [makeGrowingSeries(requests('mutual_tls'), 1), makeSteadySeries(requests('none'), 5)],
      },
    },
  ]
}

/** A dot of a host name means itself. */
const escapeDots = ({ value }: Sourced<string>) => value.replaceAll('.', '\\\\.')

function egressBlocked(mesh: Mesh): readonly ProvenAlert[] {
  const { egress, sidecarScope } = mesh
  const missing =
    sidecarScope.value === 'declared'
      ? 'a service whose allow does not name it, or an undeclared external host'
      : 'an undeclared external host'
  const first = listHomes(mesh)[0]?.name
  if (egress.value !== 'registry-only' || first === undefined) return []
  const names = matchNamespaces(mesh, listHomes(mesh))
  const selector = text`source_workload_namespace=~"${names}",destination_service_name="BlackHoleCluster"`
  const series = (metric: string, destination: string) =>
    `${metric}{reporter="source",source_workload="checked",source_workload_namespace="${first.value}",destination_service_name="${destination}"}`
  return [
    {
      name: 'EgressBlocked',
      severity: 'warning',
      expr: text`sum by (source_workload, source_workload_namespace) (rate(istio_requests_total{reporter="source",${selector}}[5m]) or rate(istio_tcp_connections_opened_total{reporter="source",${selector}}[5m])) > 0`,
      minutes: 5,
      summary: ({ label }) => `${label('source_workload')} calls what it may not`,
      description: ({ label }) =>
        `${label('source_workload')} in ${label('source_workload_namespace')} calls ${missing}: each call is reset, or answered with 502.`,
      reasons: [egress, sidecarScope, names],
      proof: {
        firing: [makeGrowingSeries(series('istio_tcp_connections_opened_total', 'BlackHoleCluster'), 1)],
        labels: { source_workload: 'checked', source_workload_namespace: first.value },
        quiet: [
          makeSteadySeries(series('istio_requests_total', 'BlackHoleCluster'), 5),
          makeGrowingSeries(series('istio_requests_total', 'known.example.com'), 60),
        ],
      },
    },
  ]
}

/** A canary has a small share, so the errors of all versions together do not show its errors: each version is compared with the best. */
function versionFailsMore(mesh: Mesh): readonly ProvenAlert[] {
  const compared = listComparedServices(mesh)
  const [first] = compared
  if (first === undefined) return []
  // Other labels of its versions would bring in a service that is left out.
  const labels = mesh.services
    .filter(({ versions }) => versions.length > 1)
    .flatMap(({ versions }) => versions.flatMap(({ labels }) => labels.map(([, value]) => value)))
  const protocols = compared.flatMap(({ ports }) => ports.map(({ protocol }) => protocol))
  const hosts = because(
    compared.map(({ host }) => escapeDots(host)).join('|'),
    ...compared.map(({ host }) => host),
    ...labels,
    ...protocols,
  )
  const by = 'sum by (destination_service, destination_version)'
  const requests = (more: string) =>
    text`rate(istio_requests_total{reporter="source",destination_service=~"${hosts}"${more}}[10m])`
  const all = text`${by} (${requests('')})`
  const inHttp = requests(',response_code=~"5.."')
  const inGrpc = requests(',response_code!~"5..",grpc_response_status=~"2|4|13|14|15"')
  const hasGrpc = protocols.some(({ value }) => value.startsWith('grpc'))
  const failed = hasGrpc ? text`${by} (${inHttp} or ${inGrpc})` : text`${by} (${inHttp})`
  const best = text`min by (destination_service) ((${failed} or 0 * ${all}) / ${all})`
  const [newer = '', older = ''] = listVersionLabels(first)
  const series = (version: string, code: number) =>
    `istio_requests_total{reporter="source",destination_service="${first.host.value}",destination_version="${version}",response_code="${code}"}`
  const answers = (version: string, right: number, wrong: number) => [
    makeGrowingSeries(series(version, 200), right),
    makeGrowingSeries(series(version, 503), wrong),
  ]
  return [
    {
      name: 'VersionFailsMore',
      severity: 'warning',
      // One failure is no sign among less than a request in ten seconds.
      expr: text`${failed} / ${all} > on (destination_service) group_left () (2 * ${best} + 0.02) and ${all} > 0.1`,
      minutes: 5,
      summary: ({ label }) =>
        `${label('destination_version')} of ${label('destination_service')} fails more than another version`,
      description: ({ label, value }) =>
        `${value('humanizePercentage')} of the requests to ${label('destination_version')} of ${label('destination_service')} get a server error: more than twice as many as of its best version, and 2% on top.`,
      reasons: [hosts],
      proof: {
        firing: [...answers(newer, 94, 6), ...answers(older, 900, 0)],
        labels: { destination_service: first.host.value, destination_version: newer },
        value: '6%',
        quiet: [...answers(newer, 94, 6), ...answers(older, 950, 50)],
      },
    },
  ]
}
