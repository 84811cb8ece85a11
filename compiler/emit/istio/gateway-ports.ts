import type { ServicePort } from '../../../schema/generated/common-types.ts'
import type { Gateway } from '../../mesh/mesh.ts'
import { because } from '../../mesh/sourced.ts'
import type { Sourceable } from '../sourceable.ts'

/**
 * The ports of a gateway's Service: health, and those that its servers listen on (IST0162).
 * Said for istioctl and Helm alike, whose own defaults differ.
 */
export function listGatewayPorts({ certificate, http, ports }: Gateway): readonly Sourceable<ServicePort>[] {
  const plain = { name: 'http2', port: ports.http, targetPort: 8080, protocol: 'TCP' } as const
  return [
    { name: 'status-port', port: 15021, targetPort: 15021, protocol: 'TCP' },
    ...(http.value === 'off' ? [] : [because(plain, http)]),
    ...(certificate === undefined
      ? []
      : [{ name: 'https', port: ports.https, targetPort: 8443, protocol: 'TCP' } as const]),
  ]
}
