import { controlPlaneProject, istiodRelease, manifestsProject } from '../emit/argocd/names.ts'
import { dashboardUrl } from '../emit/grafana/dashboard-url.ts'
import { alertsPath, externalPath, gatewayPath, meshPath, namespacePath, servicePath } from '../emit/paths.ts'
import { listComparedServices } from '../emit/prometheus/compared-services.ts'
import { listAlertNames } from '../emit/prometheus/mesh-rules.ts'
import { nameCaller } from '../mesh/caller.ts'
import type { Mesh, Service } from '../mesh/mesh.ts'
import type { Sourced } from '../mesh/sourced.ts'
import { printMatch } from '../mesh/string-match.ts'
import type { Built } from './built.ts'
import { type Called, listCast } from './cast.ts'
import type { Environment } from './environment.ts'
import { makeExamplePath } from './example-path.ts'
import { linkTo } from './markdown.ts'
import { printSelector } from './selector.ts'

/** The view of the runbook of an environment. */
export type RunbookView = ReturnType<typeof makeRunbookView>

export function makeRunbookView(environment: Environment, { applications, rootApplication }: Built) {
  const { mesh, output } = environment
  const isInstalled = mesh.istio.install.value === 'charts'
  const { called, hop, door, gateway, guarded, outside } = listCast(mesh)
  const at = (path: { readonly value: string }) => `${output}/${path.value}`
  return {
    ...environment,
    root: mesh.istio.namespace.value,
    istiod: istiodRelease(mesh).value,
    meshFile: at(meshPath(mesh)),
    alerts: listAlertNames(mesh),
    alertsFile: at(alertsPath(mesh)),
    applications,
    rootApplication,
    ofManifests: applications.slice((isInstalled ? 2 : 0) + mesh.gateways.length),
    projects: [
      ...(isInstalled || mesh.gateways.length > 0 ? [controlPlaneProject(mesh).value] : []),
      manifestsProject(mesh).value,
    ],
    log: mesh.observability.accessLog.value,
    homes: mesh.namespaces.filter(({ hasServices }) => hasServices).map(({ name }) => name.value),
    called: called && {
      ...getParty(called.service),
      file: at(servicePath(called.service)),
      ...getTarget(called),
    },
    hop: hop && {
      from: getParty(hop.from),
      to: { ...getParty(hop.to.service), ...getTarget(hop.to) },
      file: at(servicePath(hop.to.service)),
      method: hop.allow.methods[0]?.value ?? 'GET',
      path: makeExamplePath(hop.allow.paths[0]?.value),
      callers: hop.to.service.allow.map(({ from }) => nameCaller(from)),
      principal: hop.from.principal.value,
    },
    door: door && {
      service: getParty(door.service),
      host: door.exposure.host.value,
      path: makeExamplePath(door.exposure.paths[0]?.value),
      paths: door.exposure.paths.map(({ value }) => printMatch(value)),
    },
    gateway: gateway && {
      name: gateway.name.value,
      namespace: gateway.namespace.value,
      workload: gateway.workload.value,
      file: at(gatewayPath(gateway)),
      hosts: gateway.hosts.map(({ value }) => value),
      host: door?.exposure.host.value ?? gateway.hosts[0]?.value ?? '',
      selector: printSelector(gateway.selector),
      secret: gateway.certificate.secret.value,
      issuer: gateway.certificate.issuer && {
        name: gateway.certificate.issuer.name.value,
        kind: gateway.certificate.issuer.kind.value,
      },
    },
    guarded: guarded?.jwt && {
      ...getParty(guarded),
      file: at(servicePath(guarded)),
      issuer: guarded.jwt.issuer.value,
      jwks: guarded.jwt.jwks.value,
      audiences: guarded.jwt.audiences.map(({ value }) => value),
      header: guarded.jwt.header?.value ?? 'authorization',
    },
    outside: outside && {
      from: getParty(outside.from),
      external: outside.external.key,
      host: outside.external.hosts[0]?.value ?? '',
      port: outside.external.port.number.value,
      originated: outside.external.tls.value === 'originate',
      file: at(externalPath(outside.external)),
    },
    /** The example of a caller is one that calls something, where there is one. */
    caller: [hop?.from, outside?.from, mesh.services[0]].flatMap(service => service ?? []).map(getParty)[0],
    hasFaults: mesh.services.some(({ fault }) => fault !== undefined),
    homeFile: mesh.namespaces
      .filter(({ hasServices }) => hasServices)
      .slice(0, 1)
      .map(namespace => at(namespacePath(namespace)))[0],
    plainPorts: mesh.services.flatMap(({ key, ports }) =>
      ports.flatMap(({ key: port, mtls }) =>
        mtls === undefined ? [] : [{ service: key, port, mode: mtls.value }],
      ),
    ),
    breaker: called?.service.policy.circuitBreaker,
    objectives: mesh.services.filter(({ objective }) => objective !== undefined).map(objectiveRow),
    shifted: mesh.services.filter(({ versions }) => versions.length > 1).map(({ key }) => key),
    isStrict: mesh.mtls.value === 'strict',
    branch: mesh.delivery.revision.value,
    addresses: listAddresses(mesh),
    compared: listComparedServices(mesh).slice(0, 1).map(getCompared)[0],
    isManual: mesh.delivery.sync.value === 'manual',
    isClosed: mesh.egress.value === 'registry-only',
    isOpen: mesh.access.value === 'open',
    hasScopes: mesh.sidecarScope.value === 'declared',
  }
}

/** Lists the contacts, and the pages to open in a browser, as far as the spec says them. */
function listAddresses(mesh: Mesh) {
  const { links, onCall, kiali } = mesh.observability
  const address = (what: string, url: Sourced<string> | undefined, shown: string) =>
    url === undefined ? [] : [{ what, where: linkTo(shown, url.value) }]
  return [
    ...(onCall === undefined ? [] : [{ what: 'whom to call', where: onCall.value }]),
    ...address('the dashboard of the mesh', dashboardUrl(mesh) ?? links.grafana, 'Grafana'),
    ...(kiali === undefined ? [] : address('current traffic between services', links.kiali, 'Kiali')),
    ...address('the path of a request', links.traces, 'traces'),
    ...address('the state of syncs', mesh.delivery.argocd.url, 'Argo CD'),
  ]
}

/** A service with versions that are held against each other, and what selects the pods of each. */
const getCompared = (service: Service) => ({
  ...getParty(service),
  versions: service.versions.map(({ labels }) => printSelector(service.selector, labels)),
})

/** A service as commands name it. */
function getParty({ key, name, namespace, selector, ports, principal }: Service) {
  return {
    key,
    name: name.value,
    namespace: namespace.value,
    selector: printSelector(selector),
    principal: principal.value,
    /** The target of istioctl: a Service stands for its pods. */
    target: ports.length === 0 ? undefined : `service/${name.value}`,
  }
}

/** Makes the target of requests to a service in a proxy: its clusters, one a version. */
function getTarget({ service, port }: Called) {
  const host = service.host.value
  const clusters = (
    service.versions.length === 0 ? [''] : service.versions.map(({ name }) => name.value)
  ).map(subset => `outbound|${port.number.value}|${subset}|${host}`)
  return { host, port: port.number.value, containerPort: port.target.value, clusters }
}

function objectiveRow({ key, owner, objective }: Service) {
  return {
    key,
    owner: owner?.value ?? '',
    availability: objective?.availability === undefined ? '' : `${objective.availability.value}%`,
    latency: (objective?.latency ?? [])
      .map(([quantile, time]) => `p${quantile * 100} ${time.value}`)
      .join(', '),
  }
}
