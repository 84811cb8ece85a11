import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { Place, SpecPath } from '../../compiler/diagnostics/diagnostic.ts'
import { locateDiagnostics } from '../../compiler/diagnostics/locate.ts'
import type { Mesh } from '../../compiler/mesh/mesh.ts'
import { SpecNode } from '../../compiler/mesh/sourced.ts'
import { makeEntities } from '../../compiler/policies/entities.ts'
import { findTypeFields } from '../../compiler/policies/types.ts'
import { makeViews, Reads } from '../../compiler/policies/view.ts'
import type { MeshFile, MeshSpec } from '../../schema/spec/mesh.ts'
import type { Spec } from '../arbitraries/mesh.ts'
import { everySpec } from '../support/drawn-specs.ts'
import { compileSpec, diagnose } from '../support/specs.ts'

const laws = suite('laws: policies')

type Policy = NonNullable<NonNullable<MeshFile['policies']>[string]>
type Target = NonNullable<Policy['for']>

/**
 * An expression that reads one value of the spec and is false for one object, and the place of that value.
 */
interface Reading {
  readonly target: Target
  /** The condition for the object. */
  readonly isObject: string
  readonly expression: string
  readonly at: Place
}

/** The expected places come from the merged spec, which is independent of the record of reads by policies. */
laws('a policy that reads a field finds the line that set it', () => {
  let count = 0
  everySpec(spec => {
    const { layers } = compileSpec(spec)
    const readings = listReadings(layers.value as MeshSpec) // it compiles
    const policies = Object.fromEntries(
      readings.map(({ target, isObject, expression }, index): [string, Policy] => [
        `p${index}`,
        { for: target, matchConditions: [{ expression: isObject }], validations: [{ expression }] },
      ]),
    )
    assertPlaces(
      spec,
      policies,
      readings.map(({ at }) => at),
    )
    count += readings.length
  })
  assert.ok(count > 1000, `${count} fields were read`)
})

/** The sections that are not part of the resolved mesh. */
const unread = ['extends', 'include', 'meshc', 'policies', 'suppress', 'waive']

/** The maximum of a spec's values that policies read: each policy is compiled. */
const mostPolicies = 30

laws('each value of a spec has a field, and a policy that reads the field finds the value', () => {
  let count = 0
  everySpec(spec => {
    const { mesh, layers } = compileSpec(spec)
    const fields = listFields(mesh)
    const leaves = listLeaves(layers.value, []).filter(([section]) => !unread.includes(String(section)))
    const expressions = leaves.map(path => fields.get(path.join('\n')) ?? fields.get(getWhole(path)))
    const missing = leaves.filter((_, index) => expressions[index] === undefined)
    assert.equal(
      missing,
      [],
      `no view in compiler/policies has a type for it, or gives it: ${printPaths(missing)}`,
    )
    const step = Math.ceil(leaves.length / mostPolicies)
    const chosen = leaves.flatMap((path, index) => {
      const expression = fields.get(path.join('\n'))
      return index % step > 0 || expression === undefined ? [] : [{ path, expression }]
    })
    const policies = Object.fromEntries(
      chosen.map(({ expression }, index): [string, Policy] => [
        `p${index}`,
        { for: 'mesh', validations: [{ expression: `size([${expression}]) == 0` }] },
      ]),
    )
    assertPlaces(
      spec,
      policies,
      chosen.map(({ path }) => ({ path })),
    )
    count += chosen.length
  })
  assert.ok(count > 2000, `${count} values were read`)
})

const printPaths = (paths: readonly SpecPath[]): string => paths.map(path => path.join('.')).join(', ')

/** Returns the place of the whole value: a policy may read a list or a regular expression as one value. */
const getWhole = (path: SpecPath): string =>
  typeof path.at(-1) === 'number' || path.at(-1) === 'regex' ? path.slice(0, -1).join('\n') : ''

const listLeaves = (value: unknown, path: SpecPath): readonly SpecPath[] =>
  typeof value !== 'object' || value === null
    ? [path]
    : Object.entries(value).flatMap(([key, part]) =>
        listLeaves(part, [...path, Array.isArray(value) ? Number(key) : key]),
      )

/** Lists an expression for each value of the mesh, by the place that a policy's read notes. */
function listFields(mesh: Mesh): ReadonlyMap<string, string> {
  const reads = new Reads()
  const views = makeViews(reads)
  const nameOfClass = new Map<unknown, string>(
    Object.entries(views.classes).map(([name, made]) => [made, name]),
  )
  const expressions = new Map<string, string>()
  walk(makeEntities(mesh, views).object, 'mesh')
  return expressions

  function walk(value: unknown, expression: string): void {
    if (typeof value !== 'object' || value === null) return
    const type = nameOfClass.get(value.constructor)
    const keys =
      value instanceof Map ? value.keys() : Object.keys(type === undefined ? value : findTypeFields(type)!)
    for (const field of keys) {
      const inner =
        type !== undefined
          ? `${expression}.${field}`
          : Array.isArray(value)
            ? `${expression}[${field}]`
            : `${expression}[${JSON.stringify(field)}]`
      const { result, places } = reads.during((): unknown =>
        value instanceof Map ? value.get(field) : Reflect.get(value, field),
      )
      const isAbsent = result === undefined
      const [place] = places
      if (place instanceof SpecNode) {
        const key = place.path.join('\n')
        if (!expressions.has(key)) expressions.set(key, isAbsent ? `has(${inner})` : inner)
      }
      walk(result, inner)
    }
  }
}

