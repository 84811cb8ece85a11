import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { explainLine } from '../../bin/playground/worker/explain-line.ts'
import { findImpactLines } from '../../bin/playground/worker/find-impact-lines.ts'
import type { Compilation } from '../../compiler/compilation.ts'
import { everyDrawnMesh } from '../support/every-mesh.ts'
import { compileEnvironment } from '../support/specs.ts'

const test = suite('playground: light')

/** Asks in both directions of a compilation: from a line of the spec, and from a line of a built file. */
function askBothWays(compilation: Compilation) {
  const entries = [...compilation.sourceMap()]
  const sources = compilation.layers.documents.map(({ source }) => source)
  const impacts = new Map<string, ReturnType<typeof findImpactLines>>()
  return {
    entries,
    explain: (path: string, line: number) => explainLine(path, line, compilation, entries, sources),
    findImpact: (file: string, line: number) => {
      const key = `${line} ${file}`
      const known =
        impacts.get(key) ?? findImpactLines(file, line, compilation, entries, sources, () => undefined)
      impacts.set(key, known)
      return known
    },
  }
}

/** Checks the law for some lines of a compilation, and counts its sights. */
function checkLines(compilation: Compilation, lines: number): number {
  const { entries, explain, findImpact } = askBothWays(compilation)
  const every = Math.ceil(entries.length / lines)
  let seen = 0
  for (const [index, { file, line }] of entries.entries()) {
    if (index % every !== 0) continue
    const answer = explain(file, line)
    assert.ok(answer !== undefined, `${file}:${line} has no reason`)
    for (const reason of answer.reasons) {
      if (reason.kind !== 'spec') continue
      for (const place of reason.places) {
        // A null makes no line: it removes a value.
        if (!place.wins || /\bnull\b/.test(place.text)) continue
        const lit = findImpact(place.file, place.line).files[file]
        const isLit = lit !== undefined && [...lit.near, ...lit.far].includes(line)
        assert.ok(isLit, `${place.file}:${place.line} does not light ${file}:${line}`)
        const back = answer.files[place.file]
        assert.ok(back?.near.includes(place.line) === true, `${file}:${line} does not light ${place.file}`)
        seen++
      }
    }
  }
  return seen
}

test('a line of the spec that a built line lights, lights that line', () => {
  let seen = 0
  everyDrawnMesh(compilation => {
    seen += checkLines(compilation, 8)
  })
  for (const name of ['examples/bookinfo', 'prod']) seen += checkLines(compileEnvironment(name), 60)
  assert.ok(seen > 400, `${seen} places`)
})

test('a line has the words of `meshc why`', () => {
  const { entries, explain } = askBothWays(compileEnvironment('examples/bookinfo'))
  const timeout = entries.find(
    ({ object, path }) => object === 'VirtualService/bookinfo/reviews' && path.at(-1) === 'timeout',
  )
  const answer = explain(timeout!.file, timeout!.line)
  assert.is(answer?.object, 'VirtualService/bookinfo/reviews')
  assert.is(answer?.value, '10s')
  assert.equal(
    answer?.reasons.map(reason => (reason.kind === 'spec' ? reason.path : reason.name)),
    ['defaults.timeout', 'services.reviews.port.http', 'policy:route-shape'],
  )
  assert.is(explain(timeout!.file, 1), undefined)
})

test('a template of the chart has the reasons of the manifest that it holds', () => {
  const compilation = compileEnvironment('prod')
  const { explain } = askBothWays(compilation)
  const template = [...compilation.files()].find(
    ({ path, text }) => path.startsWith('chart/templates/') && text.includes('kind: DestinationRule'),
  )
  const line = template!.text.split('\n').findIndex(text => text.includes('connectTimeout')) + 1
  const answer = explain(template!.path, line)
  assert.match(answer?.object ?? '', /^DestinationRule\//)
  assert.match(answer?.pointer ?? '', /connectTimeout$/)
})

test('a line without an effect lights nothing', () => {
  const { findImpact } = askBothWays(compileEnvironment('prod'))
  assert.equal(findImpact('spec/base/mesh.yaml', 1).files, {})
  assert.equal(findImpact('spec/none.yaml', 1).files, {})
})

test.run()
