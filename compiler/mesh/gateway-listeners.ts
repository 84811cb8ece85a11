import type { Gateway } from './mesh.ts'
import type { Sourced } from './sourced.ts'

/** A port at which a gateway takes requests. */
interface GatewayListener {
  readonly scheme: 'http' | 'https'
  readonly number: Sourced<number>
}

/** Lists the listeners of a gateway: HTTPS if it has a certificate, and plain HTTP unless the spec turns it off. */
export function listListeners({ certificate, http, ports }: Gateway): readonly GatewayListener[] {
  const listeners: GatewayListener[] = []
  if (certificate !== undefined) listeners.push({ scheme: 'https', number: ports.https })
  if (http.value !== 'off') listeners.push({ scheme: 'http', number: ports.http })
  return listeners
}
