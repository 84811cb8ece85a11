import { nameCaller, nameDestination } from '../mesh/caller.ts'
import type { Caller, Delivery, Expectation, Istio, Mesh, Observability, Patch } from '../mesh/mesh.ts'
import { because, from, SpecNode, text } from '../mesh/sourced.ts'
import { printMatch } from '../mesh/string-match.ts'
import { Absent } from './absent.ts'
import type { Views } from './view.ts'
import {
  recordMatches,
  trafficPolicyFields,
  viewClaims,
  viewPolicy,
  viewReplicas,
  viewResources,
} from './view-parts.ts'

/** The types of the parts of a mesh that are no destination and no namespace. */
export const settingTypes = {
  Istio: {
    install: 'string',
    version: 'string',
    revision: 'string',
    revisions: 'map<string, Revision>',
    charts: 'string',
    hub: 'string',
    pullSecrets: 'list<string>',
    cni: 'string',
    meshConfig: 'map<string, dyn>',
    values: 'map<string, dyn>',
    namespace: 'string',
    trustDomain: 'string',
    controlPlane: 'ControlPlane',
    proxy: 'Proxy',
  },
  Revision: { version: 'string', tags: 'list<string>' },
  ControlPlane: { replicas: 'Replicas', resources: 'Resources' },
  Proxy: {
    resources: 'Resources',
    drain: 'string',
    holdApplication: 'string',
    native: 'string',
    image: 'string',
    concurrency: 'int',
  },
  Observability: {
    accessLog: 'string',
    tracing: 'Tracing',
    prometheus: 'Prometheus',
    grafana: 'Grafana',
    kiali: 'Kiali',
    links: 'Links',
    onCall: 'string',
  },
  Tracing: { provider: 'string', collector: 'string', sampling: 'double' },
  Prometheus: { url: 'string', selectorLabels: 'map<string, string>', interval: 'string' },
  Grafana: { labels: 'map<string, string>', folder: 'string' },
  Kiali: { login: 'string', grafana: 'string', tracing: 'string' },
  Links: { runbooks: 'string', grafana: 'string', kiali: 'string', traces: 'string' },
  Delivery: {
    repository: 'string',
    revision: 'string',
    path: 'string',
    cluster: 'string',
    argocd: 'ArgoCd',
    sync: 'string',
    window: 'SyncWindow',
    slack: 'Slack',
    neighbors: 'list<string>',
    outputs: 'list<string>',
    documents: 'map<string, string>',
  },
  ArgoCd: { namespace: 'string', url: 'string' },
  SyncWindow: { schedule: 'string', duration: 'string', timeZone: 'string' },
  Slack: { channel: 'string', events: 'list<string>' },
  Defaults: trafficPolicyFields,
  Expectation: {
    to: 'string',
    only: 'list<string>',
    never: 'list<string>',
    from: 'string',
    method: 'string',
    path: 'string',
    headers: 'map<string, string>',
    jwt: 'string',
    issuers: 'list<string>',
    claims: 'map<string, list<string>>',
    because: 'string',
  },
  Patch: {
    kind: 'string',
    namespace: 'string',
    name: 'string',
    spec: 'map<string, dyn>',
    because: 'string',
  },
} as const

