import { z } from 'zod'
import type { SpecPath } from '../../compiler/diagnostics/diagnostic.ts'
import type { Span } from '../../compiler/diagnostics/source.ts'
import { getValue, isMap } from '../../compiler/source/document.ts'
import { type Branch, getNodes, type Leaf, replaced, schemasAt } from '../arbitraries/leaves.ts'
import { getTexts, type Spec } from '../arbitraries/mesh.ts'
import { spansIn } from './spans.ts'

/** A spec with a fault, and the position of the fault. */
export interface Planting extends Span {
  readonly entry: string
  readonly texts: Readonly<Record<string, string>>
  readonly file: string
  /** The path of the fault in the file. */
  readonly path: SpecPath
  /** The spec with the fault; undefined if the fault is only in the text. */
  readonly spec: Spec | undefined
}

/** A fault that can be planted in some specs, and the only error that meshc must then find. */
interface PlantedFault {
  readonly name: string
  readonly code: string
  /** Every possible place of the fault. */
  places(spec: Spec): readonly (() => Planting)[]
}

/** The part of a path that the diagnostic points at: its value, its key, or the value or key of its parent. */
type Part = 'value' | 'key' | 'parent' | 'parent key'

/** Checks whether the gateway of a branch passes connections on, so that it needs no hosts. */
const passesOn = ({ file, path }: Branch, { documents }: Spec): boolean => {
  const gateway = documents[file]?.gateways?.[String(path[1])]
  return gateway?.passthrough != null || gateway?.tcp != null
}

/** Checks whether a gateway has every host. */
const servesEveryHost = ({ documents }: Spec): boolean =>
  Object.values(documents).some(({ gateways }) =>
    Object.values(gateways ?? {}).some(gateway => gateway?.hosts?.includes('*')),
  )

/** Makes a fault that replaces the value of a leaf; `undefined` removes the leaf. */
const leaf = (
  name: string,
  code: string,
  fits: (leaf: Leaf, spec: Spec) => boolean,
  wrong: (value: unknown, leaf: Leaf, spec: Spec) => unknown,
  part: Part = 'value',
): PlantedFault => ({
  name,
  code,
  places: spec =>
    getNodes(spec)
      .leaves.filter(leaf => leaf.value !== null && fits(leaf, spec))
      .map(leaf => () => {
        const { file, path, value } = leaf
        return planting(replaced(spec, file, path, wrong(value, leaf, spec)), file, path, part)
      }),
})

/** Makes a fault that removes a map or list. The diagnostic points at the key of its owner. */
const without = (
  name: string,
  code: string,
  fits: (branch: Branch, spec: Spec) => boolean,
): PlantedFault => ({
  name,
  code,
  places: spec =>
    getNodes(spec)
      .branches.filter(branch => fits(branch, spec))
      .map(
        ({ file, path }) =>
          () =>
            planting(replaced(spec, file, path, undefined), file, path, 'parent key'),
      ),
})

/** Makes a fault that renames a field or entry. */
const renamed = (
  name: string,
  code: string,
  fits: (branch: Branch, key: string) => boolean,
  wrong: (key: string) => string,
): PlantedFault => ({
  name,
  code,
  places: spec =>
    getNodes(spec).branches.flatMap(branch => {
      const { file, path, value } = branch
      if (!isMap(value)) return []
      return Object.keys(value)
        .filter(key => fits(branch, key))
        .map(key => () => {
          const entries = Object.entries(value).map(([second, entry]) => [
            second === key ? wrong(key) : second,
            entry,
          ])
          return planting(
            replaced(spec, file, path, Object.fromEntries(entries)),
            file,
            [...path, wrong(key)],
            'key',
          )
        })
    }),
})

