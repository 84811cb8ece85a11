import type { ServicePort } from '../../../schema/generated/common-types.ts'
import { eastWestPort } from '../../mesh/clusters.ts'
import { listListeners, listOpaquePorts } from '../../mesh/gateway-listeners.ts'
import type { Gateway } from '../../mesh/mesh.ts'
import { because } from '../../mesh/sourced.ts'
import type { Sourceable } from '../sourceable.ts'

/**
 * The ports of a gateway's Service: health, and the ports of its servers (IST0162). They are explicit, since the defaults of istioctl
 * and Helm differ.
 */
export function listGatewayPorts(gateway: Gateway): readonly Sourceable<ServicePort>[] {
  const { tcp, http, ports, isEgress, isEastWest } = gateway
  const schemes = listListeners(gateway).map(({ scheme }) => scheme)
  const plain = { name: 'http2', port: ports.http, targetPort: 8080, protocol: 'TCP' } as const
  return [
    { name: 'status-port', port: 15021, targetPort: 15021, protocol: 'TCP' },
    ...(schemes.includes('http') ? [because(plain, http)] : []),
    ...(schemes.includes('https')
      ? [{ name: 'https', port: ports.https, targetPort: 8443, protocol: 'TCP' } as const]
      : []),
    ...listOpaquePorts(gateway).map(
      ({ target }) =>
        ({ name: 'tls', port: ports.passthrough, targetPort: target, protocol: 'TCP' }) as const,
    ),
    ...(isEgress.value
      ? [because({ name: 'tls', port: ports.https, targetPort: 8443, protocol: 'TCP' } as const, isEgress)]
      : []),
    ...(isEastWest.value
      ? [
          because(
            { name: 'tls', port: eastWestPort, targetPort: eastWestPort, protocol: 'TCP' } as const,
            isEastWest,
          ),
        ]
      : []),
    ...tcp.map(
      ({ key, number, target }) =>
        ({
          name: key.map(name => `tcp-${name}`),
          port: number,
          targetPort: target,
          protocol: 'TCP',
        }) as const,
    ),
  ]
}
