import { eastWestPort } from './clusters.ts'
import type { Gateway } from './mesh.ts'
import { decided, type Sourced } from './sourced.ts'

/** A port at which a gateway takes requests. */
interface GatewayListener {
  readonly scheme: 'http' | 'https'
  readonly number: Sourced<number>
}

/** Lists the listeners for requests: HTTPS if there is a certificate, and plain HTTP unless the spec turns it off. */
export function listListeners({ certificates, hosts, http, ports }: Gateway): readonly GatewayListener[] {
  if (hosts.length === 0) return []
  const listeners: GatewayListener[] = []
  if (certificates.length > 0) listeners.push({ scheme: 'https', number: ports.https })
  if (http.value !== 'off') listeners.push({ scheme: 'http', number: ports.http })
  return listeners
}

/** Tells whether a gateway ends the TLS of some hosts itself. */
const opensTls = ({ certificates, hosts }: Gateway) => hosts.length > 0 && certificates.length > 0

/** The port of a gateway for TLS passthrough, and the port of pods that meshc installs. */
interface OpaquePort {
  readonly number: number
  readonly target: number
}

/** Lists the port for TLS passthrough, unless it is the port for HTTPS. */
export function listOpaquePorts(gateway: Gateway): readonly OpaquePort[] {
  const { passthrough, ports } = gateway
  const isShared = opensTls(gateway) && ports.passthrough.value === ports.https.value
  if (passthrough.length === 0 || isShared) return []
  const number = ports.passthrough.value
  return [{ number, target: opensTls(gateway) ? number : 8443 }]
}

/** A port at which a gateway listens, for requests or for connections. */
interface ListenedPort {
  /** The word for it in the spec, such as `https` or `tcp.postgres`. */
  readonly name: string
  readonly number: Sourced<number>
  /** The port of the pods that meshc installs. */
  readonly target: Sourced<number>
  readonly isTcp: boolean
}

/** Lists every port at which a gateway listens, each once. */
export function listListenedPorts(gateway: Gateway): readonly ListenedPort[] {
  const targets = { http: 8080, https: 8443 }
  const opaque = listOpaquePorts(gateway)
  return [
    ...listListeners(gateway).map(({ scheme, number }) => ({
      name: scheme,
      number,
      target: decided('policy:gateway-server', targets[scheme]),
      isTcp: false,
    })),
    ...(gateway.isEgress.value
      ? [
          {
            name: 'https',
            number: gateway.ports.https,
            target: decided('policy:gateway-server', targets.https),
            isTcp: false,
          },
        ]
      : []),
    ...(gateway.isEastWest.value
      ? [
          {
            name: 'eastWest',
            number: gateway.isEastWest.map(() => eastWestPort),
            target: decided('policy:east-west', eastWestPort),
            isTcp: true,
          },
        ]
      : []),
    ...opaque.map(({ target }) => ({
      name: 'passthrough',
      number: gateway.ports.passthrough,
      target: gateway.ports.passthrough.map(() => target),
      isTcp: false,
    })),
    ...gateway.tcp.map(({ key, number, target }) => ({
      name: `tcp.${key.value}`,
      number,
      target,
      isTcp: true,
    })),
  ]
}
