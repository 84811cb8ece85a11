import fc from 'fast-check'
import { type Draw, drawn } from './draw.ts'
import { manifests } from './manifests.ts'

/** Manifests with faults of an unknown author: any part may be missing, duplicated, or replaced. */
export interface MutatedManifests {
  /** The manifests before their mutation, which an API server accepts. */
  readonly sound: readonly unknown[]
  readonly objects: readonly unknown[]
  readonly meshConfig: unknown
}

/** Draws manifests, and a copy with one to six changed parts. */
export const mutatedManifests = ({
  services = 3,
}: {
  readonly services?: number
} = {}): fc.Arbitrary<MutatedManifests> =>
  manifests({ services }).chain(({ objects, meshConfig }) =>
    drawn(draw => {
      let changed: { readonly objects: unknown; readonly meshConfig: unknown } = { objects, meshConfig }
      for (const _ of draw.times(1, 6, index => index)) {
        const objectsNow = Array.isArray(changed.objects) ? changed.objects : []
        // The object is chosen first, so that small and large objects change equally often.
        if (draw.percent(5)) changed = { ...changed, meshConfig: mutated(draw, changed.meshConfig) }
        else if (objectsNow.length > 0) {
          const index = draw(fc.nat({ max: objectsNow.length - 1 }))
          changed = { ...changed, objects: objectsNow.with(index, mutated(draw, objectsNow[index])) }
        }
      }
      return {
        sound: objects,
        objects: Array.isArray(changed.objects) ? changed.objects : [],
        meshConfig: changed.meshConfig,
      }
    }),
  )

type Path = readonly (string | number)[]

/** Changes one part of a value. */
function mutated(draw: Draw, whole: unknown): unknown {
  const paths = pathsIn(whole)
  const path = draw.pick(paths)
  const part = valueAt(whole, path)
  return withPart(
    whole,
    path,
    changedPart(draw, part, () => valueAt(whole, draw.pick(paths))),
  )
}

function changedPart(draw: Draw, part: unknown, elsewhere: () => unknown): unknown {
  switch (
    draw.pick([
      'strange',
      'strange',
      'none',
      'null',
      'in a list',
      'in a map',
      'text',
      'elsewhere',
      'key',
      'twice',
      'deep',
    ])
  ) {
    case 'none':
      return undefined
    case 'null':
      return null
    case 'in a list':
      return [part]
    case 'in a map':
      return { [draw.pick(strangeKeys)]: part }
    case 'text':
      // A writer without types produces such a value.
      return typeof part === 'string' ? part.length : JSON.stringify(part)
    case 'elsewhere':
      return elsewhere()
    case 'key': {
      const value = draw.pick(strange)
      if (Array.isArray(part)) return [...part, value]
      // As in parsers of YAML and JSON, `__proto__` is a usual key.
      if (typeof part === 'object' && part !== null)
        return Object.fromEntries([...Object.entries(part), [draw.pick(strangeKeys), value]])
      return value
    }
    case 'twice':
      return Array.isArray(part) ? [...part, ...part] : [part, part]
    case 'deep':
      return Array.from({ length: 90 }).reduce<unknown>(
        inner => (draw.percent(50) ? [inner] : { a: inner }),
        part,
      )
    default:
      return draw.pick(strange)
  }
}

/** Lists the paths of all parts of a value, including the whole. */
function pathsIn(value: unknown): readonly Path[] {
  if (typeof value !== 'object' || value === null) return [[]]
  const below = Object.entries(value).flatMap(([key, inner]) =>
    pathsIn(inner).map(path => [Array.isArray(value) ? Number(key) : key, ...path]),
  )
  return [[], ...below]
}

function valueAt(value: unknown, path: Path): unknown {
  const [key, ...rest] = path
  if (key === undefined || typeof value !== 'object' || value === null) return value
  return valueAt(Object.entries(value).find(([name]) => name === String(key))?.[1], rest)
}

/** Replaces a part of a value; `undefined` removes the entry. */
function withPart(value: unknown, path: Path, part: unknown): unknown {
  const [key, ...rest] = path
  if (key === undefined) return part
  if (Array.isArray(value))
    return value.flatMap((inner, index) => {
      const next = index === key ? withPart(inner, rest, part) : inner
      return next === undefined ? [] : [next]
    })
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, inner]) => {
      const next = name === key ? withPart(inner, rest, part) : inner
      return next === undefined ? [] : [[name, next]]
    }),
  )
}

const strange: readonly unknown[] = [
  '',
  ' ',
  '*',
  '**',
  '*/*',
  './*',
  '~/*',
  '/',
  '.',
  '..',
  'constructor',
  '__proto__',
  'toString',
  'hasOwnProperty',
  'not-an-ip',
  '10.0.0.0/99',
  '10.0.0/8',
  '::1',
  'fe80::1%eth0',
  '0x7f.1',
  '999.1.1.1',
  '1.2.3.4/',
  'http://[',
  'http://jaeger:99999',
  '(',
  '[',
  '\\',
  '(?<!a)',
  'a{99999}',
  '\\C',
  '(?i)x|',
  '*a*',
  'x*y',
  '{*}/{**}',
  '%',
  '%REQ(',
  '\\1\\9',
  'request.headers[',
  'request.auth.claims[',
  'request.auth.claims[][]',
  'request.headers[:path]',
  'experimental.envoy.filters.x',
  '\u0000',
  'a\nb',
  '\u202e',
  '\ud800',
  '\udc00x',
  '😀',
  'É',
  'x'.repeat(3000),
  '1s',
  '-1s',
  '1e9h',
  '1.2.3s',
  0,
  -1,
  1.5,
  65_536,
  99_999,
  2 ** 53,
  1e21,
  1e308,
  -0,
  true,
  false,
  null,
  [],
  {},
  [[]],
  [null],
  [{}],
  { a: 1 },
  [1, 'a', {}],
  'VirtualService',
  'AuthorizationPolicy',
  'ServiceList',
  'List',
  'Pod',
  'DENY',
  'CUSTOM',
  'STRICT',
  'HTTP',
  'TLS',
  'TCP',
  'ISTIO_MUTUAL',
  'AUTO_PASSTHROUGH',
  'DNS',
  'mesh',
  'cluster.local',
]

const strangeKeys = [
  '',
  ' ',
  '__proto__',
  'constructor',
  'toString',
  'valueOf',
  'host',
  ':authority',
  ':path',
  ':method',
  '@request.auth.claims',
  '@request.auth.claims.a.b',
  '@request.auth.claims[',
  'x-envoy-original-path',
  'port',
  'match',
  'hosts',
  'app',
  '0',
  '80',
  '99999999999',
  '\u0000',
  '\ud800',
  'X-Upper',
]
