import { istiodRelease } from '../emit/argocd/names.ts'
import {
  alertsPath,
  dashboardPath,
  externalPath,
  gatewayPath,
  kialiPath,
  servicePath,
} from '../emit/paths.ts'
import { nameCaller } from '../mesh/caller.ts'
import type { Mesh } from '../mesh/mesh.ts'
import { hasPathOwners } from '../mesh/path-owner.ts'
import { printMatch } from '../mesh/string-match.ts'
import type { Built } from './built.ts'
import { makeDiagram } from './diagram.ts'
import { listEdges } from './edge.ts'
import type { Environment } from './environment.ts'
import { groupByNamespace } from './readme.ts'
import { printSelector } from './selector.ts'

/** The view of the architecture of an environment. */
export type ArchitectureView = ReturnType<typeof makeArchitectureView>

export function makeArchitectureView(environment: Environment, { manifests }: Built) {
  const { mesh } = environment
  return {
    ...environment,
    root: mesh.istio.namespace.value,
    istiods: mesh.istio.controlPlanes.map(plane => ({
      release: istiodRelease(plane).value,
      version: plane.version.value,
    })),
    diagram: makeDiagram(mesh),
    alerts: alertsPath(mesh).value,
    dashboard: mesh.observability.dashboard.hasGrafana.value ? dashboardPath(mesh).value : undefined,
    kiali: mesh.observability.kiali && kialiPath(mesh).value,
    edges: listEdges(mesh).length,
    isOpen: mesh.access.value === 'open',
    hasScopes: mesh.sidecarScope.value === 'declared',
    entrances: listEntrances(mesh),
    identities: groupByNamespace(
      mesh.services.map(service => ({
        key: service.key,
        namespace: service.namespace.value,
        selector: printSelector(service.selector),
        principal: service.principal.value,
        file: [servicePath(service).value].find(path => manifests.has(path)),
      })),
    ),
    gateways: mesh.gateways.map(gateway => ({
      name: gateway.name.value,
      selector: printSelector(gateway.selector),
      principal: gateway.principal.value,
      file: gatewayPath(gateway).value,
    })),
    externals: mesh.externals.map(external => ({
      key: external.key,
      hosts: external.hosts.map(({ value }) => value),
      callers: [...new Set(external.allow.map(({ from }) => nameCaller(from)))],
      file: externalPath(external).value,
    })),
  }
}

/** Lists the entrances of requests: host, paths, and the service behind them. */
const listEntrances = ({ services }: Mesh) =>
  services.flatMap(({ key, owner, exposures, jwt }) =>
    exposures.map(({ gateway, host, paths, port }) => ({
      service: key,
      gateway: gateway.name.value,
      host: host.value,
      paths: paths.map(({ value }) => printMatch(value)),
      owner: hasPathOwners(gateway, host.value) ? owner?.value : undefined,
      port: port.number.value,
      tokens: jwt?.issuers.map(({ issuer }) => issuer.value) ?? [],
    })),
  )
