import type { GatewayServer } from './model.ts'

/** The name in the certificate of a client outside, if the caller gives no name. It names no workload of the mesh. */
export const unnamedClient = 'client.example'

/** The word of a client outside that has no certificate. */
export const noCertificate = 'none'

/** Tells whether a server asks its clients for certificates. */
export const asksForCertificate = ({ tls }: GatewayServer): boolean => /MUTUAL$/.test(tls?.mode ?? '')

/**
 * Tells whether a server opens TLS with a client, whose certificate its authority has signed.
 *
 * @param name the name in the certificate; undefined: the client has none
 */
export function admitsCertificate({ tls }: GatewayServer, name: string | undefined): boolean {
  if (tls === undefined || !/MUTUAL$/.test(tls.mode)) return true
  if (name === undefined) return tls.mode === 'OPTIONAL_MUTUAL'
  return tls.subjectAltNames.length === 0 || tls.subjectAltNames.includes(name)
}
