import type { HttpMatch, Redirect } from '../model.ts'
import type { Message } from './message.ts'
import { getQuery } from './paths.ts'
import { replacePath } from './replace-path.ts'

/**
 * Makes the location that a redirect leads to. See ApplyRedirect of Istio, and `newUri` in
 * source/common/router/config_impl.cc of Envoy.
 */
export function makeRedirectLocation(
  redirect: Redirect,
  match: HttpMatch | undefined,
  message: Message,
  listenerPort: number,
  isTls: boolean,
): string {
  const scheme = redirect.scheme ?? message.scheme
  const port = findLocationPort(redirect, listenerPort, isTls)
  const host = redirect.authority ?? getHost(message, scheme, port)
  return `${scheme}://${host}${port === undefined ? '' : `:${port}`}${getPath(redirect, match, message)}`
}

/** The port of the location, without the default port of the scheme. */
function findLocationPort(redirect: Redirect, listenerPort: number, isTls: boolean): number | undefined {
  const port = redirect.derivePort === 'FROM_REQUEST_PORT' ? listenerPort : redirect.port
  const scheme = redirect.scheme ?? (isTls ? 'https' : 'http')
  return port === 0 || port === (scheme === 'https' ? 443 : 80) ? undefined : port
}

/** The host of the request. Its port is removed if the redirect sets another port, or if the port is the default of the previous scheme. */
function getHost({ authority, scheme }: Message, next: string, port: number | undefined): string {
  const written = /:(\d+)$/.exec(authority)?.[1]
  if (written === undefined) return authority
  const isOld = next !== scheme && written === (scheme === 'https' ? '443' : '80')
  return port !== undefined || isOld ? authority.slice(0, -written.length - 1) : authority
}

function getPath({ uri, prefixRewrite }: Redirect, match: HttpMatch | undefined, { path }: Message): string {
  if (prefixRewrite !== undefined) return replacePath(match, prefixRewrite, path)
  if (uri === undefined) return path
  const started = uri.startsWith('/') ? uri : `/${uri}`
  return uri.includes('?') ? started : started + getQuery(path)
}
