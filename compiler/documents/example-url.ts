import { listListeners } from '../mesh/gateway-listeners.ts'
import type { Exposure, Gateway, Service } from '../mesh/mesh.ts'

/** A URL of a service at a gateway: with HTTPS if the gateway has a certificate. */
export const makeExampleUrl = (service: Service, { gateway, host }: Exposure, path: string): string =>
  `${makeExampleOrigin(gateway, makeExampleHost(host.value, service))}${path}`

/** The scheme, the host and, unless it is the default of the scheme, the port of requests for a host of a gateway. */
export function makeExampleOrigin(gateway: Gateway, host: string): string {
  const [{ scheme, number } = { scheme: 'http', number: gateway.ports.http }] = listListeners(gateway)
  const isDefault = number.value === (scheme === 'https' ? 443 : 80)
  return `${scheme}://${host}${isDefault ? '' : `:${number.value}`}`
}

/** A host that a request can be for: of `*`, the host of the service; of `*.example.com`, one below. */
export const makeExampleHost = (host: string, service: Service | undefined): string =>
  host === '*' ? (service?.host.value ?? 'www.example.com') : host.replace('*', 'www')