laws.run()

/** Asserts that each policy is violated once, at its place. */
function assertPlaces(
  spec: Spec,
  policies: Readonly<Record<string, Policy>>,
  places: readonly Place[],
): void {
  const result = diagnose(withPolicies(spec, policies))
  const findings = result.diagnostics.filter(({ code }) => code.startsWith('MESH381'))
  const files = result.sources.map(({ name }) => name)
  assert.equal(
    findings.map(({ code, message, at }) => [code, /policy `(p\d+)`/.exec(message)?.[1], at]).sort(),
    places
      .map((at, index) => {
        const expected = { code: 'MESH3811', severity: 'error', message: '', at, related: [] } as const
        return ['MESH3811', `p${index}`, locateDiagnostics([expected], result.layers, files)[0]!.at]
      })
      .sort(),
  )
}

function withPolicies({ entry, documents }: Spec, policies: MeshFile['policies']): Spec {
  return { entry, documents: { ...documents, [entry]: { meshc: 'v1', ...documents[entry], policies } } }
}

function listReadings(spec: MeshSpec): readonly Reading[] {
  const { services = {}, external = {}, gateways = {}, defaults } = spec
  const top = (['mesh', 'mtls', 'egress', 'access', 'faults', 'sidecarScope'] as const).flatMap(field =>
    read('mesh', 'true', `object.${field === 'mesh' ? 'name' : field}`, spec[field], [field]),
  )
  return [
    ...top,
    ...Object.entries(services).flatMap(([key, service]) => {
      const readField = (path: string, value: unknown, at: SpecPath) =>
        read('services', `object.key == ${JSON.stringify(key)}`, path, value, at)
      const place = ['services', key]
      const allow = service.allow ?? []
      return [
        ...readField('object.namespace', service.namespace, [...place, 'namespace']),
        ...(service.timeout === undefined
          ? readField('object.timeout', defaults?.timeout, ['defaults', 'timeout'])
          : readField('object.timeout', service.timeout, [...place, 'timeout'])),
        ...(service.owner === undefined
          ? [
              {
                target: 'services' as const,
                isObject: `object.key == ${JSON.stringify(key)}`,
                expression: 'mesh.name == "" || has(object.owner)',
                at: { path: place, part: 'key' as const },
              },
            ]
          : readField('object.owner', service.owner, [...place, 'owner'])),
        ...Object.entries(service.workload?.labels ?? {}).flatMap(([label, value]) =>
          readField(`object.workload.labels[${JSON.stringify(label)}]`, value, [
            ...place,
            'workload',
            'labels',
            label,
          ]),
        ),
        ...allow.flatMap((rule, index) => {
          if (allow.filter(({ from }) => from === rule.from).length > 1) return []
          const from = JSON.stringify(rule.from)
          const edge = `object.to == ${JSON.stringify(key)} && object.from == ${from}`
          const at = [...place, 'allow', index]
          return [
            ...find('services', `object.key == ${JSON.stringify(key)}`, 'object.allow', 'x.from', rule.from, [
              ...at,
              'from',
            ]),
            ...read('edges', edge, 'object.from', rule.from, [...at, 'from']),
            ...read('edges', edge, 'object.because', rule.because, [...at, 'because']),
            ...listFirst('edges', edge, 'object.methods', rule.methods, [...at, 'methods']),
            ...listFirst('edges', edge, 'object.paths', rule.paths, [...at, 'paths']),
          ]
        }),
      ]
    }),
    ...Object.entries(external).flatMap(([key, system]) => {
      const isObject = `object.key == ${JSON.stringify(key)}`
      const place = ['external', key]
      return [
        ...read('external', isObject, 'object.tls', system.tls, [...place, 'tls']),
        ...read('external', isObject, 'object.timeout', system.timeout, [...place, 'timeout']),
        ...listFirst('external', isObject, 'object.hosts', system.hosts, [...place, 'hosts']),
      ]
    }),
    ...Object.entries(gateways).flatMap(([key, gateway]) => {
      const isObject = `object.name == ${JSON.stringify(key)}`
      const place = ['gateways', key]
      return [
        ...read('gateways', isObject, 'object.http', gateway.http, [...place, 'http']),
        ...listFirst('gateways', isObject, 'object.hosts', gateway.hosts, [...place, 'hosts']),
      ]
    }),
  ]
}

/**
 * Makes an expression that is false if a field has its value; undefined if the spec does not set the field.
 */
function read(
  target: Target,
  isObject: string,
  field: string,
  value: unknown,
  path: SpecPath,
): readonly Reading[] {
  if (value === undefined) return []
  return [{ target, isObject, expression: `${field} != ${JSON.stringify(value)}`, at: { path } }]
}

/** Makes an expression that is false if a list has an entry with a value. */
function find(
  target: Target,
  isObject: string,
  list: string,
  part: string,
  value: unknown,
  path: SpecPath,
): readonly Reading[] {
  const expression = `!${list}.exists(x, ${part} == ${JSON.stringify(value)})`
  return [{ target, isObject, expression, at: { path } }]
}

/** Lists an expression for each entry that a list contains once. */
const listFirst = (
  target: Target,
  isObject: string,
  list: string,
  values: readonly string[] = [],
  path: SpecPath,
): readonly Reading[] =>
  values.flatMap((value, index) =>
    values.filter(same => same === value).length > 1
      ? []
      : find(target, isObject, list, 'x', value, [...path, index]),
  )
