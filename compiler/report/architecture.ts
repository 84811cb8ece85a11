import { istiodRelease } from '../emit/argocd/names.ts'
import {
  alertsPath,
  dashboardPath,
  externalPath,
  gatewayPath,
  kialiPath,
  servicePath,
} from '../emit/paths.ts'
import { callerName } from '../mesh/caller.ts'
import type { Mesh } from '../mesh/mesh.ts'
import { writtenMatch } from '../mesh/string-match.ts'
import { diagramOf } from './diagram.ts'
import { edgesOf } from './edge.ts'
import type { Environment } from './environment.ts'
import { byNamespace } from './readme.ts'
import { selectorOf } from './selector.ts'

/** What the architecture of an environment shows. */
export type ArchitectureView = ReturnType<typeof architectureView>

export function architectureView(environment: Environment) {
  const { mesh } = environment
  return {
    ...environment,
    root: mesh.istio.namespace.value,
    istiod: istiodRelease(mesh).value,
    diagram: diagramOf(mesh),
    alerts: alertsPath(mesh).value,
    dashboard: dashboardPath(mesh).value,
    kiali: mesh.observability.kiali && kialiPath(mesh).value,
    edges: edgesOf(mesh).length,
    entrances: entrancesOf(mesh),
    identities: byNamespace(
      mesh.services.map(service => ({
        key: service.key,
        namespace: service.namespace.value,
        selector: selectorOf(service.selector),
        principal: service.principal.value,
        file: servicePath(service).value,
      })),
    ),
    gateways: mesh.gateways.map(gateway => ({
      name: gateway.name.value,
      selector: selectorOf(gateway.selector),
      principal: gateway.principal.value,
      file: gatewayPath(gateway).value,
    })),
    externals: mesh.externals.map(external => ({
      key: external.key,
      hosts: external.hosts.map(({ value }) => value),
      callers: [...new Set(external.allow.map(({ from }) => callerName(from)))],
      file: externalPath(external).value,
    })),
  }
}

/** How requests come in: host, paths, and the service behind them. */
const entrancesOf = ({ services }: Mesh) =>
  services.flatMap(({ key, exposures, jwt }) =>
    exposures.map(({ gateway, host, paths, port }) => ({
      service: key,
      gateway: gateway.name.value,
      host: host.value,
      paths: paths.map(({ value }) => writtenMatch(value)),
      port: port.number.value,
      token: jwt?.issuer.value,
    })),
  )
