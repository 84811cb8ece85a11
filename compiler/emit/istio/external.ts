import type { DestinationRuleSpec } from '../../../schema/generated/destination-rule.ts'
import type { ServiceEntrySpec } from '../../../schema/generated/service-entry.ts'
import type { HttpRoute, VirtualServiceSpec } from '../../../schema/generated/virtual-service.ts'
import { printIstioDuration } from '../../mesh/duration.ts'
import type { External, Mesh } from '../../mesh/mesh.ts'
import { findExternalRouteReasons, findExternalRuleReasons, isTimed } from '../../mesh/routed.ts'
import { because, decided, type Reason, type Sourced } from '../../mesh/sourced.ts'
import { guardExternalRule } from '../helm/chart/adjustable-rule.ts'
import { type Manifest, makeManifest } from '../manifest.ts'
import type { Sourceable } from '../sourceable.ts'
import { withChartForm } from '../template.ts'
import { makeHttpRetry } from './http-route.ts'
import { makeConnectionPool, makeOutlierDetection } from './traffic-policy.ts'

/** The port on which callers speak plain HTTP to a host that the mesh speaks TLS to. */
const plainPort = 80

/** A system outside: a ServiceEntry that its callers see, and for each host how it is called. */
export function emitExternal(mesh: Mesh, external: External): readonly Manifest[] {
  const rule = findExternalRuleReasons(external)
  const route = findExternalRouteReasons(external)
  return [
    serviceEntry(mesh, external),
    ...(rule === undefined ? [] : external.hosts.map(host => destinationRule(mesh, external, host, rule))),
    ...(route === undefined ? [] : external.hosts.map(host => virtualService(mesh, external, host, route))),
  ]
}

const originates = ({ tls }: External) => tls.value === 'originate'
const isWildcard = (host: Sourced<string>) => host.value.startsWith('*')

function serviceEntry(mesh: Mesh, external: External): Manifest {
  const spec: Sourceable<ServiceEntrySpec> = {
    hosts: external.hosts,
    ...(external.addresses.length > 0 && { addresses: external.addresses }),
    location: 'MESH_EXTERNAL',
    ports: [because(port(external), external.tls)],
    resolution: resolution(external),
    exportTo: visibility(mesh, external),
  }
  return makeManifest(
    mesh,
    'ServiceEntry',
    { name: external.name, namespace: external.namespace, policy: 'policy:service-entry' },
    spec,
  )
}

function port(external: External): Sourceable<NonNullable<ServiceEntrySpec['ports']>[number]> {
  const { protocol, number } = external.port
  if (originates(external)) {
    return because({ number: plainPort, name: 'http', protocol: 'HTTP', targetPort: number }, protocol)
  }
  const word = { https: 'TLS', tls: 'TLS', http: 'HTTP', tcp: 'TCP' } as const
  return {
    number,
    name: protocol.map(name => (name === 'https' ? 'tls' : name)),
    protocol: protocol.map(name => word[name]),
  }
}

/** DNS where the mesh can look the host up; where it cannot, the caller has done so already. */
function resolution({ hosts, addresses, resolution }: External): Sourced<'DNS' | 'NONE'> {
  if (resolution !== undefined) return because('NONE', resolution)
  const wildcards = hosts.filter(isWildcard)
  if (wildcards.length + addresses.length === 0) return because('DNS', 'policy:service-entry', ...hosts)
  return because('NONE', ...wildcards, ...addresses)
}

/** The namespaces of the callers: `*` for those of anyone; undefined where the openness of the mesh makes it visible. */
function visibility(
  { managed, access }: Mesh,
  { namespace, allow, isOpen }: External,
): Sourced<readonly Sourced<string>[]> | undefined {
  if (isOpen) return undefined
  const callers = allow.map(({ from: caller }) => caller.origin)
  if (allow.some(({ from: caller }) => caller.kind === 'anyone'))
    return because(managed.kind === 'mesh' ? [decided('policy:visibility', '*')] : managed.names, ...callers)
  const namespaces = new Map<string, Sourced<string>>()
  for (const { from: caller } of allow) {
    const home =
      caller.kind === 'service'
        ? caller.service.namespace
        : caller.kind === 'namespace'
          ? caller.namespace
          : undefined
    if (home === undefined) continue
    const name = home.value === namespace.value ? '.' : home.value
    const sourced = namespaces.get(name)
    namespaces.set(name, because(name, ...(sourced === undefined ? [] : [sourced]), home, namespace))
  }
  if (namespaces.size === 0) return because([decided('policy:visibility', '.')], access, ...callers)
  const names = [...namespaces.keys()].toSorted()
  return because(
    names.map(name => namespaces.get(name)!),
    ...callers,
  )
}

function destinationRule(
  mesh: Mesh,
  external: External,
  host: Sourced<string>,
  reasons: readonly Reason[],
): Manifest {
  const pool = makeConnectionPool(external.policy, isTimed(external))
  const tls = {
    mode: 'SIMPLE',
    sni: host,
    // The words for what Istio does anyway; without them the analyzers take the connection for unverified (IST0128).
    caCertificates: 'system',
    subjectAltNames: [host],
  } as const
  const spec: Sourceable<DestinationRuleSpec> = {
    host,
    trafficPolicy: {
      connectionPool: pool && because(pool, external.tls),
      outlierDetection: makeOutlierDetection(external.policy),
      ...(originates(external) && { tls: because(decided('policy:verified-tls', tls), external.tls) }),
    },
    exportTo: visibility(mesh, external),
  }
  return makeManifest(
    mesh,
    'DestinationRule',
    { name: objectName(host), namespace: external.namespace, policy: 'policy:route-shape', reasons },
    because(spec, ...reasons),
  )
}

function virtualService(
  mesh: Mesh,
  external: External,
  host: Sourced<string>,
  needs: readonly Reason[],
): Manifest {
  const { timeout, retries } = external.policy
  const number = originates(external) ? because(plainPort, external.tls) : external.port.number
  const rule: Sourceable<HttpRoute> = {
    name: external.name,
    route: [{ destination: { host, port: { number } } }],
    timeout: timeout.value === 'none' ? undefined : timeout.map(printIstioDuration),
    retries: makeHttpRetry(retries),
  }
  const spec: Sourceable<VirtualServiceSpec> = {
    hosts: [host],
    gateways: ['mesh'],
    http: [withChartForm(rule, part => guardExternalRule(part, external))],
    exportTo: visibility(mesh, external),
  }
  const reasons = [external.tls, ...needs]
  return makeManifest(
    mesh,
    'VirtualService',
    { name: objectName(host), namespace: external.namespace, policy: 'policy:route-shape', reasons },
    because(spec, ...reasons),
  )
}

/** A host has a dot and the name of a service has none, so the two never meet. */
const objectName = (host: Sourced<string>) => host.map(name => name.replace(/^\*/, 'wildcard'))
