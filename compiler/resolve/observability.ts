import type { MeshSpec } from '../../schema/spec/mesh.ts'
import type { Dashboard, Kiali, Observability, Prometheus, Tracing } from '../mesh/mesh.ts'
import { because, decided, from, type Sourced, SpecNode } from '../mesh/sourced.ts'
import { placeAtKey } from '../mesh/spec-place.ts'
import { readClusterAddress } from './cluster-address.ts'
import { requiredField } from './diagnostics.ts'
import { parsePercent, type Report, readField, readFieldOr, readLabels } from './fields.ts'

type ObservabilitySpec = NonNullable<MeshSpec['observability']>

/** Access log, traces, metrics and the picture of the mesh. */
export function resolveObservability(spec: MeshSpec['observability'], report: Report): Observability {
  const node = new SpecNode(undefined, 'observability')
  const links = node.at('links')
  const prometheus = resolvePrometheus(spec?.prometheus, node.at('prometheus'))
  return {
    accessLog: readFieldOr(spec, node, 'accessLog', 'default:access-log', 'json'),
    traced: getTraced(spec?.tracing, node.at('tracing')),
    tracing: resolveTracing(spec?.tracing, node.at('tracing'), report),
    prometheus,
    dashboard: resolveDashboard(spec?.grafana, node.at('grafana')),
    kiali: resolveKiali(spec, prometheus, node, report),
    links: {
      runbooks: readField(spec?.links, links, 'runbooks'),
      grafana: readField(spec?.links, links, 'grafana'),
      kiali: readField(spec?.links, links, 'kiali'),
      traces: readField(spec?.links, links, 'traces'),
    },
    onCall: readField(spec, node, 'onCall'),
  }
}

function resolvePrometheus(spec: ObservabilitySpec['prometheus'], node: SpecNode): Prometheus {
  const stated = spec === 'off' ? undefined : spec
  return {
    hasOperator: spec === 'off' ? from(node, false) : decided('default:prometheus', true),
    url: readField(stated, node, 'url'),
    selectorLabels: readLabels(stated?.selectorLabels, node, 'selectorLabels'),
    interval: readFieldOr(stated, node, 'interval', 'default:scrape-interval', '15s'),
  }
}

function resolveDashboard(spec: ObservabilitySpec['grafana'], node: SpecNode): Dashboard {
  const stated = spec === 'off' ? undefined : spec
  const labels = readLabels(stated?.labels, node, 'labels')
  const usual = decided('default:dashboard-labels', '1')
  return {
    hasGrafana: spec === 'off' ? from(node, false) : decided('default:grafana', true),
    labels: labels.length === 0 ? [['grafana_dashboard', usual]] : labels,
    folder: readField(stated, node, 'folder'),
  }
}

function resolveKiali(
  spec: MeshSpec['observability'],
  { url: prometheus }: Prometheus,
  observability: SpecNode,
  report: Report,
): Kiali | undefined {
  if (spec?.kiali === undefined) return undefined
  const origin = observability.at('kiali')
  if (prometheus === undefined) {
    const example = 'prometheus: { url: http://prometheus-operated.monitoring:9090 }'
    report(
      requiredField(placeAtKey(origin), { owner: '`kiali`', field: 'where Prometheus answers', example }),
    )
    return undefined
  }
  return {
    origin,
    prometheus,
    login: readFieldOr(spec.kiali, origin, 'login', 'default:kiali-login', 'token'),
    grafana: readField(spec.kiali, origin, 'grafana'),
    tracing: readField(spec.kiali, origin, 'tracing'),
  }
}

/** Naming a collector asks for tracing, unless the provider is off. */
function getTraced(spec: ObservabilitySpec['tracing'], node: SpecNode): Sourced<boolean> {
  const provider = readField(spec, node, 'provider')
  const collector = readField(spec, node, 'collector')
  if (provider?.value === 'off') return because(false, provider)
  if (collector === undefined) return decided('default:tracing', false)
  return because(true, collector, ...(provider === undefined ? [] : [provider]))
}

function resolveTracing(
  spec: ObservabilitySpec['tracing'],
  node: SpecNode,
  report: Report,
): Tracing | undefined {
  const provider = readField(spec, node, 'provider')
  const collector = readField(spec, node, 'collector')
  if (provider?.value === 'off') return undefined
  if (collector === undefined) {
    if (provider !== undefined) {
      const example = 'collector: jaeger-collector.observability:4317'
      report(requiredField(placeAtKey(node), { owner: '`tracing`', field: 'the `collector`', example }))
    }
    return undefined
  }
  return {
    ...readClusterAddress(collector, node.at('collector'), 'collector', report),
    provider:
      provider === undefined
        ? decided('default:tracing-provider', 'jaeger')
        : // `off` has returned above.
          (provider as Sourced<Tracing['provider']['value']>),
    sampling: readField(spec, node, 'sampling')?.map(parsePercent) ?? decided('default:sampling', 1),
  }
}
