import { z } from 'zod'
import { memo } from '../../compiler/basics/memo.ts'
import type { SpecPath } from '../../compiler/diagnostics/diagnostic.ts'
import { isMap } from '../../compiler/source/document.ts'
import { MeshSpec } from '../../schema/spec/mesh.ts'
import type { Spec } from './mesh.ts'

/** A value of a spec that contains no other values. */
export interface Leaf {
  readonly file: string
  readonly path: SpecPath
  readonly value: unknown
}

/** A map or list of a spec. */
export interface Branch {
  readonly file: string
  readonly path: SpecPath
  readonly value: Record<string, unknown> | readonly unknown[]
}

/** The values of a spec. */
interface Nodes {
  readonly leaves: readonly Leaf[]
  readonly branches: readonly Branch[]
}

const nodes = new WeakMap<Spec, Nodes>()

/** Returns all values in the files of a spec, from the outside in. */
export function getNodes(spec: Spec): Nodes {
  const before = nodes.get(spec)
  if (before !== undefined) return before
  const listed = listNodes(spec)
  nodes.set(spec, listed)
  return listed
}

function listNodes(spec: Spec): Nodes {
  const leaves: Leaf[] = []
  const branches: Branch[] = []
  const walk = (file: string, value: unknown, path: SpecPath): void => {
    if (Array.isArray(value)) {
      branches.push({ file, path, value })
      for (const [index, entry] of value.entries()) walk(file, entry, [...path, index])
    } else if (isMap(value)) {
      branches.push({ file, path, value })
      for (const [key, entry] of Object.entries(value)) walk(file, entry, [...path, key])
    } else leaves.push({ file, path, value })
  }
  for (const [file, document] of Object.entries(spec.documents)) walk(file, document, [])
  return { leaves, branches }
}

/** Returns the spec with another value at a path of a file; `undefined` removes the entry. */
export function replaced(spec: Spec, file: string, path: SpecPath, value: unknown): Spec {
  const put = (at: unknown, rest: SpecPath): unknown => {
    const [step, ...deeper] = rest
    if (step === undefined) return value
    if (Array.isArray(at)) {
      const entries = at.map((entry, index) => (index === step ? put(entry, deeper) : entry))
      return entries.filter(entry => entry !== undefined)
    }
    const entries = Object.entries(isMap(at) ? at : {})
    const next = entries.some(([key]) => key === step)
      ? entries.map(([key, entry]) => [key, key === step ? put(entry, deeper) : entry] as const)
      : [...entries, [step, put(undefined, deeper)] as const]
    return Object.fromEntries(next.filter(([, entry]) => entry !== undefined))
  }
  const document = put(spec.documents[file], path)
  // A mutated document need not be a MeshFile; the printer takes every document.
  return { ...spec, documents: { ...spec.documents, [file]: document as MeshSpecFile } }
}
type MeshSpecFile = Spec['documents'][string]

/** Lists the schemas that a value at a path may satisfy, without their wrappings. */
export const schemasAt = (path: SpecPath): readonly z.core.$ZodType[] =>
  schemasAtSteps(path.map(step => `\0${step}`).join(''))

/** Drawn specs have many common paths. Each step of a path begins with a character that no step contains. */
const schemasAtSteps = memo((steps: string): readonly z.core.$ZodType[] => {
  const last = steps.lastIndexOf('\0')
  if (last < 0) return unwrapped(MeshSpec)
  return schemasAtSteps(steps.slice(0, last))
    .flatMap(schema => within(schema, steps.slice(last + 1)))
    .flatMap(unwrapped)
})

/** Returns the schemas without their wrappings: there are few schemas, and many paths lead to each. */
const unwrapped = memo((schema: z.core.$ZodType): readonly z.core.$ZodType[] => {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodNullable) return unwrapped(schema.unwrap())
  if (schema instanceof z.ZodUnion) return schema.options.flatMap(unwrapped)
  return [schema]
})

function within(schema: z.core.$ZodType, step: string): readonly z.core.$ZodType[] {
  if (schema instanceof z.ZodObject) {
    const field: z.core.$ZodType | undefined = Object.hasOwn(schema.shape, step)
      ? schema.shape[step]
      : undefined
    return field === undefined ? [] : [field]
  }
  if (schema instanceof z.ZodRecord) return [schema.valueType]
  if (schema instanceof z.ZodArray) return [schema.element]
  return []
}

/**
 * Lists the fields that the language has at a path and that the map does not have, with an example of each.
 */
export function missingFields(branch: Branch): readonly (readonly [string, unknown])[] {
  return schemasAt(branch.path).flatMap(schema => {
    if (!(schema instanceof z.ZodObject)) return []
    return Object.entries(schema.shape).flatMap(([name, field]) => {
      if (Object.hasOwn(branch.value, name)) return []
      const examples = (field as z.ZodType).meta()?.['examples']
      const example: unknown = Array.isArray(examples) ? examples[0] : undefined
      return example === undefined ? [] : [[name, example] as const]
    })
  })
}

