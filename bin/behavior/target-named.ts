import type { BehaviorModel, Gateway, Service } from '../../compiler/behavior/model.ts'
import { isHttpProtocol, isTlsProtocol } from '../../compiler/behavior/protocol.ts'
import { getQualifiedName } from '../../compiler/behavior/qualified-name.ts'
import { findNearestName, listQuoted, suggestName } from '../../compiler/diagnostics/suggest.ts'
import { Failure } from '../cli/failure.ts'
import { type GatewayProxy, isHostServed, isServedBy } from './gateway-named.ts'
import { isNamedBy } from './is-named-by.ts'
import type { MeshAtHand } from './mesh.ts'

/** The target of a command: the destination and the protocol. */
export interface Target {
  readonly host: string
  readonly port: number
  readonly scheme: 'http' | 'https'
  readonly protocol: 'http' | 'tcp' | 'tls'
  /** The path of an address that has one. */
  readonly path: string | undefined
  /** The note with a suggestion for a host that is not in the mesh. */
  readonly note: string | undefined
}

/** The part of a caller that a target depends on: its namespace, or the gateways that a client outside may use. */
type Asker = { readonly namespace: string } | { readonly gateways: readonly GatewayProxy[] }

/**
 * Finds the target that a word means: `my-api`, `my-api.shop:8080`, `external/stripe`, `https://api.example.com/v1`. For a
 * client outside, the target of a service is the host at which a gateway exposes it.
 */
