import { isSubset } from '../behavior/is-subset.ts'
import type { Gateway, GatewayServer, Workload } from '../behavior/model.ts'
import { compare } from '../diagnostics/compare.ts'
import { isEqual } from '../source/is-equal.ts'
import type { Claim, Field, Proposal, Unsaid } from './claim.ts'
import { isExit } from './exits.ts'
import { type ForeignMesh, hasSidecars } from './foreign-mesh.ts'
import { Unsayable } from './matches.ts'
import { readMap, readMaps, readObjectSpec, type Tree } from './read-object-spec.ts'

/** A gateway that the spec declares. */
export interface ForeignGateway {
  readonly key: string
  /** True if it is an egress gateway: external systems name it as their gateway. */
  readonly isExit: boolean
  readonly hosts: readonly string[]
  /** The service account of its proxies: `namespace/account`. */
  readonly account: string
  /** The hosts with TLS passthrough. */
  readonly passthrough: readonly string[]
  /** The names of its ports of TCP, by their numbers. */
  readonly tcp: ReadonlyMap<number, string>
  /** The ports of its pods for TCP. */
  readonly targets: readonly number[]
  /** Its certificates; empty: it has no HTTPS. */
  readonly certificates: readonly ForeignCertificate[]
}

/** A certificate that a gateway shows for some hosts. */
interface ForeignCertificate {
  /** The field of the gateway for it: `certificate`, or `certificates` with a key. */
  readonly path: readonly string[]
  readonly secret: string
  readonly hosts: readonly string[]
}

/** The claims about Gateways, and the gateways of the spec by `namespace/name`. */
interface GatewayProposal extends Proposal {
  readonly gateways: ReadonlyMap<string, ForeignGateway>
}

/** Claims the Gateways whose proxies another owner runs. */
export function claimGateways(mesh: ForeignMesh): GatewayProposal {
  const { model } = mesh
  const claims: Claim[] = []
  const unsaid: Unsaid[] = []
  const gateways = new Map<string, ForeignGateway>()
  const names = model.gateways.map(({ name }) => name)
  for (const gateway of model.gateways) {
    const { namespace, name } = gateway
    const key = names.filter(each => each === name).length > 1 ? `${name}-${namespace}` : name
    try {
      if (gateway.unmodelled.length > 0) throw new Unsayable('a part of it is beyond the model')
      if (!hasSidecars(mesh, namespace) && namespace !== model.settings.rootNamespace)
        throw new Unsayable('the pods of its namespace have no sidecars')
      const pod = findProxy(gateway, model.workloads)
      const written = readMaps(readObjectSpec(gateway), 'servers')
      const isOut = isExit(gateway)
      const { hosts, certificates, fields } = isOut
        ? describeExit(gateway.servers)
        : describeServers(gateway.servers, written)
      const connections = describeConnectionServers(isOut ? [] : gateway.servers, pod, model)
      const set = (value: unknown, ...path: readonly string[]): Field => ({
        path: ['gateways', key, ...path],
        value,
      })
      claims.push({
        objects: [gateway],
        // Its servers follow from the systems that go through it.
        isExact: isOut,
        fields: [
          set(namespace, 'namespace'),
          set({ ...gateway.selector }, 'workload', 'labels'),
          set(pod.serviceAccount, 'workload', 'serviceAccount'),
          ...(pod.namespace === namespace ? [] : [set(pod.namespace, 'workload', 'namespace')]),
          ...(hosts.length > 0 ? [set(hosts, 'hosts')] : []),
          ...[...fields, ...connections.fields].map(([field, value]) => set(value, ...field)),
        ],
      })
      gateways.set(`${namespace}/${name}`, {
        key,
        isExit: isOut,
        hosts,
        account: `${pod.namespace}/${pod.serviceAccount}`,
        passthrough: connections.passthrough,
        tcp: connections.tcp,
        targets: connections.targets,
        certificates,
      })
    } catch (error) {
      if (!(error instanceof Unsayable)) throw error
      unsaid.push({ object: gateway, reason: error.message })
    }
  }
  return { claims, unsaid, ineffective: [], gateways }
}

function findProxy({ selector }: Gateway, workloads: readonly Workload[]): Workload {
  const pods = workloads.filter(({ proxy, labels }) => proxy === 'gateway' && isSubset(selector, labels))
  const [pod] = pods
  if (pod === undefined || Object.keys(selector).length === 0) throw new Unsayable('no workload is its proxy')
  if (pods.some(({ serviceAccount }) => serviceAccount !== pod.serviceAccount))
    throw new Unsayable('its proxies have several service accounts')
  return pod
}

