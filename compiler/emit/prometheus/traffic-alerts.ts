import type { Mesh } from '../../mesh/mesh.ts'
import { because, type Sourced, text } from '../../mesh/sourced.ts'
import { growing, type ProvenAlert, steady } from './alert.ts'
import { homes, oneOf } from './namespace-lists.ts'

/** Whether what mTLS and egress forbid happens all the same. */
export const trafficAlerts = (mesh: Mesh): readonly ProvenAlert[] => [
  ...plainText(mesh),
  ...egressBlocked(mesh),
]

/** Strict mTLS refuses plain text: where there is some, somebody has taken the policy away. */
function plainText(mesh: Mesh): readonly ProvenAlert[] {
  const strict = homes(mesh).filter(({ mtls }) => mtls.value === 'strict')
  const first = strict[0]?.name
  if (first === undefined) return []
  const excepted = mesh.services
    .filter(({ ports }) => ports.some(({ mtls }) => mtls !== undefined))
    .map(({ host, ports }) => because(host, ...ports.flatMap(({ mtls }) => mtls ?? [])))
  const names = oneOf(mesh, strict)
  const modes = homes(mesh).map(({ mtls }) => mtls)
  const but =
    excepted.length === 0
      ? ''
      : text`,destination_service!~"${because(excepted.map(escaped).join('|'), ...excepted)}"`
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
        firing: [growing(requests('none'), 1)],
        labels: { destination_workload: 'checked', destination_workload_namespace: first.value },
        quiet: [growing(requests('mutual_tls'), 1), steady(requests('none'), 5)],
      },
    },
  ]
}

/** A dot of a host name means itself. */
const escaped = ({ value }: Sourced<string>) => value.replaceAll('.', '\\\\.')

function egressBlocked(mesh: Mesh): readonly ProvenAlert[] {
  const { egress } = mesh
  const first = homes(mesh)[0]?.name
  if (egress.value !== 'registry-only' || first === undefined) return []
  const names = oneOf(mesh, homes(mesh))
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
        `${label('source_workload')} in ${label('source_workload_namespace')} calls a service whose allow does not name it, or a host outside that nobody declared: each call is reset, or answered with 502.`,
      reasons: [egress, names],
      proof: {
        firing: [growing(series('istio_tcp_connections_opened_total', 'BlackHoleCluster'), 1)],
        labels: { source_workload: 'checked', source_workload_namespace: first.value },
        quiet: [
          steady(series('istio_requests_total', 'BlackHoleCluster'), 5),
          growing(series('istio_requests_total', 'known.example.com'), 60),
        ],
      },
    },
  ]
}
