import type { Request, Token } from '../request.ts'

/** A request of HTTP as one proxy passes it to the next. */
export interface Message {
  readonly method: string
  /** The path with its query. */
  readonly path: string
  /** The Host header, with the port if it has one. */
  readonly authority: string
  readonly scheme: 'http' | 'https'
  /** The headers by names in lower case, without the pseudo-headers of HTTP/2. A route may add a second value. */
  readonly headers: ReadonlyMap<string, readonly string[]>
  /** The names of headers whose values come from a proxy on the way. */
  readonly computed: ReadonlySet<string>
  readonly token: CarriedToken | undefined
}

/** A token of the request, and the header whose whole value it is. No other value has the same text. */
interface CarriedToken {
  readonly token: Token
  readonly header: string | undefined
}

/** A placeholder for the text of a token. */
export const tokenText = 'eyJ.token.signature'

/** The request as the caller writes it. */
export function makeMessage(request: Request): Message {
  const scheme = request.from.scheme ?? 'http'
  const { port } = request.to
  const headers = new Map<string, readonly string[]>()
  let authority = isDefaultPort(port, scheme) ? request.to.host : `${request.to.host}:${port}`
  for (const name of Object.keys(request.headers ?? {}).toSorted()) {
    const lower = name.toLowerCase()
    const value = request.headers![name]!
    if (lower === 'host' || lower === ':authority') authority = value
    else headers.set(lower, [value.trim()])
  }
  const { jwt } = request
  let path = request.path || '/'
  let token: CarriedToken | undefined
  if (jwt?.param) {
    path += `${path.includes('?') ? '&' : '?'}${encodeURIComponent(jwt.param)}=${tokenText}`
    token = { token: jwt, header: undefined }
  } else if (jwt?.cookie) {
    headers.set('cookie', [...(headers.get('cookie') ?? []), `${jwt.cookie}=${tokenText}`])
    token = { token: jwt, header: undefined }
  } else if (jwt !== undefined) {
    const header = (jwt.header || 'authorization').toLowerCase()
    headers.set(header, [`${jwt.prefix ?? (jwt.header ? '' : 'Bearer ')}${tokenText}`])
    token = { token: jwt, header }
  }
  return {
    method: request.method || 'GET',
    path,
    authority,
    scheme,
    headers,
    computed: new Set(),
    token,
  }
}

/**
 * The request as a proxy of HTTP reads it. The proxy adds the scheme if no earlier proxy has set it.
 *
 * @param isEdge whether it believes no one
 */
export function receiveMessage(message: Message, scheme: Message['scheme'], isEdge = false): Message {
  const [forwarded] = message.headers.get(forwardedProtocol) ?? []
  const protocol = isEdge || forwarded === undefined ? scheme : forwarded
  const named = protocol.toLowerCase()
  return {
    ...message,
    headers: new Map(message.headers).set(forwardedProtocol, [protocol]),
    scheme: named === 'http' || named === 'https' ? named : scheme,
  }
}

/** The header with which a proxy reports the scheme of a request. */
const forwardedProtocol = 'x-forwarded-proto'

/** Tells whether the proxy in front, or else the gateway, reports https for a request. Envoy compares the value exactly. */
export const isForwardedSecurely = ({ headers }: Message): boolean =>
  headers.get(forwardedProtocol)?.[0] === 'https'

/** Tells whether a proxy looks for a route at all: it does not where `x-forwarded-proto` is empty. */
export const isRoutable = ({ headers }: Message): boolean => headers.get(forwardedProtocol)?.[0] !== ''

const isDefaultPort = (port: number | undefined, scheme: 'http' | 'https') =>
  port === undefined || port === 0 || port === (scheme === 'https' ? 443 : 80)

/** The values of a header or pseudo-header; empty: the header is absent. Each value is compared by itself. */
export function listHeaderValues(message: Message, name: string): readonly string[] {
  switch (name) {
    case ':method':
      return [message.method]
    case ':path':
      return [message.path]
    case ':authority':
    case 'host':
      return [message.authority]
    case ':scheme':
      return [message.scheme]
    default:
      return message.headers.get(name) ?? []
  }
}

/** A CORS preflight: it asks whether a browser may send another request. */
export const isPreflight = (message: Message): boolean =>
  message.method === 'OPTIONS' &&
  Boolean(message.headers.get('origin')?.[0]) &&
  Boolean(message.headers.get('access-control-request-method')?.[0])
