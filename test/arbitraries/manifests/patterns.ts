import type { Draw } from './draw.ts'
import type { Json } from './kubernetes-object.ts'

const paths = [
  '/',
  '/api',
  '/api/orders',
  '/api/orders/7',
  '/admin',
  '/admin/users',
  '/items',
  '/static/app.js',
  '/v1/x',
] as const
const pathRegexes = ['/items/[0-9]+', '/api/.*', '.*\\.js', '/(admin|root)(/.*)?', '/v[12]/[a-z]+'] as const
const headers: Readonly<Record<string, readonly string[]>> = {
  'x-canary': ['1', 'true', 'v1-beta'],
  'end-user': ['jason', 'ann'],
  'x-tenant': ['acme', 'acme-eu', 'umbrella'],
}
const headerRegexes = ['v[0-9]+.*', 'acme(-.*)?', '1|true', '.+'] as const
const parameters: Readonly<Record<string, readonly string[]>> = { debug: ['true', '1'], page: ['1', '12'] }
export const methods = ['GET', 'POST', 'PUT', 'DELETE'] as const
export const issuers = ['https://id.example.com', 'https://partners.example.com'] as const

export const drawPath = (draw: Draw): string => draw.pick(paths)

export function drawUri(draw: Draw): Json {
  const form = draw.pick(['prefix', 'prefix', 'exact', 'regex'] as const)
  return { [form]: draw.pick(form === 'regex' ? pathRegexes : paths) }
}

/** Draws one or two headers with their conditions. */
export function drawHeaders(draw: Draw): Json {
  return Object.fromEntries(
    draw.some(Object.keys(headers), 1, 2).map(name => [name, drawMatch(draw, headers[name]!, headerRegexes)]),
  )
}

/**
 * Draws claims of a token with their conditions. In a route of a gateway, Istio has claims among the headers.
 */
export function drawClaims(draw: Draw): Json {
  const name = draw.pick(['.group', '.scope', '[realm][role]', '.aud', '.sub'] as const)
  const form = draw.pick(['exact', 'exact', 'prefix', 'regex'] as const)
  const value = draw.pick(['staff', 'admin', 'shop', 'ann'] as const)
  const text = form === 'prefix' ? value.slice(0, 2) : form === 'regex' ? `${value}|.*n` : value
  return { [`@request.auth.claims${name}`]: { [form]: text } }
}

export function drawParameters(draw: Draw): Json {
  const name = draw.pick(Object.keys(parameters))
  return { [name]: drawMatch(draw, parameters[name]!, ['[0-9]+']) }
}

/** Draws values of a header for a policy: with a star at an end, or only a star. */
export function drawHeaderCondition(draw: Draw): {
  readonly name: string
  readonly values: readonly string[]
} {
  const name = draw.pick(Object.keys(headers))
  return { name, values: draw.times(1, 2, () => starred(draw, draw.pick(headers[name]!))) }
}

/** Draws a path in the form of policies. */
export function drawPolicyPath(draw: Draw): string {
  const templates = ['/api/{*}', '/api/{**}', '/{*}/users', '/items/{*}', '/*.js'] as const
  return draw.percent(25) ? draw.pick(templates) : starred(draw, draw.pick(paths))
}

export const drawHeaderValue = (draw: Draw): readonly [string, string] => {
  const name = draw.pick(Object.keys(headers))
  return [name, draw.pick(headers[name]!)]
}

function drawMatch(draw: Draw, values: readonly string[], regexes: readonly string[]): Json {
  const form = draw.pick(['exact', 'exact', 'prefix', 'regex', 'presence'] as const)
  if (form === 'presence') return {}
  if (form === 'regex') return { regex: draw.pick(regexes) }
  const value = draw.pick(values)
  return { [form]: form === 'prefix' ? value.slice(0, Math.max(1, value.length - 2)) : value }
}

function starred(draw: Draw, value: string): string {
  const form = draw.pick(['exact', 'exact', 'prefix', 'suffix', 'any'] as const)
  if (form === 'exact') return value
  if (form === 'prefix') return `${value}*`
  if (form === 'suffix') return `*${value.slice(1) || value}`
  return '*'
}
