import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { isCollection, isMap, isScalar, LineCounter, type Node, parse, parseAllDocuments } from 'yaml'
import type { Compilation } from '../../compiler/compilation.ts'
import type { SpecPath } from '../../compiler/diagnostics/diagnostic.ts'
import type { SourceMapEntry } from '../../compiler/emit/print.ts'
import { layerings } from '../arbitraries/layerings.ts'
import { type LeafEdit, leafEdits, leafRemovals, shareMoves } from '../arbitraries/leaf-edits.ts'
import { getTexts, type Spec, specs, specsOfOneCluster } from '../arbitraries/mesh.ts'
import { holds } from '../holds.ts'
import { everySpec } from '../support/drawn-specs.ts'
import { compileEnvironment, compileSpec, environments, tryCompileSpec } from '../support/specs.ts'
import { listLayers } from './naive-layers.ts'
import { describeSharedPods, unexplainedChanges } from './unexplained-changes.ts'

const laws = suite('laws: source map')

/** Asserts that the source maps before and after explain every change of a spec. */
function assertExplained(
  edits: (spec: Spec) => fc.Arbitrary<LeafEdit> | undefined,
  side: 'both' | 'gone',
  ofObjects: (object: string) => boolean = object => !isTests(object),
): void {
  let compiled = 0
  const listScalars = (compilation: Compilation) => [
    ...compilation.sourceMap(({ object }) => ofObjects(object)),
  ]
  const drawn = specs().chain(spec => {
    const count = ofObjects === isTests ? 2 : 3
    const some = fc.array(edits(spec) ?? fc.constant(undefined), { minLength: count, maxLength: count })
    return some.map(edits => ({ spec, edits: edits.filter(edit => edit !== undefined) }))
  })
  holds(
    fc.property(drawn, ({ spec, edits }) => {
      const compilation = compileSpec(spec)
      const before = listScalars(compilation)
      const shared = describeSharedPods(compilation.mesh)
      for (const edit of edits) {
        const after = tryCompileSpec(edit.spec)
        if (after === undefined || describeSharedPods(after.mesh) !== shared || isOfWildcard(edit)) continue
        compiled++
        const changes = unexplainedChanges(before, listScalars(after), edit.paths)
        const wrong = changes.filter(change => side === 'both' || change.startsWith('gone'))
        assert.equal(wrong, [], `${edit.file} ${edit.path.join('.')}: ${edit.before} -> ${edit.after}`)
      }
    }),
  )
  assert.ok(compiled > 100, `only ${compiled} of the edited specs compile`)
}

/**
 * Checks whether a host of a gateway is or becomes a wildcard. A host does not name the fact that no wildcard
 * covers it as a reason.
 */
const isOfWildcard = ({ path, before, after }: LeafEdit): boolean =>
  path[0] === 'gateways' &&
  path.includes('hosts') &&
  [before, after].some(word => typeof word === 'string' && word.startsWith('*'))

/** Half of all scalars belong to unit tests, each with all reasons of the rules: another law tests them. */
const isTests = (object: string) => object.startsWith('PromtoolTests/')

laws('a changed leaf is named by each scalar that it changes', () => {
  assertExplained(leafEdits, 'both')
})

laws('a leaf that is taken out was named by each scalar that goes with it', () => {
  assertExplained(leafRemovals, 'gone')
})

laws('a share that moves from one version to another is named by each scalar that it changes', () => {
  assertExplained(shareMoves, 'both')
})

laws('unit tests that a changed leaf changes name it', () => {
  assertExplained(leafEdits, 'both', isTests)
})

laws('every scalar of every file has a reason, and stands on its line', () => {
  for (const name of environments) assertTotal(compileEnvironment(name))
  everySpec(spec => assertTotal(compileSpec(spec)))
})

function assertTotal(compilation: Compilation): void {
  const entries = [...compilation.sourceMap()]
  assert.ok(entries.every(({ origins }) => origins.length > 0))
  // The templates of the chart are not YAML; they repeat the values of the manifests.
  const files = [...compilation.files()].filter(
    ({ path }) => path.endsWith('.yaml') && !path.startsWith('chart/templates/'),
  )
  const result = files.flatMap(({ path, text }) => scalarsIn(text).map(scalar => `${path}:${scalar}`))
  assert.equal(entries.map(printed), result)
}

const printed = ({ file, line, path, value }: SourceMapEntry) => `${file}:${line} ${path.join('.')}: ${value}`

/** Lists the scalars of a text with another parser. An empty map or list counts as a scalar. */
function scalarsIn(text: string): readonly string[] {
  const lines = new LineCounter()
  const scalars: string[] = []
  const walk = (node: Node, path: readonly (string | number)[]): void => {
    if (isCollection(node) && node.items.length > 0) {
      for (const [index, item] of node.items.entries()) {
        // The printed document has no keys but scalars, and no key without a value.
        if (isMap(node)) walk(node.items[index]!.value as Node, [...path, String(node.items[index]!.key)])
        else walk(item as Node, [...path, index])
      }
      return
    }
    const value = isScalar(node) ? node.value : isMap(node) ? '{}' : '[]'
    scalars.push(`${lines.linePos(node.range![0]).line} ${path.join('.')}: ${value}`)
  }
  for (const document of parseAllDocuments(text, { lineCounter: lines })) walk(document.contents!, [])
  return scalars
}

laws('a reason in the spec is written there: the file that sets it, and lower ones that it overrides', () => {
  let overridden = 0
  holds(
    fc.property(
      specsOfOneCluster().chain(spec => layerings(spec)),
      spec => {
        const { layers, sourceMap } = compileSpec(spec)
        const texts = getTexts(spec)
        const heights = new Map(
          listLayers(spec).flatMap((files, height) => files.map(file => [file, height])),
        )
        for (const path of placesIn(sourceMap())) {
          const [winner, ...losers] = layers.definitionsOf(path)
          assert.ok(winner?.wins, path.join('.'))
          const { file, start, end, value } = winner
          if (typeof value !== 'object') assert.is(parse(texts[file]!.slice(start, end)), value)
          for (const loser of losers) {
            overridden++
            assert.ok(heights.get(loser.file)! < heights.get(file)!, `${loser.file} is not below ${file}`)
            assert.not(loser.wins)
          }
        }
      },
    ),
  )
  assert.ok(overridden > 200, `only ${overridden} values are overridden`)
})

/** Lists each place of a spec that a source map names, once. */
function placesIn(entries: Iterable<SourceMapEntry>): Iterable<SpecPath> {
  const places = new Set<SpecPath>()
  for (const { origins } of entries)
    for (const origin of origins) if (typeof origin !== 'string') places.add(origin)
  return new Map([...places].map(place => [place.join('\n'), place])).values()
}

laws.run()
