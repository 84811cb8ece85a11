import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { SourceMapEntry } from '../../compiler/emit/print.ts'
import { findImpact } from '../../compiler/provenance/impact.ts'
import { explainPart } from '../../compiler/provenance/reasons.ts'
import { compileText } from '../support/compile-text.ts'

const test = suite('provenance/shared-origins')

const services = Array.from({ length: 50 }, (_, index) => `svc-${index}`)

const spec = [
  'meshc: v1',
  'mesh: shop',
  'environment: prod',
  'services:',
  ...services.map(name => `  ${name}: { namespace: shop, port: { http: 8080 } }`),
].join('\n')

/** Makes scalars of one object that share a list of origins, and counts the reads of the list. */
function makeEntries(size: number): {
  readonly entries: readonly SourceMapEntry[]
  readonly count: () => number
} {
  let reads = 0
  const paths: SourceMapEntry['origins'] = services.map(name => ['services', name])
  const origins = new Proxy(paths, {
    get(target, key, receiver) {
      reads++
      return Reflect.get(target, key, receiver)
    },
  })
  const entries = Array.from(
    { length: size },
    (_, index): SourceMapEntry => ({
      file: 'prometheus/mesh.rules.yaml',
      object: 'PrometheusRule/istio-system/mesh',
      line: index + 1,
      endLine: index + 1,
      path: ['spec', 'groups', index],
      value: index,
      origins,
    }),
  )
  return { entries, count: () => reads }
}

/** Counts the reads that a question about scalars takes. */
function countReads(size: number, ask: (entries: readonly SourceMapEntry[]) => void): number {
  const { entries, count } = makeEntries(size)
  ask(entries)
  return count()
}

/** Asserts that a question reads the list of origins as often for many scalars as for two. */
function assertFewReads(ask: (entries: readonly SourceMapEntry[]) => void): void {
  // Each scalar asks whether its list is known already, but no scalar reads the list.
  const few = countReads(2, ask)
  assert.ok(few >= services.length, `${few} reads`)
  assert.is(countReads(1000, ask), few)
}

const result = compileText(spec)
if (!result.ok) throw new Error(result.diagnostics.map(({ message }) => message).join('\n'))
const { layers } = result.value

test('the impact of a line reads a list of origins once, whatever the number of its scalars', () => {
  const line = { paths: [['services', 'svc-49']], open: [] }
  const { file } = layers.definitionsOf(['services', 'svc-49'])[0]!
  const ask = (entries: readonly SourceMapEntry[]) => {
    const { reached, made } = findImpact(file, line, layers, entries)
    assert.equal(reached, entries)
    assert.is(made.size, 0)
  }
  assertFewReads(ask)
})

test('the reasons of an object read a list of origins once, whatever the number of its scalars', () => {
  assertFewReads(entries => {
    const { scalars, shared } = explainPart(entries, entries, layers)
    assert.is(shared.length, services.length)
    assert.is(scalars.length, entries.length)
    for (const { reasons } of scalars) assert.is(reasons, scalars[0]!.reasons)
  })
})

test('scalars with different lists share the reasons that all lists have', () => {
  const [{ entries }, paths] = [makeEntries(3), services.map(name => ['services', name])]
  const lists = [paths.slice(0, 3), paths.slice(1, 4), paths.slice(2, 4)]
  const object = entries.map((entry, index) => ({ ...entry, origins: lists[index]! }))
  const { scalars, shared } = explainPart(object, object, layers)
  const getPaths = (reasons: typeof shared) => reasons.map(reason => reason.kind === 'spec' && reason.path)
  assert.equal(getPaths(shared), [paths[2]])
  assert.equal(
    scalars.map(({ reasons }) => getPaths(reasons)),
    [[paths[0], paths[1]], [paths[1], paths[3]], [paths[3]]],
  )
})

test.run()
