import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { SpecPath } from '../../compiler/diagnostics/diagnostic.ts'
import { isMap } from '../../compiler/source/document.ts'
import { layerings } from '../arbitraries/layerings.ts'
import { getNodes } from '../arbitraries/leaves.ts'
import { getTexts, type Spec, specsOfOneCluster } from '../arbitraries/mesh.ts'
import { holds } from '../holds.ts'
import { compileSpec } from '../support/specs.ts'
import { naiveDefinitions, naiveMerge } from './naive-layers.ts'
import { spansIn } from './spans.ts'

const laws = suite('laws: layers')

const layered = specsOfOneCluster().chain(spec => layerings(spec).map(layered => ({ spec, layered })))

laws('a value that a higher layer overrides or removes changes no byte', () => {
  holds(
    fc.property(layered, ({ spec, layered }) => {
      assert.equal([...compileSpec(layered).files()], [...compileSpec(spec).files()])
    }),
  )
})

laws('layers are merged map by map, and null removes', () => {
  holds(
    fc.property(layered, ({ layered }) => {
      assert.equal(comparable(compileSpec(layered).layers.value), comparable(naiveMerge(layered)))
    }),
  )
})

/**
 * Converts maps to lists of their entries. Prototypes, the order of keys and names like `constructor` then
 * have no effect.
 */
function comparable(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(comparable)
  if (!isMap(value)) return value
  const entries = Object.entries(value).map(([key, entry]) => [key, comparable(entry)] as const)
  return { entries: entries.sort(([a], [b]) => (a < b ? -1 : 1)) }
}

laws('the layers that set or lose a value are those that a search of the files finds', () => {
  let overridden = 0
  holds(
    fc.property(layered, ({ layered }) => {
      const { definitionsOf } = compileSpec(layered).layers
      const getSpan = spansIn(getTexts(layered))
      for (const path of pathsIn(layered)) {
        const expected = naiveDefinitions(layered, path)
        if (expected.length > 1) overridden++
        const result = definitionsOf(path).map(({ file, value, wins, start, end }) => {
          return { file, value: comparable(value), wins, start, end }
        })
        const searched = expected.map(({ file, path, value }, index) => {
          return { file, value: comparable(value), wins: index === 0, ...getSpan(file, path) }
        })
        assert.equal(result, searched, path.join('.'))
      }
    }),
  )
  assert.ok(overridden > 1000, `only ${overridden} values are overridden`)
})

/**
 * Lists every path of the merged spec, and each removed path. No single file owns a section that several
 * files share.
 */
function pathsIn(spec: Spec): Iterable<SpecPath> {
  // The merged spec has the form of a file, without the fields that each file must have.
  const merged = naiveMerge(spec) as Spec['documents'][string]
  const { leaves, branches } = getNodes({ ...spec, documents: { ...spec.documents, merged } })
  const paths = [...branches, ...leaves].map(({ path }) => path).filter(path => path.length > 1)
  return new Map(paths.map(path => [path.join('\n'), path])).values()
}

laws.run()
