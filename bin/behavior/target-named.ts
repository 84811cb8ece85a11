import type { BehaviorModel, Service, Workload } from '../../compiler/behavior/model.ts'
import { isHttp, isTls } from '../../compiler/behavior/protocol.ts'
import { didYouMean, list, nearest } from '../../compiler/diagnostics/suggest.ts'
import { Failure } from '../failure.ts'
import { nameOf } from './workload-named.ts'

/** What a call asks for: where to, and what is spoken there. */
export interface Target {
  readonly host: string
  readonly port: number
  readonly scheme: 'http' | 'https'
  readonly protocol: 'http' | 'tcp' | 'tls'
  /** Of an address that has one. */
  readonly path: string | undefined
  /** What may have been meant by a host that nothing in the mesh has. */
  readonly note: string | undefined
}

/** `my-api`, `my-api.shop:8080`, `api.example.com`, `https://api.example.com/v1`. `caller`: undefined for one outside. */
export function targetNamed(word: string, model: BehaviorModel, caller: Workload | undefined): Target {
  const written = /^(?:(https?):\/\/)?([^/:?#]+)(?::(\d+))?([/?].*)?$/.exec(word)
  if (written === null)
    throw new Failure(
      `\`${word}\` is no host`,
      'write `my-api`, `my-api:8080` or `https://api.example.com/v1`',
    )
  const [, scheme, name = '', port, rest] = written
  if (port !== undefined && (!/^[1-9]\d{0,4}$/.test(port) || Number(port) > 65_535))
    throw new Failure(`\`${port}\` is no port`, 'a port is a number from 1 to 65535')
  const path = rest?.startsWith('?') ? `/${rest}` : rest
  return caller === undefined
    ? fromOutside(name, scheme, port, path, model)
    : inMesh(name, scheme, port, path, model, caller)
}

/** The same of each port of a service, unless the word names one. */
export function targetsNamed(word: string, model: BehaviorModel, caller: Workload): readonly Target[] {
  const service = /^[^/:?#]+$/.test(word) ? serviceNamed(word, model, caller) : undefined
  const ports = service?.ports.filter(({ protocol }) => protocol !== 'UDP') ?? []
  return ports.length === 0
    ? [targetNamed(word, model, caller)]
    : ports.map(({ number }) => targetNamed(`${word}:${number}`, model, caller))
}

function inMesh(
  name: string,
  scheme: string | undefined,
  written: string | undefined,
  path: string | undefined,
  model: BehaviorModel,
  caller: Workload,
): Target {
  const named = serviceNamed(name, model, caller)
  const service = named ?? serviceOfPod(name, model, caller)
  const host = named === undefined || named.host.startsWith('*') ? name : named.host
  const port = written !== undefined ? Number(written) : scheme === 'https' ? 443 : portOf(service, name)
  const spoken = service?.ports.find(({ number }) => number === port)?.protocol ?? 'HTTP'
  const protocol =
    scheme === 'https' || (scheme === undefined && isTls(spoken))
      ? 'tls'
      : scheme === 'http' || isHttp(spoken) || spoken === 'Unsupported'
        ? 'http'
        : 'tcp'
  return { host, port, scheme: 'http', protocol, path, note: noteOf() }

  function noteOf(): string | undefined {
    if (service === undefined) {
      const near = nearest(name, [...new Set(model.services.map(other => other.host))])
      return near === undefined ? undefined : `no service has the host \`${name}\`; did you mean \`${near}\`?`
    }
    if (named === undefined)
      return `\`${name}\` is the address of a pod behind \`${service.host}\`, which has no name of its own in the mesh`
    if (protocol !== 'tls' || !isHttp(spoken)) return undefined
    return `port ${port} of \`${host}\` is one of HTTP, and a client of https speaks TLS there, which no proxy can read`
  }
}

/** The headless Service whose pod has a host: `kafka-0.kafka.data.svc.cluster.local`. */
function serviceOfPod(name: string, model: BehaviorModel, caller: Workload): Service | undefined {
  const [, domain] = /^[^.]+\.(.+?)(?:\.svc(?:\.cluster\.local)?)?$/.exec(name.toLowerCase()) ?? []
  return model.services.find(
    ({ isHeadless, registry, name, namespace }) =>
      isHeadless &&
      registry === 'Kubernetes' &&
      (domain === `${name}.${namespace}` || (domain === name && namespace === caller.namespace)),
  )
}

/** A service by its name or host; one of the caller's namespace comes first. Undefined: a host outside the mesh. */
function serviceNamed(name: string, model: BehaviorModel, caller: Workload): Service | undefined {
  const short = name.replace(/\.svc(?:\.cluster\.local)?\.?$/, '')
  const exact = model.services.find(({ host }) => host === name.toLowerCase())
  if (exact !== undefined) return exact
  const called = model.services.filter(
    of =>
      of.registry === 'Kubernetes' &&
      (of.name === short || `${of.name}.${of.namespace}` === short || nameOf(of) === short),
  )
  const own = called.find(({ namespace }) => namespace === caller.namespace)
  if (own !== undefined) return own
  if (called.length === 1) return called[0]
  if (called.length > 1)
    throw new Failure(
      `\`${name}\` is ${list(called.map(({ host }) => host))}`,
      `say which, as in \`--to ${called[0]!.name}.${called[0]!.namespace}\``,
    )
  if (name.includes('.')) return undefined
  const names = model.services.map(({ name: of, host, registry }) => (registry === 'Kubernetes' ? of : host))
  throw new Failure(`there is no service \`${name}\``, didYouMean(name, [...new Set(names)]))
}

function portOf(service: Service | undefined, name: string): number {
  if (service === undefined) return 80
  const [only, ...others] = service.ports
  if (only !== undefined && others.length === 0) return only.number
  const http = service.ports.filter(({ protocol }) => isHttp(protocol))
  if (http.length === 1) return http[0]!.number
  const ports = service.ports.map(({ number, name: of }) => `${number}${of === '' ? '' : ` (${of})`}`)
  throw new Failure(
    `\`${name}\` has several ports: ${ports.join(', ')}`,
    `say which, as in \`${name}:${service.ports[0]?.number ?? 80}\``,
  )
}

/** Over https, unless the gateways serve the host without encryption only. */
function fromOutside(
  host: string,
  scheme: string | undefined,
  port: string | undefined,
  path: string | undefined,
  model: BehaviorModel,
): Target {
  const servers = model.gateways.flatMap(gateway => gateway.servers)
  const isServed = (of: string) =>
    servers.some(({ tls, hosts, port: at }) => {
      const isSecure = tls !== undefined && !isHttp(at.protocol)
      return isSecure === (of === 'https') && hosts.some(({ host: served }) => covers(served, host))
    })
  const used =
    scheme === 'http' || scheme === 'https'
      ? scheme
      : port === '80' || (!isServed('https') && isServed('http'))
        ? 'http'
        : 'https'
  const hosts = [...new Set(servers.flatMap(server => server.hosts.map(of => of.host)))]
  const isKnown = hosts.some(served => covers(served, host))
  const near = isKnown ? undefined : nearest(host, hosts)
  return {
    host,
    port: port === undefined ? (used === 'https' ? 443 : 80) : Number(port),
    scheme: used,
    protocol: 'http',
    path,
    note: near === undefined ? undefined : `no gateway serves \`${host}\`; did you mean \`${near}\`?`,
  }
}

const covers = (served: string, host: string) =>
  served.startsWith('*') ? host.endsWith(served.slice(1)) : served === host
