import { parseDuration } from '../../mesh/duration.ts'
import type { Certificate, Gateway, Mesh } from '../../mesh/mesh.ts'
import { text } from '../../mesh/sourced.ts'
import { makeGrowingSeries, makeSteadySeries, type ProvenAlert } from './alert.ts'

/** Makes the alerts for closed entrances, their bad answers, and certificates that are not renewed. */
export const makeGatewayAlerts = (mesh: Mesh): readonly ProvenAlert[] =>
  mesh.gateways.flatMap(gateway => [
    // The owner of other proxies has the alerts for them.
    ...(gateway.installation === undefined ? [] : listProxyAlerts(gateway)),
    ...gateway.certificates.flatMap(certificate => certificateExpires(gateway, certificate)),
  ])

function listProxyAlerts(gateway: Gateway): readonly ProvenAlert[] {
  const { name, namespace, workload } = gateway
  const labels = { gateway: name }
  const pod = `namespace="${namespace.value}",pod="${workload.value}-7c9f8d6b5-x2x4z"`
  const requests = (code: number) =>
    `istio_requests_total{reporter="source",source_workload="${workload.value}",source_workload_namespace="${namespace.value}",response_code="${code}"}`
  const selector = text`reporter="source",source_workload="${workload}",source_workload_namespace="${namespace}"`
  return [
    {
      name: 'GatewayDown',
      severity: 'critical',
      // The names of its pods. Pods of a gateway with a longer name have one more part.
      expr: text`absent(up{namespace="${namespace}",pod=~"${workload}-[a-z0-9]+-[a-z0-9]+"} == 1)`,
      minutes: 5,
      labels,
      summary: () => text`no pod of the gateway ${name} answers`,
      description: () =>
        text`Prometheus finds no pod of ${workload} in ${namespace}: no request enters the mesh there.`,
      reasons: [name],
      proof: {
        firing: [
          makeSteadySeries(`up{${pod}}`, 0),
          makeSteadySeries(`up{${pod.replace(workload.value, `${workload.value}-other`)}}`, 1),
        ],
        labels: {},
        quiet: [makeSteadySeries(`up{${pod}}`, 1)],
      },
    },
    {
      name: 'GatewayErrors',
      severity: 'warning',
      expr: text`sum(rate(istio_requests_total{${selector},response_code=~"5.."}[5m])) / sum(rate(istio_requests_total{${selector}}[5m])) > 0.05`,
      minutes: 5,
      labels,
      summary: () => text`the gateway ${name} answers with errors`,
      description: ({ value }) =>
        text`${value('humanizePercentage')} of the requests through ${name} are answered with a server error.`,
      reasons: [name],
      proof: {
        firing: [makeGrowingSeries(requests(200), 94), makeGrowingSeries(requests(503), 6)],
        labels: {},
        value: '6%',
        quiet: [makeGrowingSeries(requests(200), 96), makeGrowingSeries(requests(503), 4)],
      },
    },
  ]
}

/** cert-manager renews in time; where half of that time is gone, it has failed to. */
function certificateExpires(
  { name, workloadNamespace: namespace }: Gateway,
  { key, issuer, secret, renewBefore }: Certificate,
): readonly ProvenAlert[] {
  if (issuer === undefined) return []
  const seconds = renewBefore.map(duration => Math.round(parseDuration(duration) / 2000))
  // The certificate's namespace is in another label if its ServiceMonitor does not honour labels.
  const metric = 'certmanager_certificate_expiration_timestamp_seconds'
  const series = (label: string) => `${metric}{name="${secret.value}",${label}="${namespace.value}"}`
  return [
    {
      name: 'GatewayCertificateExpires',
      severity: 'critical',
      expr: text`min(${metric}{name="${secret}",namespace="${namespace}"} or ${metric}{name="${secret}",exported_namespace="${namespace}"}) - time() < ${seconds}`,
      minutes: 60,
      // Two alerts of one name need labels that differ.
      labels: { gateway: name, ...(key && { certificate: key }) },
      summary: () => text`the certificate of the gateway ${name} is not renewed`,
      description: () =>
        text`cert-manager should have renewed ${secret} in ${namespace} ${renewBefore} before its end, and half of that time is gone.`,
      reasons: [name, issuer.name],
      proof: {
        firing: [makeSteadySeries(series('exported_namespace'), seconds.value - 1)],
        labels: {},
        quiet: [makeSteadySeries(series('namespace'), seconds.value + 86_400)],
      },
    },
  ]
}
