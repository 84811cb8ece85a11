import type { DestinationRuleSpec } from '../../../schema/generated/destination-rule.ts'
import type { ServiceEntrySpec } from '../../../schema/generated/service-entry.ts'
import type { HttpRoute, VirtualServiceSpec } from '../../../schema/generated/virtual-service.ts'
import { getCalledPort, plainPort } from '../../mesh/called-port.ts'
import { printIstioDuration } from '../../mesh/duration.ts'
import { findLookup } from '../../mesh/external-lookup.ts'
import type { External, ExternalEndpoint, Service, SharedMesh } from '../../mesh/mesh.ts'
import { findExternalRouteReasons, findExternalRuleReasons, isTimed } from '../../mesh/routed.ts'
import { because, decided, type Reason, type Sourced } from '../../mesh/sourced.ts'
import { guardExternalRule } from '../helm/chart/adjustable-rule.ts'
import { labelRecord, type Manifest, makeManifest } from '../manifest.ts'
import type { Sourceable } from '../sourceable.ts'
import { withChartForm } from '../template.ts'
import { makeDoorDestination } from './egress.ts'
import { makeHttpRetry } from './http-route.ts'
import { makeConnectionPool, makeOutlierDetection } from './traffic-policy.ts'

/** A system outside: a ServiceEntry that its callers see, and for each host how it is called. */
export function emitExternal(mesh: SharedMesh, external: External): readonly Manifest[] {
  const rule = findExternalRuleReasons(external)
  const { through } = external
  const route = through === undefined ? findExternalRouteReasons(external) : [through.word]
  return [
    serviceEntry(mesh, external),
    ...(rule === undefined
      ? []
      : external.hosts.flatMap(host => listDestinationRules(mesh, external, host, rule))),
    ...(route === undefined
      ? []
      : external.hosts.map((host, index) =>
          virtualService(mesh, external, host, route, through?.doors[index]),
        )),
  ]
}

const originates = ({ tls }: External) => tls.value === 'originate'
const isWildcard = (host: Sourced<string>) => host.value.startsWith('*')

function serviceEntry(mesh: SharedMesh, external: External): Manifest {
  const spec: Sourceable<ServiceEntrySpec> = {
    hosts: external.hosts,
    ...(external.addresses.length > 0 && { addresses: external.addresses }),
    location: 'MESH_EXTERNAL',
    ports: [because(makeServiceEntryPort(external), external.tls)],
    resolution: resolution(external),
    ...(external.endpoints.length > 0 && {
      endpoints: external.endpoints.map(each => because(endpoint(external, each), each.address)),
    }),
    exportTo: withExit(mesh, external),
  }
  return makeManifest(
    mesh,
    'ServiceEntry',
    { name: external.name, namespace: external.namespace, policy: 'policy:service-entry' },
    spec,
  )
}

function makeServiceEntryPort(
  external: External,
): Sourceable<NonNullable<ServiceEntrySpec['ports']>[number]> {
  const { protocol, number } = external.port
  if (originates(external)) {
    return because({ number: plainPort, name: 'http', protocol: 'HTTP', targetPort: number }, protocol)
  }
  const word = { https: 'TLS', tls: 'TLS', http: 'HTTP', tcp: 'TCP' } as const
  return {
    number,
    name: protocol.map(() => nameServiceEntryPort(external)),
    protocol: protocol.map(name => word[name]),
  }
}

const endpoint = (
  external: External,
  { address, weight, port, locality }: ExternalEndpoint,
): Sourceable<NonNullable<ServiceEntrySpec['endpoints']>[number]> => ({
  address,
  ...(port !== undefined && {
    ports: { [nameServiceEntryPort(external)]: because(port, external.tls, external.port.protocol) },
  }),
  ...(weight !== undefined && { weight }),
  ...(locality !== undefined && { locality }),
})

/** The name of the port in the ServiceEntry. */
function nameServiceEntryPort(external: External): 'http' | 'tls' | 'tcp' {
  if (originates(external)) return 'http'
  const { value } = external.port.protocol
  return value === 'https' ? 'tls' : value
}

const resolutionWords = {
  none: 'NONE',
  static: 'STATIC',
  dns: 'DNS',
  'dns-round-robin': 'DNS_ROUND_ROBIN',
  'dynamic-dns': 'DYNAMIC_DNS',
} as const

const resolution = (external: External): Sourced<NonNullable<ServiceEntrySpec['resolution']>> =>
  findLookup(external).map(word => resolutionWords[word])

