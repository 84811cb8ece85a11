import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type Compilation, compile } from '../../compiler/compile.ts'
import { isMap } from '../../compiler/source/document.ts'
import { type Spec, specs, textsOf } from '../arbitraries/mesh.ts'
import { holds } from '../holds.ts'
import { workspaceOf } from '../support/compile-text.ts'
import { compileSpec } from '../support/specs.ts'

const order = suite('order independence')

/** The same value with the keys of every map in another order. Lists keep theirs: there it has a meaning. */
function shuffled(value: unknown, seed: number): unknown {
  if (Array.isArray(value)) return value.map((entry, index) => shuffled(entry, seed + index))
  if (!isMap(value)) return value
  const rank = (key: string) => [...key].reduce((sum, char) => (sum * 31 + char.charCodeAt(0)) % 9973, seed)
  const keys = Object.keys(value).sort((a, b) => rank(a) - rank(b))
  return Object.fromEntries(keys.map(key => [key, shuffled(value[key], seed + 1)]))
}

function assertSameFiles(one: Compilation, other: Compilation): void {
  const texts = new Map([...other.files()].map(({ path, text }) => [path, text]))
  for (const { path, text } of one.files()) assert.is(text, texts.get(path), path)
  assert.equal([...one.files()].map(({ path }) => path).sort(), [...texts.keys()].sort())
}

order('the order of keys never shows', () => {
  holds(
    fc.property(specs(), fc.nat({ max: 9972 }), (spec, seed) => {
      const documents = Object.fromEntries(
        Object.entries(spec.documents).map(([path, { raw, ...document }]) => [
          path,
          // A raw object passes through as it is, keys and all.
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
    fc.property(specs(), spec => {
      const texts = textsOf(spec)
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
      const { read, list } = workspaceOf(texts)
      const backwards = compile(spec.entry, { read, list: folder => list(folder).toReversed() })
      assert.ok(backwards.ok)
      assert.equal([...backwards.value.files()], files)
    }),
  )
  assert.ok(several > 10, `${several} specs with several included files`)
})

order.run()