/** Makes a fault in the text around a leaf, which is the only unquoted text of its line. */
const written = (
  name: string,
  code: string,
  wrong: (line: WrittenLeaf) => { readonly text: string } & Span,
): PlantedFault => ({
  name,
  code,
  places: spec =>
    getNodes(spec).leaves.flatMap(({ file, path }) => {
      const key = path.at(-1)
      if (typeof key !== 'string' || !/^[a-z]+$/i.test(key) || path.includes('raw')) return []
      return [
        () => {
          const texts = getTexts(spec)
          const find = spansIn(texts)
          const text = texts[file]!
          const value = find(file, path)
          const { start } = find(file, path, 'key')
          const indent = start - text.lastIndexOf('\n', start) - 1
          const { text: made, ...span } = wrong({ text, key, start, value, indent })
          return {
            entry: spec.entry,
            texts: { ...texts, [file]: made },
            file,
            path,
            spec: undefined,
            ...span,
          }
        },
      ]
    }),
})

interface WrittenLeaf {
  readonly text: string
  readonly key: string
  /** The offset of its key. */
  readonly start: number
  readonly value: Span
  /** The column of its key. */
  readonly indent: number
}

function planting(spec: Spec, file: string, path: SpecPath, part: Part): Planting {
  const texts = getTexts(spec)
  const place = part.startsWith('parent') ? path.slice(0, -1) : path
  return {
    entry: spec.entry,
    texts,
    file,
    path,
    spec,
    ...spansIn(texts)(file, place, part.endsWith('key') ? 'key' : undefined),
  }
}

/** Makes a fault in an included file, alone or in addition to another fault. */
const added = (
  name: string,
  code: string,
  path: (spec: Spec) => SpecPath | undefined,
  value: unknown,
): PlantedFault => ({
  name,
  code,
  places: spec => {
    const place = path(spec)
    if (place === undefined) return []
    return Object.keys(spec.documents)
      .filter(file => file.includes('/teams/'))
      .map(file => () => planting(replaced(spec, file, place, value), file, place, 'key'))
  },
})

/** Returns the path of the first service that the highest layer itself declares. */
function ownService({ entry, documents }: Spec): SpecPath | undefined {
  const [name] = Object.keys(documents[entry]?.services ?? {})
  return name === undefined ? undefined : ['services', name]
}

/** Makes a check whether a path ends with a pattern: `*` matches any key, and `#` any index. */
const endsIn =
  (...pattern: readonly string[]) =>
  ({ path }: Pick<Leaf, 'path'>): boolean =>
    path.length >= pattern.length &&
    path
      .slice(-pattern.length)
      .every((step, index) =>
        pattern[index] === '#' ? typeof step === 'number' : ['*', step].includes(pattern[index]!),
      )

const isIn = (section: string, { path }: Pick<Leaf, 'path'>) => path[0] === section
const namesService = ({ value }: Leaf) =>
  typeof value === 'string' && !value.includes('/') && value !== 'anyone'
const begins = (word: string) => (leaf: Leaf) => String(leaf.value).startsWith(word)
const getPercent = (value: unknown) => Number.parseInt(String(value), 10)
const isCallerOfService = (leaf: Leaf) => isIn('services', leaf) && endsIn('allow', '#', 'from')(leaf)
const isCallerOfExternal = (leaf: Leaf) => isIn('external', leaf) && endsIn('allow', '#', 'from')(leaf)
/** Returns a value near a leaf, in the same file: `..` is the map around the leaf's map. */
function valueNear(spec: Spec, { file, path }: Leaf, ...steps: readonly string[]): unknown {
  const near = steps.reduce(
    (place, step) => (step === '..' ? place.slice(0, -1) : place.concat(step)),
    path.slice(0, -1),
  )
  return getValue(spec.documents[file], near)
}

