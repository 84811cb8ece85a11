import type { Message } from './message.ts'

/**
 * Tells whether a proxy accepts the method of a request. Envoy's parser of HTTP/1.1 knows these methods, in upper case. CONNECT has
 * no route, and QUERY needs a content type. See balsa_parser.cc and header_utility.cc of envoyproxy/envoy.
 */
export const isReadMethod = ({ method, headers }: Message): boolean =>
  method === 'QUERY' ? (headers.get('content-type') ?? []).join('') !== '' : parsedMethods.has(method)

export const noMethod = 'no proxy takes the method'

const parsedMethods: ReadonlySet<string> = new Set([
  'ACL',
  'BIND',
  'CHECKOUT',
  'COPY',
  'DELETE',
  'GET',
  'HEAD',
  'LINK',
  'LOCK',
  'MERGE',
  'MKACTIVITY',
  'MKCALENDAR',
  'MKCOL',
  'MOVE',
  'MSEARCH',
  'NOTIFY',
  'OPTIONS',
  'PATCH',
  'POST',
  'PROPFIND',
  'PROPPATCH',
  'PURGE',
  'PUT',
  'REBIND',
  'REPORT',
  'SEARCH',
  'SOURCE',
  'SUBSCRIBE',
  'TRACE',
  'UNBIND',
  'UNLINK',
  'UNLOCK',
  'UNSUBSCRIBE',
])
