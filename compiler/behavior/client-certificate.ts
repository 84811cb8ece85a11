import type { GatewayServer } from './model.ts'

/** The name in the certificate of a client outside, if the caller gives no name. It names no workload of the mesh. */
export const unnamedClient = 'client.example'

/** The word of a client outside that has no certificate. */
export const noCertificate = 'none'

/** Tells whether a server asks its clients for certificates. */
export const asksForCertificate = ({ tls }: GatewayServer): boolean => /MUTUAL$/.test(tls?.mode ?? '')

/**
 * Tells whether a server accepts the TLS handshake of a client. The authority of the server has signed the client's certificate.
 *
 * @param name the name in the certificate; undefined: the client has no certificate
 */
export function admitsCertificate({ tls }: GatewayServer, name: string | undefined): boolean {
  if (tls === undefined || !/MUTUAL$/.test(tls.mode)) return true
  if (name === undefined) return tls.mode === 'OPTIONAL_MUTUAL'
  return tls.subjectAltNames.length === 0 || tls.subjectAltNames.includes(name)
}
