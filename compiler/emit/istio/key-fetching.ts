import type { Mesh } from '../../mesh/mesh.ts'
import { because, decided, type Sourced } from '../../mesh/sourced.ts'

/** Loopback and link-local addresses, among which clouds have the credentials of a node. */
const blocked = ['127.0.0.0/8', '169.254.0.0/16', '::1/128', 'fe80::/10', 'fd00:ec2::254/128']

/**
 * Environment variables of istiod for fetching the keys of tokens: istiod fetches from any address in a RequestAuthentication. There
 * are none if no service and no gateway reads tokens. The analyzers require them (IST0175).
 *
 * See istio pilot/pkg/features/pilot.go, `BLOCKED_CIDRS_IN_JWKS_URIS`.
 */
export function allowKeyFetching({
  services,
  gateways,
}: Mesh): Readonly<Record<string, Sourced<string>>> | undefined {
  const first = [...services, ...gateways].find(({ jwt }) => jwt !== undefined)?.jwt
  return (
    first && {
      BLOCKED_CIDRS_IN_JWKS_URIS: because(decided('policy:key-fetching', blocked.join(',')), first.origin),
    }
  )
}