export const faults: readonly PlantedFault[] = [
  // Reading
  written('a field that is set twice', 'MESH1002', ({ text, key, start, value, indent }) => {
    const again = `\n${' '.repeat(indent)}${text.slice(start, value.end)}`
    const second = value.end + 1 + indent
    return {
      text: text.slice(0, value.end) + again + text.slice(value.end),
      start: second,
      end: second + key.length,
    }
  }),
  written('a tag', 'MESH1003', ({ text, value }) => ({
    text: `${text.slice(0, value.start)}!team ${text.slice(value.start)}`,
    start: value.start,
    end: value.start + '!team'.length,
  })),
  leaf('a layer that is not there', 'MESH1005', endsIn('extends'), () => '../nowhere/mesh.yaml'),
  leaf('a layer outside of the project', 'MESH1006', endsIn('extends'), () => '../../../mesh.yaml'),
  added('a service of two files', 'MESH1008', ownService, { namespace: 'shop' }),
  added('a mode of mTLS that one team sets', 'MESH1009', () => ['mtls'], 'strict'),
  leaf('files that are not there', 'MESH1010', endsIn('include', '#'), () => 'nowhere/*.yaml'),
  renamed('a field that is misspelt', 'MESH1011', isField, key => `${key}x`),
  leaf(
    'a number where a count is due',
    'MESH1012',
    endsIn('circuitBreaker', 'consecutiveErrors'),
    value => `${value}`,
  ),
  leaf(
    'a path that does not begin with a slash',
    'MESH1013',
    endsIn('allow', '#', 'paths', '#'),
    () => 'api',
  ),
  leaf('an address that is none', 'MESH1013', endsIn('addresses', '#'), () => '203.0.113.256'),
  leaf('a word that is none of the choice', 'MESH1014', endsIn('loadBalancing', 'policy'), () => 'fastest'),
  leaf(
    'a mode of mTLS that is none',
    'MESH1014',
    ({ path }) => path.join() === 'mtls',
    () => 'on-mondays',
  ),
  leaf(
    'a caller that is left out',
    'MESH1015',
    // A denial without `from` is for everyone.
    (leaf, spec) => leaf.path.at(-3) !== 'deny' && hasCompany('from')(leaf, spec),
    () => undefined,
    'parent',
  ),
  leaf('a route without a name', 'MESH1015', hasCompany('name'), () => undefined, 'parent'),
  leaf(
    'a duration without a unit',
    'MESH1016',
    leaf => endsIn('services', '*', 'timeout')(leaf) && leaf.value !== 'none',
    () => 30,
  ),
  leaf('a percentage without its sign', 'MESH1016', endsIn('observability', 'tracing', 'sampling'), () => 1),
  // Resolving
  without(
    'a gateway without hosts',
    'MESH2001',
    (branch, spec) => endsIn('gateways', '*', 'hosts')(branch) && !passesOn(branch, spec),
  ),
  without('a certificate without hosts', 'MESH2001', endsIn('certificates', '*', 'hosts')),
  without('an external system without a port', 'MESH2001', endsIn('external', '*', 'port')),
  leaf(
    'a namespace that may not call because it is not there',
    'MESH2005',
    leaf => isCallerOfService(leaf) && begins('namespace/')(leaf),
    () => 'namespace/nowhere',
  ),
  leaf('a namespace that is not there', 'MESH2005', endsIn('external', '*', 'namespace'), () => 'nowhere'),
  leaf(
    'a caller that is misspelt',
    'MESH2007',
    leaf => isCallerOfService(leaf) && namesService(leaf),
    value => `${value}x`,
  ),
  leaf(
    'a caller of an external system that is misspelt',
    'MESH2007',
    leaf => isCallerOfExternal(leaf) && namesService(leaf),
    value => `${value}x`,
  ),
  leaf(
    'a gateway that may not call because it is not there',
    'MESH2007',
    leaf => isCallerOfService(leaf) && begins('gateway/')(leaf),
    () => 'gateway/nowhere',
  ),
  leaf(
    'a caller of an external system from outside of the mesh',
    'MESH2008',
    isCallerOfExternal,
    () => 'external-caller/partner.example.com/ns/billing/sa/web',
  ),
  leaf(
    'a port that may be called and is not there',
    'MESH2012',
    endsIn('allow', '#', 'ports', '#'),
    () => 'ops-x',
  ),
  leaf('a port that is exposed and is not there', 'MESH2012', endsIn('expose', '#', 'port'), () => 'ops-x'),
  renamed(
    'owners of a host that the gateway does not have',
    'MESH2019',
    branch => endsIn('gateways', '*', 'owners')(branch),
    () => 'nowhere.example.org',
  ),
  leaf('an active version that is not declared', 'MESH2014', endsIn('services', '*', 'active'), () => 'v99'),
  renamed(
    'a version that gets traffic and is not declared',
    'MESH2014',
    branch => endsIn('traffic')(branch),
    () => 'v99',
  ),
  renamed(
    'a service that gets traffic and is not declared',
    'MESH2030',
    branch => endsIn('traffic')(branch),
    () => 'service/nowhere',
  ),
  renamed(
    'a version that gets a copy and is not declared',
    'MESH2014',
    branch => endsIn('mirror')(branch),
    () => 'v99',
  ),
  leaf('an authorizer that is not there', 'MESH2028', endsIn('authorize', 'by'), () => 'nobody'),
  leaf('a rate limiter that is not there', 'MESH2050', endsIn('rateLimit', 'limiter'), () => 'nobody'),
  leaf('a gateway that is not there', 'MESH2018', endsIn('expose', '#', 'gateway'), () => 'nowhere'),
  leaf(
    'a host that the gateway does not have',
    'MESH2019',
    (leaf, spec) => endsIn('expose', '#', 'host')(leaf) && !servesEveryHost(spec),
    () => 'other.example.net',
  ),
  leaf(
    'an expectation of a service that is not there',
    'MESH2020',
    leaf => isIn('expect', leaf) && endsIn('to')(leaf) && !String(leaf.value).includes('/'),
    value => `${value}-gone`,
  ),
  leaf(
    'an expectation of an external system that is not there',
    'MESH2020',
    leaf => isIn('expect', leaf) && endsIn('to')(leaf) && String(leaf.value).includes('/'),
    value => `${value}-gone`,
  ),
  leaf(
    'an expectation of tokens of an issuer that is not there',
    'MESH2027',
    leaf => isIn('expect', leaf) && endsIn('issuers', '#')(leaf),
    () => 'nobody',
  ),
  {
    name: 'an expectation about the tokens of requests to an external system',
    code: 'MESH3805',
    places: spec => {
      const [external] = Object.values(spec.documents).flatMap(document =>
        Object.keys(document.external ?? {}),
      )
      if (external === undefined) return []
      return getNodes(spec).branches.flatMap(({ file, path, value }) => {
        if (!isIn('expect', { path }) || path.length !== 2 || !isMap(value)) return []
        const field = ['jwt', 'issuers', 'claims'].find(key => value[key] !== undefined)
        if (field === undefined) return []
        const changed = { ...value, to: `external/${external}` }
        return [() => planting(replaced(spec, file, path, changed), file, [...path, field], 'key')]
      })
    },
  },
  leaf(
    'a collector of no namespace',
    'MESH2021',
    endsIn('tracing', 'collector'),
    () => 'jaeger-collector:4317',
  ),
  // Rules
  leaf(
    'weights that add up to less',
    'MESH3101',
    leaf => endsIn('traffic', '*')(leaf) && getPercent(leaf.value) > 3,
    value => `${getPercent(value) - 3}%`,
    'parent key',
  ),
  leaf(
    'weights that add up to more',
    'MESH3101',
    leaf => endsIn('traffic', '*')(leaf) && getPercent(leaf.value) <= 60,
    value => `${getPercent(value) + 40}%`,
    'parent key',
  ),
  leaf(
    'an expression that is none',
    'MESH3107',
    endsIn('when', 'headers', '*', 'regex'),
    () => '(?=beta).*',
    'parent',
  ),
  leaf(
    'a try that takes longer than its request',
    'MESH3116',
    (leaf, spec) =>
      endsIn('services', '*', 'retries', 'perTryTimeout')(leaf) &&
      !hasRoutes(spec, leaf) &&
      /[0-9]/.test(String(valueNear(spec, leaf, '..', 'timeout'))),
    () => '999999s',
  ),
  leaf(
    'bounds of replicas the wrong way round',
    'MESH3601',
    (leaf, spec) => endsIn('replicas', 'min')(leaf) && valueNear(spec, leaf, 'max') !== undefined,
    (_, leaf, spec) => Number(valueNear(spec, leaf, 'max')) + 1,
  ),
  leaf(
    'more reserved than there may be',
    'MESH3602',
    (leaf, spec) =>
      endsIn('requests', 'cpu')(leaf) && valueNear(spec, leaf, '..', 'limits', 'cpu') !== undefined,
    () => '999000m',
  ),
  // Emitting
  leaf(
    'shares of a place that do not add up',
    'MESH3204',
    place => isIn('services', place) && endsIn('distribute', '*', '*')(place),
    () => '7%',
    'parent key',
  ),
  leaf(
    'a region that takes its own requests when it fails',
    'MESH3204',
    place => isIn('services', place) && endsIn('failover', '*')(place),
    (_, { path }) => path.at(-1),
    'key',
  ),
  leaf('a patch of nothing', 'MESH4001', endsIn('patches', '#', 'name'), () => 'nowhere', 'parent'),
]

