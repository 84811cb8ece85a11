import { controlPlaneProject, istiodRelease, manifestsProject } from '../emit/argocd/names.ts'
import { dashboardUrl } from '../emit/grafana/dashboard-url.ts'
import {
  alertsPath,
  externalPath,
  gatewayPath,
  gatewayWorkloadPath,
  meshPath,
  namespacePath,
  servicePath,
} from '../emit/paths.ts'
import { listComparedServices } from '../emit/prometheus/compared-services.ts'
import { listAlertNames } from '../emit/prometheus/mesh-rules.ts'
import { nameCaller } from '../mesh/caller.ts'
import { getDefaultControlPlane } from '../mesh/control-planes.ts'
import { coversHost } from '../mesh/gateway-hosts.ts'
import { listInstalledGateways } from '../mesh/installed-gateways.ts'
import { isManaged } from '../mesh/is-managed.ts'
import type { Gateway, Mesh, Service } from '../mesh/mesh.ts'
import type { Sourced } from '../mesh/sourced.ts'
import { printMatch } from '../mesh/string-match.ts'
import type { Built } from './built.ts'
import { type Called, type Cast, listCast } from './cast.ts'
import type { Environment } from './environment.ts'
import { makeExamplePath } from './example-path.ts'
import { makeExampleHost, makeExampleOrigin } from './example-url.ts'
import { code, joinParts, linkTo, type Markdown } from './markdown.ts'
import { printSelector } from './selector.ts'
import { canShift } from './traffic-edit.ts'

/** The view of the runbook of an environment. */
export type RunbookView = ReturnType<typeof makeRunbookView>

export function makeRunbookView(environment: Environment, { applications, rootApplication }: Built) {
  const { mesh, output } = environment
  const isInstalled = mesh.istio.install.value === 'charts'
  const installed = listInstalledGateways(mesh)
  const { called, hop, door, gateway, guarded, outside } = listCast(mesh)
  const at = (path: { readonly value: string }) => `${output}/${path.value}`
  return {
    ...environment,
    root: mesh.istio.namespace.value,
    istiod: istiodRelease(getDefaultControlPlane(mesh.istio)).value,
    /** The control planes, if there are several. */
    planes:
      mesh.istio.controlPlanes.length === 1
        ? []
        : mesh.istio.controlPlanes.map(plane => ({
            release: istiodRelease(plane).value,
            version: plane.version.value,
          })),
    meshFile: at(meshPath(mesh)),
    alerts: listAlertNames(mesh),
    alertsFile: at(alertsPath(mesh)),
    applications,
    rootApplication,
    ofManifests: applications.slice((isInstalled ? countCharts(mesh) : 0) + installed.length),
    projects: [
      ...(isInstalled || installed.length > 0 ? [controlPlaneProject(mesh).value] : []),
      manifestsProject(mesh).value,
    ],
    log: mesh.observability.accessLog.value,
    homes: mesh.namespaces.filter(({ hasServices }) => hasServices).map(({ name }) => name.value),
    called: called && {
      ...getParty(called.service),
      file: at(servicePath(called.service)),
      ...makeProxyTarget(called),
    },
    hop: hop && {
      from: getParty(hop.from),
      to: { ...getParty(hop.to.service), ...makeProxyTarget(hop.to) },
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
      ...getPods(gateway),
      hosts: gateway.hosts.map(({ value }) => value),
      hasPolicy: mesh.access.value === 'declared' && isManaged(mesh, gateway.workloadNamespace),
      hasTls: gateway.certificates.length > 0,
    },
    /** The examples of a gateway with proxies that meshc installs, and of one with a certificate: the first one, if it is that. */
    watched: gateway && [gateway, ...installed].filter(({ installation }) => installation).map(getPods)[0],
    certified: gateway && [gateway, ...mesh.gateways].flatMap(gateway => getCertified(gateway, door, at))[0],
    guarded: guarded?.jwt && {
      ...getParty(guarded),
      file: at(servicePath(guarded)),
      issuers: guarded.jwt.issuers.map(({ issuer, jwks, audiences }) => ({
        issuer: issuer.value,
        jwks: jwks.value,
        audiences: audiences.map(({ value }) => value),
      })),
      headers: [...new Set(guarded.jwt.issuers.map(({ header }) => header?.value ?? 'authorization'))],
    },
    outside: outside && {
      from: getParty(outside.from),
      external: outside.external.key,
      host: outside.external.hosts[0]?.value ?? '',
      port: outside.external.port.number.value,
      originated: outside.external.tls.value === 'originate',
      file: at(externalPath(outside.external)),
    },
    /** The example of a caller is a service that calls another one, if there is one. */
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
    shifted: mesh.services
      .filter(service => service.versions.length > 1 && canShift(service))
      .map(({ key }) => key),
    isStrict: mesh.mtls.value === 'strict',
    branch: mesh.delivery.revision.value,
    addresses: listContacts(mesh),
    compared: listComparedServices(mesh).slice(0, 1).map(getCompared)[0],
    isManual: mesh.delivery.sync.value === 'manual',
    isClosed: mesh.egress.value === 'registry-only',
    isOpen: mesh.access.value === 'open',
    hasScopes: mesh.sidecarScope.value === 'declared',
  }
}

