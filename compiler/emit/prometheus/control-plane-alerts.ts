import { followRevision } from '../../mesh/control-planes.ts'
import type { Mesh, Namespace } from '../../mesh/mesh.ts'
import { because, type Sourced, text } from '../../mesh/sourced.ts'
import { istiodRelease } from '../argocd/names.ts'
import { makeGrowingSeries, makeSteadySeries, type ProvenAlert } from './alert.ts'
import { matchNamespaces } from './namespace-lists.ts'

const day = 86_400

/**
 * Makes the alerts for an istiod that is down, does not hand out its configuration, or is refused by proxies.
 */
export function makeControlPlaneAlerts(mesh: Mesh): readonly ProvenAlert[] {
  const { namespace: root } = mesh.istio
  const here = (series: string, more = '') => `${series}{namespace="${root.value}"${more}}`
  return [
    mesh.istio.controlPlanes.length === 1 ? istiodDown(root) : oneOfIstiodsDown(mesh),
    {
      name: 'IstiodSlow',
      severity: 'warning',
      expr: text`histogram_quantile(0.99, sum by (le) (rate(pilot_proxy_convergence_time_bucket{namespace="${root}"}[5m]))) > 10`,
      minutes: 10,
      summary: () => 'proxies learn of changes late',
      description: ({ value }) =>
        `One change in a hundred takes ${value('humanizeDuration')} or more to reach the proxies that it is for.`,
      proof: {
        firing: [
          makeGrowingSeries(here('pilot_proxy_convergence_time_bucket', ',le="10"'), 0),
          makeGrowingSeries(here('pilot_proxy_convergence_time_bucket', ',le="20"'), 60),
          makeGrowingSeries(here('pilot_proxy_convergence_time_bucket', ',le="+Inf"'), 60),
        ],
        labels: {},
        value: '19.9s',
        quiet: [
          makeGrowingSeries(here('pilot_proxy_convergence_time_bucket', ',le="10"'), 60),
          makeGrowingSeries(here('pilot_proxy_convergence_time_bucket', ',le="20"'), 60),
          makeGrowingSeries(here('pilot_proxy_convergence_time_bucket', ',le="+Inf"'), 60),
        ],
      },
    },
    {
      name: 'IstiodPushesFail',
      severity: 'warning',
      expr: text`sum(rate(pilot_xds_pushes{namespace="${root}",type=~".+_(build|send)err"}[5m])) / sum(rate(pilot_xds_pushes{namespace="${root}"}[5m])) > 0.05`,
      minutes: 10,
      summary: () => 'istiod cannot hand out configuration',
      description: ({ value }) =>
        `${value('humanizePercentage')} of what istiod sends to proxies does not get there.`,
      proof: {
        firing: [
          makeGrowingSeries(here('pilot_xds_pushes', ',type="cds"'), 94),
          makeGrowingSeries(here('pilot_xds_pushes', ',type="cds_senderr"'), 4),
          makeGrowingSeries(here('pilot_xds_pushes', ',type="lds_builderr"'), 2),
        ],
        labels: {},
        value: '6%',
        quiet: [
          makeGrowingSeries(here('pilot_xds_pushes', ',type="cds"'), 96),
          makeGrowingSeries(here('pilot_xds_pushes', ',type="cds_senderr"'), 4),
        ],
      },
    },
    {
      name: 'ProxiesRejectConfig',
      severity: 'critical',
      expr: text`sum(rate(pilot_total_xds_rejects{namespace="${root}"}[5m])) > 0`,
      minutes: 5,
      summary: () => 'proxies reject what istiod sends',
      description: () =>
        'Proxies run on with the configuration before. One object that Envoy refuses is enough.',
      proof: {
        firing: [makeGrowingSeries(here('pilot_total_xds_rejects'), 1)],
        labels: {},
        quiet: [makeSteadySeries(here('pilot_total_xds_rejects'), 7)],
      },
    },
    {
      name: 'ObjectsRefused',
      severity: 'warning',
      expr: text`sum(increase(galley_validation_failed{namespace="${root}"}[10m])) > 0`,
      minutes: 0,
      summary: () => 'istiod refuses objects',
      description: () =>
        'Somebody applies an object of Istio that its webhook refuses, and it is not in the cluster.',
      proof: {
        firing: [makeGrowingSeries(here('galley_validation_failed'), 1)],
        labels: {},
        quiet: [makeSteadySeries(here('galley_validation_failed'), 3)],
      },
    },
    {
      name: 'InjectionFails',
      severity: 'critical',
      expr: text`sum(rate(sidecar_injection_failure_total{namespace="${root}"}[5m])) > 0`,
      minutes: 5,
      summary: () => 'pods get no sidecar',
      description: () => 'istiod fails to inject the sidecar: pods of the mesh do not start.',
      proof: {
        firing: [makeGrowingSeries(here('sidecar_injection_failure_total'), 1)],
        labels: {},
        quiet: [makeSteadySeries(here('sidecar_injection_failure_total'), 2)],
      },
    },
    {
      name: 'RootCertificateExpires',
      severity: 'critical',
      expr: text`min(citadel_server_root_cert_expiry_timestamp{namespace="${root}"}) - time() < 30 * 86400`,
      minutes: 60,
      summary: () => 'the root certificate of the mesh expires',
      description: () => 'In less than 30 days no two services can speak mTLS any more.',
      proof: {
        firing: [makeSteadySeries(here('citadel_server_root_cert_expiry_timestamp'), 30 * day - 1)],
        labels: {},
        quiet: [makeSteadySeries(here('citadel_server_root_cert_expiry_timestamp'), 31 * day)],
      },
    },
    ...(mesh.namespaces.length === 0 ? [] : [proxiesOutdated(mesh)]),
  ]
}