/** Faults that make a text invalid YAML. The law does not check the position of the error. */
export const syntaxFaults: readonly PlantedFault[] = (
  [
    [
      'a bracket that stays open',
      ({ text, value }) => [value.start, value.end, `[${text.slice(value.start, value.end)}`],
    ],
    ['a quote that stays open', ({ value }) => [value.start, value.end, '"open']],
    [
      'a bracket too many',
      ({ text, value }) => [value.start, value.end, `[${text.slice(value.start, value.end)}]]`],
    ],
    ['a second key in the line', ({ value }) => [value.start, value.end, 'agreed: see the wiki']],
    ['a key without a colon', ({ key, start, value }) => [start, value.end, `${key} open`]],
    ['a value that cannot begin so', ({ value }) => [value.start, value.end, '@open']],
  ] satisfies readonly (readonly [
    string,
    (line: WrittenLeaf) => readonly [start: number, end: number, by: string],
  ])[]
).map(([name, change]) =>
  written(name, 'MESH1001', line => {
    const [start, end, by] = change(line)
    return { text: line.text.slice(0, start) + by + line.text.slice(end), start, end: start + by.length }
  }),
)

/** Checks whether the service of a leaf has routes, each of which may have its own timeout. */
const hasRoutes = (spec: Spec, { path: [section, name] }: Leaf) =>
  getNodes(spec).branches.some(
    ({ path }) => path.length === 3 && path[0] === section && path[1] === name && path[2] === 'routes',
  )

/** Checks whether a key is an optional field of the language at a place that allows no other keys. */
function isField({ path, value }: Branch, key: string): boolean {
  if (path.includes('raw') || path.includes('spec') || !isMap(value)) return false
  return schemasAt(path).some(
    schema => schema instanceof z.ZodObject && Object.hasOwn(schema.shape, key) && key.length > 3,
  )
}

/** Makes a check whether a leaf is a field of a list entry that has other fields. */
function hasCompany(name: string): (leaf: Leaf, spec: Spec) => boolean {
  return (leaf, spec) => {
    if (
      !endsIn('#', name)(leaf) ||
      leaf.path.includes('deny') ||
      ['expect', 'patches', 'policies', 'raw', 'waive'].some(part => isIn(part, leaf))
    )
      return false
    const entry = getNodes(spec).branches.find(
      ({ file, path }) => file === leaf.file && path.join('\n') === leaf.path.slice(0, -1).join('\n'),
    )
    return entry !== undefined && Object.keys(entry.value).length > 1
  }
}