/** Counts the charts of the control planes: one for the CRDs, one for each istiod, and one for the CNI plugin. */
const countCharts = ({ istio }: Mesh): number =>
  1 + istio.controlPlanes.length + (istio.cni.value === 'on' ? 1 : 0)

/** Lists the contacts, and the pages to open in a browser, as far as the spec has them. */
function listContacts(mesh: Mesh) {
  const { links, onCall, kiali } = mesh.observability
  const address = (what: string, url: Sourced<string> | undefined, shown: string) =>
    url === undefined ? [] : [{ what, where: linkTo(shown, url.value) }]
  return [
    ...(onCall === undefined ? [] : [{ what: 'contact', where: onCall.value }]),
    ...address('the dashboard of the mesh', dashboardUrl(mesh) ?? links.grafana, 'Grafana'),
    ...(kiali === undefined ? [] : address('current traffic between services', links.kiali, 'Kiali')),
    ...address('the path of a request', links.traces, 'traces'),
    ...address('the state of syncs', mesh.delivery.argocd.url, 'Argo CD'),
  ]
}

/** A service with versions that are compared, and the selector of the pods of each. */
const getCompared = (service: Service) => ({
  ...getParty(service),
  versions: service.versions.map(({ labels }) => printSelector(service.selector, labels)),
})

/** The pods of a gateway. */
const getPods = (gateway: Gateway) => ({
  namespace: gateway.workloadNamespace.value,
  workload: gateway.workload.value,
  selector: printSelector(gateway.selector),
  /** The doubt about the name of a Deployment that meshc does not install. */
  doubt: gateway.installation === undefined ? describeForeignWorkload(gateway) : undefined,
})

const describeForeignWorkload = ({ workload, workloadNamespace, selector }: Gateway): Markdown =>
  joinParts(
    [
      'Another owner installs these proxies. meshc takes',
      code(workload.value),
      'as the name of their Deployment, since Istio uses this name with such labels. If there is no such Deployment, name one of the pods:',
      code(`kubectl get pods --namespace ${workloadNamespace.value} --selector ${printSelector(selector)}`),
      'lists them.',
    ],
    ' ',
  )

/** A gateway with its certificate; undefined without a certificate. */
function getCertified(gateway: Gateway, door: Cast['door'], at: (path: Sourced<string>) => string) {
  const { name, certificates } = gateway
  const [certificate] = certificates
  if (certificate === undefined) return []
  const isShown =
    door?.exposure.gateway === gateway &&
    (certificates.length === 1 ||
      certificate.hosts.some(({ value }) => coversHost(value, door.exposure.host.value)))
  const shown = isShown ? door : undefined
  const host = shown?.exposure.host.value ?? certificate.hosts[0]?.value ?? ''
  const { issuer, secret } = certificate
  return {
    name: name.value,
    ...getPods(gateway),
    file: at(issuer === undefined ? gatewayPath(gateway) : gatewayWorkloadPath(gateway)),
    origin: makeExampleOrigin(gateway, makeExampleHost(host, shown?.service)),
    secret: secret.value,
    issuer: issuer && { name: issuer.name.value, kind: issuer.kind.value },
  }
}

/** A service as commands name it. */
function getParty({ key, name, namespace, selector, ports, principal }: Service) {
  return {
    key,
    name: name.value,
    namespace: namespace.value,
    selector: printSelector(selector),
    principal: principal.value,
    /** The target of istioctl: a Service represents its pods. */
    target: ports.length === 0 ? undefined : `service/${name.value}`,
  }
}

/** Makes the target of requests to a service in a proxy: its clusters, one a version. */
function makeProxyTarget({ service, port }: Called) {
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
