import type { AuthorizerAnswers } from '../request.ts'
import type { Outcome, Step, Unmodelled, Verdict } from '../result.ts'
import type { Message } from './message.ts'
import type { Bytes } from './outbound-listener.ts'

/** A connection as it reaches a pod. */
export interface Arrival {
  readonly transport: 'mtls' | 'tls' | 'plaintext'
  /** The content of the connection, once decrypted. */
  readonly bytes: Bytes
  /** True if the sender announces HTTP: over mutual TLS it uses ALPN. */
  readonly isKnownHttp: boolean
  readonly sni: string
  /** `spiffe://…` of the sender's certificate. */
  readonly peer: string | undefined
  readonly sourceAddress: string | undefined
  /** The name in the certificate of an outside client; undefined: the client has no certificate. */
  readonly certificate: string | undefined
  readonly message: Message | undefined
  readonly extAuthz: AuthorizerAnswers
}

/** The fate of a connection, and the request in it, at a pod. */
export interface Served {
  readonly verdict: Verdict
  readonly status?: number
  readonly policy?: string
  readonly location?: string
  /** The identity that the pod's proxy sees. */
  readonly peer?: string
  /** True if the two could not agree on encryption. */
  readonly isHandshakeFailed?: boolean
  readonly upstream?: NonNullable<Outcome['upstream']>
  /** The destinations of a gateway. */
  readonly onward?: NonNullable<Outcome['onward']>
  readonly unknown: readonly Unmodelled[]
  readonly steps: readonly Step[]
}

/** Answers a path or method that the proxy cannot read. */
export const serveBadRequest = (steps: readonly Step[], reason: string): Served => ({
  verdict: 'BAD_REQUEST',
  status: 400,
  unknown: [],
  steps: [...steps, { step: 'listener', says: `refused: ${reason}`, at: [] }],
})

export const noNull = 'no path holds a null character'

export const serveUnknown = (unknown: readonly Unmodelled[], steps: readonly Step[]): Served => ({
  verdict: 'UNKNOWN',
  unknown,
  steps,
})