const istiodDown = (root: Sourced<string>): ProvenAlert => ({
  name: 'IstiodDown',
  severity: 'critical',
  expr: text`absent(up{job="pilot",namespace="${root}"} == 1)`,
  minutes: 5,
  summary: () => 'no istiod answers',
  description: () =>
    text`Prometheus finds no istiod in ${root}: proxies run on with what they know, and no pod starts.`,
  proof: {
    firing: [makeSteadySeries(`up{namespace="${root.value}",job="pilot"}`, 0)],
    labels: {},
    quiet: [makeSteadySeries(`up{namespace="${root.value}",job="pilot"}`, 1)],
  },
})

/** The pods of one control plane cannot replace those of another: each serves its own proxies. */
function oneOfIstiodsDown({ istio: { controlPlanes, namespace: root } }: Mesh): ProvenAlert {
  const services = controlPlanes.map(istiodRelease)
  const [first, ...others] = services
  const absence = (service: Sourced<string>) =>
    text`label_replace(absent(up{job="pilot",namespace="${root}",service="${service}"} == 1), "service", "${service}", "", "")`
  const up = (service: Sourced<string>) =>
    `up{namespace="${root.value}",job="pilot",service="${service.value}"}`
  return {
    name: 'IstiodDown',
    severity: 'critical',
    expr: others.reduce((sum, service) => text`${sum} or ${absence(service)}`, absence(first!)),
    minutes: 5,
    summary: ({ label }) => `no pod of ${label('service')} answers`,
    description: ({ label }) =>
      text`Prometheus finds no pod of ${label('service')} in ${root}: its proxies run on with what they know, and no pod of its namespaces starts.`,
    proof: {
      firing: [makeSteadySeries(up(first!), 0), ...others.map(service => makeSteadySeries(up(service), 1))],
      labels: { service: first!.value },
      quiet: services.map(service => makeSteadySeries(up(service), 1)),
    },
  }
}

/** An upgrade is not done before every proxy has it. */
function proxiesOutdated(mesh: Mesh): ProvenAlert {
  const [first, ...others] = groupByVersion(mesh)
  const series = [first!, ...others].map(group => selectOthers(mesh, group))
  const build = ({ namespaces }: VersionGroup, tag: string) =>
    `istio_build{component="proxy",namespace="${namespaces[0]!.name.value}",tag="${tag}"}`
  const expected = others.length === 0 ? text`Istio ${first!.version}` : 'the version of their control plane'
  return {
    name: 'ProxiesOutdated',
    severity: 'warning',
    expr: series
      .slice(1)
      .reduce((sum, next) => text`${sum} or ${next}`, series[0]!)
      .map(selected => `count by (namespace, tag) (${selected}) > 0`),
    minutes: 24 * 60,
    summary: ({ label }) => text`proxies in ${label('namespace')} are not of ${expected}`,
    description: ({ label, value }) =>
      `${value('humanize')} proxies in ${label('namespace')} have run Istio ${label('tag')} for a day: restart their pods.`,
    reasons: series,
    proof: {
      firing: [makeSteadySeries(build(first!, '1.0.0'), 1)],
      labels: { namespace: first!.namespaces[0]!.name.value, tag: '1.0.0' },
      value: '1',
      quiet: [first!, ...others].flatMap(group => [
        makeSteadySeries(build(group, group.version.value), 1),
        makeSteadySeries(build(group, `${group.version.value}-distroless`), 1),
      ]),
    },
  }
}

/** The namespaces whose control planes have one version. */
interface VersionGroup {
  readonly version: Sourced<string>
  readonly namespaces: readonly Namespace[]
}

function groupByVersion({ istio, namespaces }: Mesh): readonly VersionGroup[] {
  const groups = new Map<string, { version: Sourced<string>; namespaces: Namespace[] }>()
  for (const namespace of namespaces) {
    const version = followRevision(istio, namespace.revision)?.version ?? istio.version
    const group = groups.get(version.value)
    if (group === undefined) groups.set(version.value, { version, namespaces: [namespace] })
    else {
      group.namespaces.push(namespace)
      if (group.version !== version) group.version = because(group.version, version)
    }
  }
  return [...groups.values()]
}

/** The proxies of other versions. */
function selectOthers(mesh: Mesh, { version, namespaces }: VersionGroup): Sourced<string> {
  const names = matchNamespaces(mesh, namespaces)
  const pattern = version.map(value => value.replaceAll('.', '\\\\.'))
  return text`istio_build{component="proxy",namespace=~"${names}",tag!~"${pattern}(-.+)?"}`
}
