import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { Compilation } from '../../compiler/compilation.ts'
import { compile } from '../../compiler/compile.ts'
import { isMap } from '../../compiler/source/document.ts'
import { getTexts, type Spec, specsOfOneCluster } from '../arbitraries/mesh.ts'
import { holds } from '../holds.ts'
import { getWorkspace } from '../support/compile-text.ts'
import { compileSpec } from '../support/specs.ts'

const order = suite('order independence')

/**
 * Returns the same value with the keys of every map in another order. Lists keep their order, which has a
 * meaning.
 */
function shuffled(value: unknown, seed: number): unknown {
  if (Array.isArray(value)) return value.map((entry, index) => shuffled(entry, seed + index))
  if (!isMap(value)) return value
  const rank = (key: string) => [...key].reduce((sum, char) => (sum * 31 + char.charCodeAt(0)) % 9973, seed)
  const keys = Object.keys(value).sort((a, b) => rank(a) - rank(b))
  return Object.fromEntries(keys.map(key => [key, shuffled(value[key], seed + 1)]))
}

function assertSameFiles(a: Compilation, b: Compilation): void {
  const texts = new Map([...b.files()].map(({ path, text }) => [path, text]))
  for (const { path, text } of a.files()) assert.is(text, texts.get(path), path)
  assert.equal([...a.files()].map(({ path }) => path).sort(), [...texts.keys()].sort())
}

order('the order of keys never shows', () => {
  holds(
    fc.property(specsOfOneCluster(), fc.nat({ max: 9972 }), (spec, seed) => {
      const documents = Object.fromEntries(
        Object.entries(spec.documents).map(([path, { raw, ...document }]) => [
          path,
          // A raw object passes through unchanged, with the order of its keys.
          { ...(shuffled(document, seed) as object), ...(raw !== undefined && { raw }) },
        ]),
      ) as Spec['documents']
      assertSameFiles(compileSpec({ ...spec, documents }), compileSpec(spec))
    }),
  )
})

order('the order of included files never shows', () => {
  let several = 0
  holds(
    fc.property(specsOfOneCluster(), spec => {
      const texts = getTexts(spec)
      const entry = spec.documents[spec.entry]
      const included = Object.keys(texts).filter(path => path.includes('/teams/'))
      if (included.length > 1) several++
      const files = [...compileSpec(spec).files()]
      const listed = included.map(path => path.slice('spec/prod/'.length))
      for (const include of [listed, listed.toReversed()]) {
        if (include.length === 0) continue
        const documents = { ...spec.documents, [spec.entry]: { ...entry, include } }
        assert.equal([...compileSpec({ ...spec, documents }).files()], files)
      }
      const { read, list, listBelow } = getWorkspace(texts)
      const backwards = compile(spec.entry, { read, list: folder => list(folder).toReversed(), listBelow })
      assert.ok(backwards.ok)
      assert.equal([...backwards.value.files()], files)
    }),
  )
  assert.ok(several > 10, `${several} specs with several included files`)
})

order('the file of a layer that sets a value never shows', () => {
  holds(
    fc.property(specsOfOneCluster(), fc.infiniteStream(fc.nat({ max: 3 })), (spec, numbers) => {
      assertSameFiles(compileSpec(dealt(spec, numbers)), compileSpec(spec))
    }),
  )
})

/** Distributes the services and external systems of the highest layer among the entry and three files. */
function dealt(spec: Spec, numbers: Iterator<number>): Spec {
  const { [spec.entry]: entryDocument, ...others } = spec.documents
  const below = Object.entries(others).filter(([path]) => !path.includes('/teams/'))
  const teams = Object.entries(others).filter(([path]) => path.includes('/teams/'))
  const hands: Record<string, Record<string, unknown>>[] = [{}, {}, {}, {}]
  for (const document of [entryDocument!, ...teams.map(([, team]) => team)]) {
    for (const section of ['services', 'external'] as const) {
      for (const [name, entry] of Object.entries(document[section] ?? {})) {
        const hand = hands[numbers.next().value ?? 0]!
        hand[section] = { ...hand[section], [name]: entry }
      }
    }
  }
  const expect = [entryDocument!, ...teams.map(([, team]) => team)].flatMap(document => document.expect ?? [])
  const { services: _, external: __, expect: ___, include: ____, ...rest } = entryDocument!
  const [first, ...parts] = hands
  const files = parts.flatMap((part, index) =>
    Object.keys(part).length === 0 ? [] : [[`spec/prod/part-${index}.yaml`, part] as const],
  )
  const include = files.length > 0 ? { include: ['part-*.yaml'] } : {}
  // Each piece is a part of a MeshFile, and the sections are put together again.
  const documents = Object.fromEntries([
    ...below,
    ...files,
    [spec.entry, { ...rest, ...first, ...include, ...(expect.length > 0 && { expect }) }],
  ]) as Spec['documents']
  return { ...spec, documents }
}

order.run()