export function findTarget(
  word: string,
  { model, specNames }: Pick<MeshAtHand, 'model' | 'specNames' | 'remoteWorkloads'>,
  asker: Asker,
): Target {
  const written = /^(?:(https?):\/\/)?((?:external\/)?[^/:?#]+)(?::(\d+))?([/?].*)?$/.exec(word)
  if (written === null)
    throw new Failure(
      `\`${word}\` is no host`,
      'write `my-api`, `my-api:8080`, `external/stripe` or `https://api.example.com/v1`',
    )
  const [, scheme, hostName = '', port, rest] = written
  if (port !== undefined && (!/^[1-9]\d{0,4}$/.test(port) || Number(port) > 65_535))
    throw new Failure(`\`${port}\` is no port`, 'a port is a number from 1 to 65535')
  const path = rest?.startsWith('?') ? `/${rest}` : rest
  const name = hostName.startsWith('external/')
    ? findOutsideHost(hostName.slice('external/'.length), model)
    : (specNames.get(hostName) ?? hostName)
  return 'namespace' in asker
    ? findMeshTarget(name, scheme, port, path, model, asker)
    : findOutsideTarget(findShownHost(name, asker.gateways, model), scheme, port, path, model)
}

/** The same of each port of a service, unless the word names one. */
export function findTargets(
  word: string,
  mesh: Pick<MeshAtHand, 'model' | 'specNames' | 'remoteWorkloads'>,
  asker: Asker,
): readonly Target[] {
  const isName = 'namespace' in asker && /^[^/:?#]+$/.test(word)
  const service = isName ? findService(mesh.specNames.get(word) ?? word, mesh.model, asker) : undefined
  const ports = service?.ports.filter(({ protocol }) => protocol !== 'UDP') ?? []
  return ports.length === 0
    ? [findTarget(word, mesh, asker)]
    : ports.map(({ number }) => findTarget(`${word}:${number}`, mesh, asker))
}

/** The host of an external system, from the name of its ServiceEntry. */
function findOutsideHost(name: string, { services }: BehaviorModel): string {
  const outside = services.filter(({ registry }) => registry === 'External')
  const hosts = [...new Set(outside.filter(service => service.name === name).map(({ host }) => host))]
  const [only, ...others] = hosts
  if (only === undefined) {
    const names = [...new Set(outside.map(service => service.name))]
    throw new Failure(`there is no external system \`${name}\``, suggestName(name, names))
  }
  if (others.length > 0)
    throw new Failure(`\`external/${name}\` is ${listQuoted(hosts)}`, `say which, as in \`${only}\``)
  if (only.startsWith('*'))
    throw new Failure(`\`external/${name}\` is \`${only}\``, `name a host of it, as in \`a${only.slice(1)}\``)
  return only
}

/** A host that gateways serve, or the one at which they show a service of this name; else the name itself. */
function findShownHost(name: string, proxies: readonly GatewayProxy[], model: BehaviorModel): string {
  const gateways = proxies.flatMap(proxy => proxy.gateways)
  const services = listServicesCalled(name, model).map(({ host }) => host)
  // A gateway of `*` serves a host of any name, but a service of that name is meant.
  const isHost = name.includes('.') && isServedBy(gateways, name)
  if (isHost || services.length === 0 || gateways.some(gateway => servesExactly(gateway, name))) return name
  const bound = new Set(gateways.map(getQualifiedName))
  const hosts = model.virtualServices
    .filter(
      ({ gateways: names, http, tls, tcp }) =>
        names.some(givenName => bound.has(givenName)) &&
        [...http, ...tls, ...tcp].some(({ destinations }) =>
          destinations.some(({ host }) => services.includes(host)),
        ),
    )
    .flatMap(service => service.hosts)
  const exact = hosts.filter(host => !host.startsWith('*'))
  const below = hosts.map(host => (host === '*' ? services[0]! : host.replace('*', 'www')))
  const [only, ...others] = [...new Set(exact.length > 0 ? exact : below)].sort()
  if (only === undefined) throw new Failure(`no gateway shows \`${name}\``, 'name a caller with `--from`')
  if (others.length === 0) return only
  throw new Failure(
    `\`${name}\` has several hosts: ${listQuoted([only, ...others])}`,
    `say which, as in \`--to ${only}\``,
  )
}

const servesExactly = ({ servers }: Gateway, name: string): boolean =>
  servers.some(({ hosts }) => hosts.some(({ host }) => host === name))

function findMeshTarget(
  name: string,
  scheme: string | undefined,
  written: string | undefined,
  path: string | undefined,
  model: BehaviorModel,
  caller: { readonly namespace: string },
): Target {
  const named = findService(name, model, caller)
  const service = named ?? findServiceOfPod(name, model, caller)
  const host = named === undefined || named.host.startsWith('*') ? name : named.host
  const port =
    written !== undefined ? Number(written) : scheme === 'https' ? 443 : findPortNumber(service, name)
  const spoken = service?.ports.find(({ number }) => number === port)?.protocol ?? 'HTTP'
  const protocol =
    scheme === 'https' || (scheme === undefined && isTlsProtocol(spoken))
      ? 'tls'
      : scheme === 'http' || isHttpProtocol(spoken) || spoken === 'Unsupported'
        ? 'http'
        : 'tcp'
  return { host, port, scheme: 'http', protocol, path, note: findNote() }

  function findNote(): string | undefined {
    if (service === undefined) {
      const near = findNearestName(name, [...new Set(model.services.map(otherService => otherService.host))])
      return near === undefined ? undefined : `no service has the host \`${name}\`; did you mean \`${near}\`?`
    }
    if (named === undefined)
      return `\`${name}\` is the address of a pod behind \`${service.host}\`, which has no name of its own in the mesh`
    if (protocol !== 'tls' || !isHttpProtocol(spoken)) return undefined
    return `port ${port} of \`${host}\` is one of HTTP, and a client of https speaks TLS there, which no proxy can read`
  }
}

/** The headless Service whose pod has a host: `kafka-0.kafka.data.svc.cluster.local`. */
function findServiceOfPod(
  name: string,
  model: BehaviorModel,
  caller: { readonly namespace: string },
): Service | undefined {
  const [, domain] = /^[^.]+\.(.+?)(?:\.svc(?:\.cluster\.local)?)?$/.exec(name.toLowerCase()) ?? []
  return model.services.find(
    ({ isHeadless, registry, name, namespace }) =>
      isHeadless &&
      registry === 'Kubernetes' &&
      (domain === `${name}.${namespace}` || (domain === name && namespace === caller.namespace)),
  )
}

/** A service by its name or host; one of the caller's namespace comes first. Undefined: a host outside the mesh. */
function findService(
  name: string,
  model: BehaviorModel,
  caller: { readonly namespace: string },
): Service | undefined {
  const exact = model.services.find(({ host }) => host === name.toLowerCase())
  if (exact !== undefined) return exact
  const called = listServicesCalled(name, model)
  const service = called.find(({ namespace }) => namespace === caller.namespace)
  if (service !== undefined) return service
  if (called.length === 1) return called[0]
  if (called.length > 1)
    throw new Failure(
      `\`${name}\` is ${listQuoted(called.map(({ host }) => host))}`,
      `say which, as in \`--to ${called[0]!.name}.${called[0]!.namespace}\``,
    )
  if (name.includes('.')) return undefined
  const names = model.services.map(({ name: serviceName, host, registry }) =>
    registry === 'Kubernetes' ? serviceName : host,
  )
  throw new Failure(`there is no service \`${name}\``, suggestName(name, [...new Set(names)]))
}

/** The Services of Kubernetes that a name or host means. */
function listServicesCalled(name: string, { services }: BehaviorModel): readonly Service[] {
  const short = name.replace(/\.svc(?:\.cluster\.local)?\.?$/, '')
  return services.filter(service => service.registry === 'Kubernetes' && isNamedBy(service, short))
}

function findPortNumber(service: Service | undefined, name: string): number {
  if (service === undefined) return 80
  const [only, ...servicePorts] = service.ports
  if (only !== undefined && servicePorts.length === 0) return only.number
  const http = service.ports.filter(({ protocol }) => isHttpProtocol(protocol))
  if (http.length === 1) return http[0]!.number
  const ports = service.ports.map(
    ({ number, name: portName }) => `${number}${portName === '' ? '' : ` (${portName})`}`,
  )
  throw new Failure(
    `\`${name}\` has several ports: ${ports.join(', ')}`,
    `say which, as in \`${name}:${service.ports[0]?.number ?? 80}\``,
  )
}

/**
 * Makes the target of a call from outside: over https, unless the gateways serve the host only without encryption. A word without a
 * scheme means a port that serves the host, preferably the default port of the scheme.
 */
function findOutsideTarget(
  host: string,
  scheme: string | undefined,
  port: string | undefined,
  path: string | undefined,
  model: BehaviorModel,
): Target {
  const servers = model.gateways.flatMap(gateway => gateway.servers)
  const atPort = servers.filter(({ port: at }) => at.number === Number(port))
  const portsOf = (scheme: string) =>
    (atPort.length > 0 ? atPort : servers)
      .filter(({ tls, hosts, port: at }) => {
        const isSecure = tls !== undefined && !isHttpProtocol(at.protocol)
        return (
          isSecure === (scheme === 'https') && hosts.some(({ host: served }) => isHostServed(served, host))
        )
      })
      .map(({ port: at }) => at.number)
  const used =
    scheme === 'http' || scheme === 'https'
      ? scheme
      : port === '80' || (portsOf('https').length === 0 && portsOf('http').length > 0)
        ? 'http'
        : 'https'
  const usual = used === 'https' ? 443 : 80
  const served = portsOf(used)
  const hosts = [...new Set(servers.flatMap(server => server.hosts.map(givenHost => givenHost.host)))]
  const isKnown = hosts.some(served => isHostServed(served, host))
  const near = isKnown ? undefined : findNearestName(host, hosts)
  return {
    host,
    port:
      port !== undefined
        ? Number(port)
        : scheme !== undefined || served.includes(usual)
          ? usual
          : (served[0] ?? usual),
    scheme: used,
    protocol: 'http',
    path,
    note: near === undefined ? undefined : `no gateway serves \`${host}\`; did you mean \`${near}\`?`,
  }
}