/** Checks whether the language allows this value at a path. */
export const isLegal = (path: SpecPath, value: unknown): boolean =>
  schemasAt(path).some(schema => z.safeParse(schema, value).success)

const known = new Map<z.core.$ZodType, readonly unknown[]>()

/** Lists values that the language allows at a path: usual and strange values. */
export function legalValues(path: SpecPath): readonly unknown[] {
  return schemasAt(path).flatMap(schema => {
    const result = known.get(schema) ?? listValues(schema)
    known.set(schema, result)
    return result
  })
}

function listValues(schema: z.core.$ZodType): readonly unknown[] {
  if (schema instanceof z.ZodEnum) return schema.options
  if (schema instanceof z.ZodLiteral) return [...schema.values]
  if (schema instanceof z.ZodBoolean) return [true, false]
  const pool = schema instanceof z.ZodNumber ? numbers : schema instanceof z.ZodString ? strings : []
  return pool.filter(value => z.safeParse(schema, value).success)
}

const numbers = [
  1, 2, 3, 7, 10, 50, 80, 99, 100, 101, 400, 404, 443, 500, 503, 599, 1000, 3000, 5432, 8080, 8443, 9090,
  15_006, 15_021, 15_090, 50_051, 65_535, 1_000_000,
]

/** Strings that some place of a spec accepts. The schema of each place selects its strings. */
const strings = [
  // durations and amounts
  ...['1ms', '7ms', '999ms', '1s', '3s', '30s', '90s', '2m', '1h', '24h', '999999h', '100000ms'],
  ...['0%', '1%', '5%', '33%', '50%', '99%', '100%', '0.01%', '12.5%', '99.99%'],
  ...['1m', '100m', '2000m', '9999999m', '1Ki', '128Mi', '2Gi', '9999999Gi'],
  // names
  ...['a', 'x', 'cart', 'web', 'checkout', 'public', 'v1', 'v2', 'stable', 'canary', 'shop', 'payments'],
  ...[
    'monitoring',
    'istio-system',
    'kube-system',
    'default',
    '0',
    '1e3',
    'null',
    'true',
    'y',
    'on',
    'constructor',
  ],
  ...[
    'mesh',
    'gateway',
    'kubernetes',
    'istiod',
    `n${'a'.repeat(61)}z`,
    'anyone',
    'gateway/public',
    'namespace/shop',
  ],
  ...['namespace/1', 'external/stripe', 'external-caller/partner.example.com/ns/a/sa/b'],
  // hosts and addresses
  ...[
    'api.example.com',
    'other.example.org',
    'xn--bcher-kva.example',
    '*.example.net',
    'a.b',
    'cluster.local',
  ],
  ...['web.shop.svc.cluster.local', 'metadata.google.internal', '1.2.3.example', '203.0.113.9', '10.0.0.1'],
  ...[
    'otel.telemetry:4317',
    'localhost:1',
    'collector:65535',
    'http://a',
    'https://login.example.org/keys?a=b#c',
  ],
  ...[
    'https://app.example.org',
    'http://localhost:3000',
    'https://git.example.org/mesh.git',
    'git@host:mesh',
  ],
  // paths, headers, patterns, expressions
  ...[
    '/',
    '/*',
    '/api',
    '/api/*',
    '/api/v1/*',
    '/healthz',
    '/a%20b',
    "/it's",
    '/a//b',
    '/a;b=c',
    '/{x}',
    '/..',
    '/x:y',
  ],
  ...['x-canary', 'x_y', 'host', 'te', '0', 'authorization', 'content-length', 'x-envoy-retry-on', 'a-b-c'],
  ...[
    'jason',
    'v1-*',
    '*',
    'a b',
    'a:b',
    '#',
    '"',
    "'",
    '{',
    '}',
    '[',
    '&',
    '!',
    '|',
    '>',
    '-',
    '?',
    '~',
    '=',
    '0755',
  ],
  ...['v[12]', '.*', '', '[', '(', '(?=x)', '(a)\\1', 'a{1000}', '\\d+', '[[:alpha:]]', '^$', '\\p{Greek}'],
  // words and labels
  ...[
    '1.31.4',
    '1.31.0',
    '1.30.2',
    '1.24.0',
    'main',
    'release/1',
    'mesh-deploys',
    'team-a',
    'Team A',
    'because',
  ],
  ...[
    'app',
    'version',
    'istio',
    'istio-injection',
    'istio.io/rev',
    'example.com/x',
    'A',
    'a.b_c',
    '2024-01-01',
    '1.0',
  ],
  ...['5xx', '503', 'kind', 'DestinationRule', 'v1', 'networking.istio.io/v1'],
]