/** The parts of a mesh that are no destination and no namespace, as expressions read them. */
export function viewSettings(views: Views, mesh: Mesh) {
  const { make, list, record, tree } = views
  const root = (section: string) => new SpecNode(undefined, section)
  return {
    manages: mesh.managed.kind === 'mesh' ? new Absent(mesh.managed.word?.place) : list(mesh.managed.names),
    istio: () => viewIstio(mesh.istio, root('istio')),
    observability: () => viewObservability(mesh.observability),
    delivery: () => viewDelivery(mesh.delivery, root('delivery')),
    defaults: () => make('Defaults', undefined, viewPolicy(views, undefined, mesh.defaults)),
    expect: () => mesh.expectations.map(viewExpectation),
    patches: () => mesh.patches.map(viewPatch),
    raw: () => mesh.raw.map(({ origin, object }) => tree(object, origin)),
  }

  function viewIstio(istio: Istio, node: SpecNode): object {
    const {
      replicas,
      resources,
      proxy,
      pullSecrets,
      meshConfig,
      values,
      controlPlanes,
      sharedVersion: _,
      ...rest
    } = istio
    return make('Istio', undefined, {
      ...rest,
      revisions: () =>
        record(
          controlPlanes.flatMap(({ origin, revision, version, tags }) =>
            origin === undefined || revision === undefined
              ? []
              : [[revision.value, make('Revision', origin, { version, tags: list(tags) })] as const],
          ),
        ),
      pullSecrets: list(pullSecrets),
      meshConfig: meshConfig && (() => tree(meshConfig.value, meshConfig.origin) as object),
      values: values && (() => tree(values.value, values.origin) as object),
      controlPlane: make('ControlPlane', undefined, {
        replicas: viewReplicas(views, undefined, replicas),
        resources: viewResources(views, undefined, resources),
      }),
      proxy: make('Proxy', node.at('proxy'), {
        resources: viewResources(views, undefined, proxy.resources),
        drain: proxy.drain,
        holdApplication: proxy.holdApplication,
        native: proxy.native,
        image: proxy.image,
        concurrency: proxy.concurrency,
      }),
    })
  }

  function viewObservability(observability: Observability): object {
    const { accessLog, traced, tracing, prometheus, dashboard, kiali, links, onCall } = observability
    return make('Observability', undefined, {
      accessLog,
      tracing:
        tracing === undefined
          ? new Absent(traced.place)
          : make('Tracing', undefined, {
              provider: tracing.provider,
              collector: text`${tracing.host}:${tracing.port}`,
              sampling: tracing.sampling,
            }),
      prometheus: prometheus.hasOperator.value
        ? make('Prometheus', undefined, {
            url: prometheus.url,
            selectorLabels: record(prometheus.selectorLabels),
            interval: prometheus.interval,
          })
        : new Absent(prometheus.hasOperator.place),
      grafana: dashboard.hasGrafana.value
        ? make('Grafana', undefined, { labels: record(dashboard.labels), folder: dashboard.folder })
        : new Absent(dashboard.hasGrafana.place),
      kiali:
        kiali &&
        make('Kiali', kiali.origin, { login: kiali.login, grafana: kiali.grafana, tracing: kiali.tracing }),
      links: make('Links', undefined, { ...links }),
      onCall,
    })
  }

  function viewDelivery(delivery: Delivery, node: SpecNode): object {
    const { repository, revision, path, cluster, argocd, window, sync, outputs, documents } = delivery
    const { slackChannel, slackEvents, neighbors } = delivery
    return make('Delivery', undefined, {
      repository,
      revision,
      path,
      cluster,
      argocd: make('ArgoCd', undefined, { ...argocd }),
      sync,
      window:
        window &&
        make('SyncWindow', window.origin, {
          schedule: window.schedule,
          duration: window.duration,
          timeZone: window.timeZone,
        }),
      slack:
        slackChannel && make('Slack', node.at('slack'), { channel: slackChannel, events: list(slackEvents) }),
      neighbors: list(neighbors),
      outputs: list(Object.entries(outputs).map(([word, output]) => because(word, output))),
      documents: record(documents.map(({ name, template }) => [name, template])),
    })
  }

  function viewExpectation(expectation: Expectation): object {
    const { origin, to, only, never, from: caller, method, path, headers, reason } = expectation
    return make('Expectation', origin, {
      to: to && from(to.origin, nameDestination(to)),
      only: list((only ?? []).map(nameSourced)),
      never: list((never ?? []).map(nameSourced)),
      from: caller && nameSourced(caller),
      method,
      path: path?.map(printMatch),
      headers: recordMatches(views, headers),
      jwt: expectation.jwtMissing,
      issuers: list(expectation.issuers.map(({ name }) => name)),
      claims: viewClaims(views, expectation.claims),
      because: reason,
    })
  }

  function viewPatch({ origin, kind, namespace, name, spec, reason }: Patch): object {
    return make('Patch', origin, {
      kind: from(origin.at('kind'), kind),
      namespace: from(origin.at('namespace'), namespace),
      name: from(origin.at('name'), name),
      spec: () => tree(spec, origin.at('spec')) as object, // a map stays one
      because: reason,
    })
  }
}

const nameSourced = (caller: Caller) => from(caller.origin, nameCaller(caller))
