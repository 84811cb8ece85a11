/** One request, connection or handshake of a caller. As JSON it is a line for the oracle of `test/oracle/istio/cmd/behavior`. */
export interface Request {
  readonly id?: string
  readonly from: Caller
  readonly to: {
    /** The host that the caller resolves by DNS. It is also the Host header, unless `headers` sets another. */
    readonly host: string
    /** Default: 80, or 443 from outside over https. At a gateway, the port of its Service. */
    readonly port?: number
    /** The dialled address, if it is not the address of `host`. */
    readonly ip?: string
  }
  /** `tcp`: bytes. `tls`: the caller itself speaks TLS, with `from.sni`, or the host. Default: `http`. */
  readonly protocol?: 'http' | 'tcp' | 'tls'
  /** Default: GET. */
  readonly method?: string
  /** The path with its query. Default: `/`. */
  readonly path?: string
  /** The headers by name, in any case; one value each. */
  readonly headers?: Readonly<Record<string, string>>
  /** The caller has no sidecar, even if its pod declares one. */
  readonly plaintext?: boolean
  /** The answer of every provider of CUSTOM policies, or the authorizers that refuse it. Default: `allow`. */
  readonly extAuthz?: AuthorizerAnswers
  readonly jwt?: Token
}

/**
 * The answers about a request: the same of all authorizers, or a list of those that refuse it, and of `noAnswerOf` those that give
 * no answer.
 */
export type AuthorizerAnswers = 'allow' | 'deny' | readonly string[]

/** The word for an authorizer that gives no answer, so that a proxy which fails open lets the request pass. */
export const noAnswerOf = (authorizer: string): string => `no answer of ${authorizer}`

/** A workload of the mesh (its namespace and distinguishing fields), or an outside client at a gateway. */
export interface Caller {
  readonly namespace?: string
  readonly serviceAccount?: string
  readonly labels?: Readonly<Record<string, string>>
  /** `spiffe://…`, if the identity does not follow from namespace and service account: the caller has another trust domain. */
  readonly identity?: string
  /** The gateway workload that an outside client has connected to. */
  readonly gateway?: { readonly namespace: string; readonly labels: Readonly<Record<string, string>> }
  /** The scheme of an outside client. Default: `http`. */
  readonly scheme?: 'http' | 'https'
  /** The source address. Default: 203.0.113.10 for an outside client; for a workload the address of its pod, if a manifest has it. */
  readonly ip?: string
  /** Default: the host. */
  readonly sni?: string
  /**
   * The name in the certificate of an outside client, signed by the authority of the gateway. `none`: the client has no certificate.
   * Default: `client.example`. A client sends its certificate only if the gateway requests it.
   */
  readonly certificate?: string
}

/** A JSON web token that comes with a request. */
export interface Token {
  readonly iss: string
  readonly sub?: string
  readonly aud?: readonly string[]
  readonly claims?: Readonly<Record<string, unknown>>
  readonly expired?: boolean
  readonly badSignature?: boolean
  /** The header that carries it. Default: `authorization`. */
  readonly header?: string
  /** The text before it there. Default: `Bearer ` in `authorization`, else nothing. */
  readonly prefix?: string
  /** The query parameter that carries it, instead of a header. */
  readonly param?: string
  /** The cookie that carries it, instead of a header or a parameter. */
  readonly cookie?: string
}