type Described = readonly (readonly [path: readonly string[], value: unknown])[]

/** Describes the servers of an egress gateway, all of which listen on one port. */
function describeExit(servers: readonly GatewayServer[]): ReturnType<typeof describeServers> {
  const [number, ...others] = new Set(servers.map(({ port }) => port.number))
  if (others.length > 0) throw new Unsayable('its servers have several ports')
  return {
    hosts: [],
    certificates: [],
    fields: [[['egress'], true], ...(number === 443 ? [] : [[['ports', 'https'], number] as const])],
  }
}

/** Describes the servers of requests: at most one for plain HTTP, and those for HTTPS, which together have the same hosts. */
function describeServers(
  servers: readonly GatewayServer[],
  written: readonly Tree[],
): {
  readonly hosts: readonly string[]
  readonly certificates: readonly ForeignCertificate[]
  readonly fields: Described
} {
  const plain = servers.filter(({ port }) => port.protocol === 'HTTP' || port.protocol === 'HTTP2')
  const encrypted = servers.filter(({ port }) => port.protocol === 'HTTPS')
  if (plain.length > 1) throw new Unsayable('it has several servers of one protocol')
  const ports = new Set(encrypted.map(({ port }) => port.number))
  if (ports.size > 1) throw new Unsayable('it has several ports for HTTPS')
  const lists = [plain, encrypted]
    .filter(({ length }) => length > 0)
    .map(list => list.flatMap(({ hosts }) => hosts.map(({ host }) => host)))
  const [hosts = []] = lists
  if (lists.some(list => !isEqual(list.toSorted(), hosts.toSorted())))
    throw new Unsayable('its servers have different hosts')
  if (servers.some(({ bind }) => bind !== '')) throw new Unsayable('a server of it listens on one address')
  const [http] = plain
  const [https] = encrypted
  const shown = encrypted.map(server => ({ server, ...describeEncryption(server, written[server.index]!) }))
  if (new Set(shown.map(({ minimum }) => minimum)).size > 1)
    throw new Unsayable('its servers have different versions of TLS')
  const names = nameCertificates(encrypted)
  const certificates = shown.map(({ server, secret, clients }) => ({
    path: names.get(server)!,
    secret,
    clients,
    hosts: server.hosts.map(({ host }) => host),
  }))
  return {
    hosts,
    certificates,
    fields: [
      ...(http === undefined
        ? hosts.length === 0
          ? []
          : [[['http'], 'off'] as const]
        : [
            [['http'], http.tls?.httpsRedirect === true ? 'redirect' : 'serve'] as const,
            ...(http.port.number === 80 ? [] : [[['ports', 'http'], http.port.number] as const]),
          ]),
      ...certificates.flatMap(({ path, secret, hosts, clients }) => [
        ...(path.length === 1 ? [] : [[[...path, 'hosts'], hosts] as const]),
        [[...path, 'secret'], secret] as const,
        ...(clients === undefined
          ? []
          : [[[...(path.length === 1 ? [] : path), 'clientCertificates'], clients] as const]),
      ]),
      ...(shown[0]?.minimum === 'TLSV1_3' ? [[['tls'], 1.3] as const] : []),
      ...(https === undefined || https.port.number === 443
        ? []
        : [[['ports', 'https'], https.port.number] as const]),
    ],
  }
}

/** Finds the field for the certificate of each server: that called `https`, or the only one, has the certificate of the gateway. */
function nameCertificates(servers: readonly GatewayServer[]): ReadonlyMap<GatewayServer, readonly string[]> {
  const names = new Map<GatewayServer, readonly string[]>()
  const taken = new Set<string>()
  for (const [index, server] of servers.entries()) {
    if (servers.length === 1 && !/^https-/.test(server.port.name)) names.set(server, ['certificate'])
    else if (server.port.name === 'https') names.set(server, ['certificate'])
    else {
      const plain = server.port.name.replace(/^https-/, '').toLowerCase()
      const isFree = /^[a-z]([-a-z0-9]{0,28}[a-z0-9])?$/.test(plain) && !taken.has(plain)
      const key = isFree ? plain : `hosts-${index + 1}`
      taken.add(key)
      names.set(server, ['certificates', key])
    }
  }
  if ([...names.values()].filter(path => path.length === 1).length > 1)
    throw new Unsayable('two servers of it have one name')
  return names
}

