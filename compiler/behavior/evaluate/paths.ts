import type { MeshSettings } from '../model.ts'

/** A path without its query and fragment. */
export const dropQuery = (path: string): string => path.replace(/[?#].*$/s, '')

/** Cuts out the query of a path, with its `?`. */
export const getQuery = (path: string): string => /^[^?#]*(\?[^#]*)/.exec(path)?.[1] ?? ''

/** The first value of each parameter of a query, as it is written. */
export function queryParameters(path: string): ReadonlyMap<string, string> {
  const parameters = new Map<string, string>()
  for (const part of getQuery(path).slice(1).split('&')) {
    if (part === '') continue
    const sign = part.indexOf('=')
    const name = sign === -1 ? part : part.slice(0, sign)
    if (!parameters.has(name)) parameters.set(name, sign === -1 ? '' : part.slice(sign + 1))
  }
  return parameters
}

/** A path of plain words, which no normalization changes. */
const plainPath = /^\/(?:[\w-]+(?:\/[\w-]+)*\/?)?$/

/**
 * A path as every proxy of the mesh makes it before anything compares it; undefined: the proxy refuses it. See
 * https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_conn_man/header_sanitizing and
 * `pathNormalization` of MeshConfig.
 */
export function normalizePath(path: string, how: MeshSettings['pathNormalization']): string | undefined {
  if (plainPath.test(path)) return path
  const query = getQuery(path)
  let plain = dropQuery(path)
  if (how === 'NONE') return plain + query
  if (plain.includes('%00')) return undefined
  if (how === 'DECODE_AND_MERGE_SLASHES') plain = plain.replace(/%2f/gi, '/').replace(/%5c/gi, '\\')
  plain = resolveDots(
    dropDotParameters(plain)
      .replaceAll('\\', '/')
      .replace(/%[\da-f]{2}/gi, decodeEscape),
  ).replace(/["<>^`{|}]/g, escapeCharacter)
  if (how !== 'BASE' && plain.includes('//')) plain = mergeSlashes(plain)
  return plain + query
}

/** Merges slashes as Envoy does, which leaves two of a path of nothing else. */
const mergeSlashes = (path: string): string => {
  const inner = path
    .split('/')
    .filter(segment => segment !== '')
    .join('/')
  return `/${inner}${path.endsWith('/') ? '/' : ''}`
}

/** Letters, digits and a few signs need no escape, so they lose it. */
function decodeEscape(code: string): string {
  const character = String.fromCharCode(Number.parseInt(code.slice(1), 16))
  return /[\w.~-]/.test(character) ? character : code
}

/** A character that no URL may hold gets an escape. */
const escapeCharacter = (character: string) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`

/** Removes the parameters of literal dot segments: `..;a=b`. Such a segment ends with a slash, not with a backslash. */
const dropDotParameters = (path: string) => path.replace(/(?<=\/\.\.?);[^/]*/g, '')

/** Segments `.` and `..` taken out. */
function resolveDots(path: string): string {
  if (!path.includes('/.')) return path
  const segments: string[] = []
  const all = path.split('/').slice(1)
  for (const [index, segment] of all.entries()) {
    const isLast = index === all.length - 1
    if (segment === '..') {
      segments.pop()
      if (isLast) segments.push('')
    } else if (segment === '.') {
      if (isLast) segments.push('')
    } else segments.push(segment)
  }
  return `/${segments.join('/')}`
}