/** The namespaces of the callers: `*` if anyone may call; undefined if the open mesh makes it visible everywhere. */
function visibility(
  { managed, access }: SharedMesh,
  { namespace, allow, isOpen }: External,
): Sourced<readonly Sourced<string>[]> | undefined {
  if (isOpen) return managed.kind === 'mesh' ? undefined : because(managed.names, access)
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

/** The same namespaces, and the namespace of the gateway proxies on the way of the callers. */
function withExit(mesh: SharedMesh, external: External): Sourced<readonly Sourced<string>[]> | undefined {
  const visible = visibility(mesh, external)
  const { through, namespace } = external
  if (visible === undefined || through === undefined) return visible
  const home = through.gateway.workloadNamespace
  const name = because(home.value === namespace.value ? '.' : home.value, home, namespace, through.word)
  if (visible.value.some(({ value }) => value === '*' || value === name.value))
    return because(visible, through.word, home)
  const names = [...visible.value, name].toSorted((a, b) => (a.value < b.value ? -1 : 1))
  return because(names, visible, through.word)
}

/**
 * Lists the rules for a host: one for every caller, or one for the pods of each caller. Only a proxy that a rule selects gets the
 * certificate of a secret. See `buildUpstreamClusterTLSContext` in pilot/pkg/networking/core/cluster_tls.go.
 */
function listDestinationRules(
  mesh: SharedMesh,
  external: External,
  host: Sourced<string>,
  reasons: readonly Reason[],
): readonly Manifest[] {
  const secret = external.clientCertificate?.secret
  const policy = 'policy:route-shape'
  if (secret === undefined) {
    const identity = {
      name: nameObject(host),
      namespace: external.namespace,
      policy,
      reasons,
    } as const
    const exported: Sourceable<DestinationRuleSpec> = {
      ...destinationRule(external, host),
      // Callers that begin to go through a gateway still need it, until their routes are there.
      exportTo: withExit(mesh, external),
    }
    return [makeManifest(mesh, 'DestinationRule', identity, because(exported, ...reasons))]
  }
  return listConnectingPods(external).map(({ namespace, name, selector, edges }) => {
    const ruleReasons = [...reasons, secret, ...edges]
    const spec: Sourceable<DestinationRuleSpec> = {
      ...destinationRule(external, host),
      exportTo: ['.'],
      workloadSelector: { matchLabels: labelRecord(selector) },
    }
    const identity = {
      name: because(`${nameObject(host).value}.${name.value}`, host, name),
      namespace,
      policy,
      reasons: ruleReasons,
    } as const
    return makeManifest(mesh, 'DestinationRule', identity, because(spec, ...ruleReasons))
  })
}

/** The proxies that connect to a system: those of its callers, or of the gateway on the way. */
interface ConnectingPods extends Pick<Service, 'namespace' | 'name' | 'selector'> {
  readonly edges: readonly Reason[]
}

function listConnectingPods(external: External): readonly ConnectingPods[] {
  const { through } = external
  if (through === undefined)
    return listCallingPods(external).map(({ service, edges }) => ({ ...service, edges }))
  const { workloadNamespace: namespace, name, selector } = through.gateway
  return [{ namespace, name, selector, edges: [through.word] }]
}

/** Lists the pods that call, each with the first service that selects them, and with the words that let it call. */
function listCallingPods({
  allow,
}: External): readonly { readonly service: Service; readonly edges: readonly Reason[] }[] {
  const callers = new Map<Service, Reason[]>()
  for (const { from: caller } of allow) {
    if (caller.kind !== 'service') continue
    const [first = caller.service] = caller.service.samePods
    callers.set(first, [...(callers.get(first) ?? []), caller.origin])
  }
  return [...callers].map(([service, edges]) => ({ service, edges }))
}

function destinationRule(external: External, host: Sourced<string>) {
  const pool = makeConnectionPool(external.policy, isTimed(external))
  return {
    host,
    trafficPolicy: {
      connectionPool: pool && because(pool, external.tls),
      outlierDetection: makeOutlierDetection(external.policy),
      ...(originates(external) && {
        tls: because(decided('policy:verified-tls', clientTls(external, host)), external.tls),
      }),
    },
  }
}

/** TLS that checks the certificate and the name of the server; a proxy takes the name of a wildcard from the request. */
function clientTls({ clientCertificate }: External, host: Sourced<string>) {
  const sni = isWildcard(host) ? undefined : host
  const subjectAltNames = sni && [sni]
  // Istio's default, written out: without it, the analyzers report an unverified connection (IST0128).
  const caCertificates = clientCertificate?.ca ?? 'system'
  if (clientCertificate === undefined)
    return { mode: 'SIMPLE', sni, caCertificates, subjectAltNames } as const
  const { origin, secret, certificate, key } = clientCertificate
  const mode = because('MUTUAL' as const, origin)
  if (secret !== undefined) return { mode, sni, credentialName: secret, subjectAltNames }
  return { mode, sni, clientCertificate: certificate, privateKey: key, caCertificates, subjectAltNames }
}

function virtualService(
  mesh: SharedMesh,
  external: External,
  host: Sourced<string>,
  needs: readonly Reason[],
  door: Sourced<string> | undefined,
): Manifest {
  const { timeout, retries } = external.policy
  const number = getCalledPort(external)
  const { through } = external
  const destination =
    through === undefined || door === undefined
      ? { host, port: { number } }
      : makeDoorDestination(through, door)
  const rule: Sourceable<HttpRoute> = {
    name: external.name,
    route: [{ destination }],
    timeout: timeout.value === 'none' ? undefined : timeout.map(printIstioDuration),
    retries: makeHttpRetry(retries),
  }
  const spec: Sourceable<VirtualServiceSpec> = {
    hosts: [host],
    gateways: ['mesh'],
    ...(isTimed(external)
      ? { http: [withChartForm(rule, part => guardExternalRule(part, external))] }
      : {
          tls: [
            { match: [because({ port: number, sniHosts: [host] }, external.tls)], route: [{ destination }] },
          ],
        }),
    exportTo: visibility(mesh, external),
  }
  const reasons = [external.tls, ...needs]
  return makeManifest(
    mesh,
    'VirtualService',
    { name: nameObject(host), namespace: external.namespace, policy: 'policy:route-shape', reasons },
    because(spec, ...reasons),
  )
}

/** A host has a dot and the name of a service has none, so the two never collide. */
const nameObject = (host: Sourced<string>) => host.map(name => name.replace(/^\*/, 'wildcard'))