function describeEncryption(
  { tls }: GatewayServer,
  written: Tree,
): { readonly secret: string; readonly minimum: unknown; readonly clients: Tree | undefined } {
  const { mode, credentialName, minProtocolVersion, caCertCredentialName, subjectAltNames, ...others } =
    readMap(written, 'tls')
  const asks = tls?.mode === 'MUTUAL' || tls?.mode === 'OPTIONAL_MUTUAL'
  // Without its own secret, the CA is in the certificate's secret, or in one with the suffix `-cacert`. No manifest shows which.
  const ca = caCertCredentialName ?? (asks ? `${String(credentialName)}-cacert` : undefined)
  if (tls?.mode !== 'SIMPLE' && !asks) throw new Unsayable(`its TLS is ${tls?.mode ?? 'not set'}`)
  if (typeof credentialName !== 'string') throw new Unsayable('its certificate is a file')
  const [further] = Object.keys(others)
  if (further !== undefined) throw new Unsayable(`its TLS sets \`${further}\``)
  return {
    secret: credentialName,
    minimum: minProtocolVersion,
    clients: asks
      ? {
          ca,
          ...(tls.mode === 'OPTIONAL_MUTUAL' && { required: false }),
          ...(tls.subjectAltNames.length > 0 && { names: tls.subjectAltNames }),
        }
      : undefined,
  }
}

/** Describes the servers that forward connections: TLS passthrough for some hosts, and TCP ports for every host. */
function describeConnectionServers(
  servers: readonly GatewayServer[],
  pod: Workload,
  { services }: ForeignMesh['model'],
): Pick<ForeignGateway, 'passthrough' | 'tcp' | 'targets'> & { readonly fields: Described } {
  const others = servers.filter(({ port }) => !['HTTP', 'HTTP2', 'HTTPS'].includes(port.protocol))
  const opaque = others.filter(({ tls }) => tls?.mode === 'PASSTHROUGH')
  const open = others.filter(({ tls, port }) => tls === undefined && port.protocol === 'TCP')
  if (opaque.length + open.length < others.length) throw new Unsayable('a server of it is not for HTTP')
  if (new Set(opaque.map(({ port }) => port.number)).size > 1)
    throw new Unsayable('it has several ports for TLS that goes on unopened')
  const passthrough = [...new Set(opaque.flatMap(({ hosts }) => hosts.map(({ host }) => host)))]
  if (passthrough.includes('*')) throw new Unsayable('TLS of every host goes on unopened')
  if (open.some(({ hosts }) => !hosts.some(({ host }) => host === '*')))
    throw new Unsayable('a port of TCP is for some hosts')
  const tcp = new Map<number, string>()
  const listeners = open.map(({ port }) => {
    const plain = port.name.replace(/^tcp-/, '').toLowerCase()
    const isFree = /^[a-z]([-a-z0-9]{0,13}[a-z0-9])?$/.test(plain) && ![...tcp.values()].includes(plain)
    const key = isFree ? plain : `port-${port.number}`
    tcp.set(port.number, key)
    return { key, number: port.number, target: findPodPort(port.number, pod, services) }
  })
  const https = servers.find(({ port }) => port.protocol === 'HTTPS')?.port.number ?? 443
  return {
    passthrough,
    tcp,
    targets: listeners.map(({ target }) => target),
    fields: [
      ...(passthrough.length > 0 ? [[['passthrough'], passthrough] as const] : []),
      ...opaque
        .slice(0, 1)
        .flatMap(({ port }) =>
          port.number === https ? [] : [[['ports', 'passthrough'], port.number] as const],
        ),
      ...listeners
        .toSorted((a, b) => compare(a.key, b.key))
        .flatMap(({ key, number, target }) => [
          [['tcp', key, 'port'], number] as const,
          ...(target === number ? [] : [[['tcp', key, 'target'], target] as const]),
        ]),
    ],
  }
}

/** Finds the port of the pods behind a port of the Service in front of them. */
function findPodPort(number: number, pod: Workload, services: ForeignMesh['model']['services']): number {
  const ports = services
    .filter(
      ({ namespace, selector }) =>
        namespace === pod.namespace && Object.keys(selector).length > 0 && isSubset(selector, pod.labels),
    )
    .flatMap(service => service.ports)
  const target = ports.find(port => port.number === number)?.targetPort
  return typeof target === 'number' ? target : number
}
