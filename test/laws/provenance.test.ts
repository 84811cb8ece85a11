import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { isMap, isScalar, isSeq, LineCounter, type Node, parseAllDocuments } from 'yaml'
import { findLineOfManifest, findObjectInTemplate } from '../../bin/project/template-line.ts'
import { getSubject } from '../../bin/why/why-text.ts'
import { memo } from '../../compiler/basics/memo.ts'
import { weakMemo } from '../../compiler/basics/weak-memo.ts'
import type { Compilation } from '../../compiler/compilation.ts'
import type { SpecPath } from '../../compiler/diagnostics/diagnostic.ts'
import { Lines } from '../../compiler/diagnostics/lines.ts'
import type { SourceMapEntry } from '../../compiler/emit/print.ts'
import { findPartAtLine } from '../../compiler/provenance/entries-at.ts'
import { findImpact } from '../../compiler/provenance/impact.ts'
import { parsePointer, parseSpecPath, printPointer, printSpecPath } from '../../compiler/provenance/paths.ts'
import { listPathsAtLine } from '../../compiler/provenance/paths-at-line.ts'
import { explainPart, type Reason } from '../../compiler/provenance/reasons.ts'
import { parse } from '../../compiler/source/parse.ts'
import { layerings } from '../arbitraries/layerings.ts'
import { leafEdits } from '../arbitraries/leaf-edits.ts'
import { getTexts, specs, specsOfOneCluster } from '../arbitraries/mesh.ts'
import { holds } from '../holds.ts'
import { everySpec } from '../support/drawn-specs.ts'
import { compileEnvironment, compileSpec, environments, tryCompileSpec } from '../support/specs.ts'

const laws = suite('laws: provenance')

const layered = specsOfOneCluster().chain(spec => layerings(spec))

laws('the explanation of each line of each manifest matches another reader of YAML', () => {
  for (const name of environments) assertLines(compileEnvironment(name))
  everySpec(spec => assertLines(compileSpec(spec)))
})

function assertLines(compilation: Compilation): void {
  const entries = byFile(compilation)
  for (const { path: file, text } of compilation.files()) {
    const here = entries.get(file)
    if (here === undefined) continue
    const lines = linesIn(text)
    const count = text.split('\n').length
    for (let line = 1; line <= count; line++) {
      const partAtLine = findPartAtLine(here, line)
      assert.is(partAtLine && printPointer(partAtLine.path), lines.get(line), `${file}:${line}`)
    }
  }
}

/** Returns the entries of the source map by file. */
function byFile(compilation: Compilation): ReadonlyMap<string, readonly SourceMapEntry[]> {
  const files = new Map<string, SourceMapEntry[]>()
  for (const entry of compilation.sourceMap()) {
    const here = files.get(entry.file)
    if (here === undefined) files.set(entry.file, [entry])
    else here.push(entry)
  }
  return files
}

/**
 * Returns the path that begins in each line of a text. If several paths begin in a line, it returns the
 * innermost.
 */
function linesIn(text: string): ReadonlyMap<number, string> {
  const counter = new LineCounter()
  const stated = new Map<number, string>()
  const getLine = (offset: number) => counter.linePos(offset).line
  const note = (begin: number, end: number, path: SpecPath) => {
    const pointer = printPointer(path)
    for (let line = begin; line <= Math.max(begin, end); line++) stated.set(line, pointer)
  }
  const walk = (node: Node, path: SpecPath): void => {
    if (isMap(node))
      for (const { key, value } of node.items) {
        const here = [...path, String(key)]
        const begin = getLine((key as Node).range![0])
        note(begin, isScalar(value) ? getLine(value.range![1] - 1) : begin, here)
        walk(value as Node, here)
      }
    if (isSeq(node))
      for (const [index, item] of node.items.entries()) {
        const { range } = item as Node
        note(getLine(range![0]), isScalar(item) ? getLine(range![1] - 1) : 0, [...path, index])
        walk(item as Node, [...path, index])
      }
  }
  for (const document of parseAllDocuments(text, { lineCounter: counter })) walk(document.contents!, [])
  return stated
}

/** Prints a path: the entries of a source map share the paths of their origins. */
const printOrigin = weakMemo(printSpecPath)

const getName = (reason: Reason): string => ('path' in reason ? printOrigin(reason.path) : reason.name)

/** Checks whether a reason is a line that removes a value of a lower layer. */
const isNull = (reason: Reason) => reason.kind === 'spec' && reason.definitions[0]?.value === null

laws(
  'the reasons of a scalar and those of its object are its origins and nulls, and each stands in a text',
  () => {
    holds(
      fc.property(layered, spec => {
        const compilation = compileSpec(spec)
        const texts = getTexts(spec)
        const byObject = new Map<string, SourceMapEntry[]>()
        for (const entry of compilation.sourceMap()) {
          const key = `${entry.file} ${entry.object}`
          byObject.set(key, byObject.get(key) ?? [])
          byObject.get(key)!.push(entry)
        }
        for (const { file, object } of compilation.objects()) {
          const entries = byObject.get(`${file} ${object}`) ?? []
          const { scalars, shared } = explainPart(entries, entries, compilation.layers)
          assert.is(scalars.length, entries.length)
          for (const { entry, reasons } of scalars) {
            assert.ok(reasons.length > 0, object)
            const reasonByName = new Map([...reasons, ...shared].map(reason => [getName(reason), reason]))
            const origins = new Set(
              entry.origins.map(origin => (typeof origin === 'string' ? origin : printOrigin(origin))),
            )
            // A default holds because nulls remove the values of lower layers.
            const named = [...reasonByName].filter(([name, reason]) => origins.has(name) || !isNull(reason))
            assert.equal(named.map(([name]) => name).sort(), [...origins].sort())
          }
          for (const reason of new Set(scalars.flatMap(({ reasons }) => reasons)))
            if (reason.kind === 'spec')
              for (const { file, start, end } of reason.definitions)
                assert.ok(start < end && end <= texts[file]!.length, `${file}:${start}-${end}`)
        }
      }),
    )
  },
)

laws('a scalar that names a line as its reason is reached by that line, and no other scalar is', () => {
  let asked = 0
  holds(
    fc.property(layered, fc.nat({ max: 100_000 }), (spec, at) => {
      const compilation = compileSpec(spec)
      const { layers } = compilation
      const entries = [...compilation.sourceMap()]
      const texts = Object.entries(getTexts(spec))
      const [file, text] = texts[at % texts.length]!
      const { document } = parse({ name: file, text })
      const lines = new Lines(text)
      const line = (at % lines.count) + 1
      const atLine = listPathsAtLine(document!, line)
      if (atLine.open.length > 0) return
      const { reached } = findImpact(file, atLine, layers, entries)
      // This check uses the place instead of the path: the line has the key of the scalar, or in a list its
      // value.
      const isOnLine = memo((origin: SpecPath): boolean =>
        layers.definitionsOf(origin).some(({ file: second, path, wins, value }, index, all) => {
          const merges = all
            .slice(0, index + 1)
            .every(
              definition =>
                typeof definition.value === 'object' &&
                definition.value !== null &&
                !Array.isArray(definition.value),
            )
          if (second !== file || !(wins || merges) || value === undefined) return false
          return lines.positionOf(document!.spanOf(path, 'key').start).line === line
        }),
      )
      const namesLine = ({ origins }: SourceMapEntry) =>
        origins.some(origin => typeof origin !== 'string' && isOnLine(origin))
      assert.equal(reached.map(getAddress), entries.filter(namesLine).map(getAddress), `${file}:${line}`)
      if (reached.length > 0) asked++
    }),
    { numRuns: 200 },
  )
  assert.ok(asked > 40, `only ${asked} lines reach something`)
})

laws('a scalar that changes with a leaf was reached by the line of the leaf', () => {
  let changed = 0
  const drawn = specs().chain(spec =>
    fc.array(leafEdits(spec), { minLength: 3, maxLength: 3 }).map(edits => ({ spec, edits })),
  )
  holds(
    fc.property(drawn, ({ spec, edits }) => {
      const compilation = compileSpec(spec)
      const before = [...compilation.sourceMap()]
      for (const edit of edits) {
        const after = tryCompileSpec(edit.spec)
        if (after === undefined) continue
        const text = getTexts(spec)[edit.file]!
        const { document } = parse({ name: edit.file, text })
        const line = new Lines(text).positionOf(document!.spanOf(edit.path, 'key').start).line
        const { reached } = findImpact(
          edit.file,
          listPathsAtLine(document!, line),
          compilation.layers,
          before,
        )
        const isReached = new Set(reached.map(getAddress))
        const pointer = printPointer(edit.path)
        const isOfLeaf = memo(
          (origin: SpecPath) => origin.length === edit.path.length && printPointer(origin) === pointer,
        )
        const names = ({ origins }: SourceMapEntry) =>
          origins.some(origin => typeof origin !== 'string' && isOfLeaf(origin))
        const named = before.filter(names)
        const objects = new Set(named.map(({ object }) => object))
        const values = new Map(
          [...after.sourceMap(({ object }) => objects.has(object))].map(entry => [
            getPlace(entry),
            entry.value,
          ]),
        )
        for (const entry of named) {
          // A leaf that a higher layer overrides changes nothing.
          if (values.get(getPlace(entry)) === entry.value) continue
          changed++
          assert.ok(isReached.has(getAddress(entry)), `${edit.file}:${line} ${getAddress(entry)}`)
        }
      }
    }),
  )
  assert.ok(changed > 100, `only ${changed} scalars changed`)
})

const getPlace = ({ file, object, path }: SourceMapEntry) => `${file} ${object} ${printPointer(path)}`
const getAddress = (entry: SourceMapEntry) => `${getPlace(entry)} ${entry.line}`

laws('a line of a template of the chart stands for the line of the manifest that says the same', () => {
  let computed = 0
  for (const name of environments) {
    const compilation = compileEnvironment(name)
    const manifests = new Map(
      [...compilation.objects()].map(({ file, object }) => [object, compilation.file(file)!.text] as const),
    )
    for (const { path, text } of compilation.files()) {
      if (!/^chart\/templates\/.*\.yaml$/.test(path)) continue
      for (const [index, line] of text.split('\n').entries()) {
        const objectInTemplate = findObjectInTemplate(text, index + 1)
        if (objectInTemplate === undefined) continue
        const objects = manifests.get(objectInTemplate.object)?.split('\n---\n')
        assert.ok(objects, `${path}:${index + 1}: ${objectInTemplate.object}`)
        const [kind, ...rest] = objectInTemplate.object.split('/')
        const manifest = objects
          .map(text => text.replace(/^#.*\n/, '').split('\n'))
          .find(
            lines =>
              lines.includes(`kind: ${kind}`) && lines.some(text => text.endsWith(`name: ${rest.at(-1)}`)),
          )
        const lineOfManifest = findLineOfManifest(manifest!, objectInTemplate)
        if (line.includes('{{')) {
          if (lineOfManifest !== undefined) computed++
          continue
        }
        if (line === '') continue
        assert.is(
          lineOfManifest === undefined ? undefined : manifest![lineOfManifest - 1],
          line,
          `${path}:${index + 1}`,
        )
      }
    }
  }
  assert.ok(computed > 20, `only ${computed} values are computed`)
})

laws('each line of a file that is no manifest is about what it says', () => {
  for (const name of environments) {
    const compilation = compileEnvironment(name)
    const { layers, mesh } = compilation
    const traced = new Set([...compilation.objects()].map(({ file }) => file))
    const values = [...compilation.sourceMap(({ object }) => object === 'HelmChartValues/chart')]
    const about = new Set<string>()
    let parts = 0
    for (const { path, text } of compilation.files()) {
      if (traced.has(path) || /^chart\/templates\/.*\.yaml$/.test(path)) continue
      for (const [index, line] of text.split('\n').entries()) {
        const subject = getSubject({ path, text, line: index + 1 }, layers)
        const where = `${name}/${path}:${index + 1}: ${line}`
        if (subject.kind === 'chart value') {
          const place = printPointer(subject.path)
          // An optional value that the spec omits is in a map that exists.
          assert.ok(
            values.some(({ path }) => path[0] === subject.path[0]),
            where,
          )
          about.add(`${path} ${place}`)
        } else if (path === 'chart/values.schema.json') {
          assert.is(subject.kind, 'constant', where)
        } else if (subject.kind === 'parts') {
          parts++
          for (const named of subject.paths) assert.ok(layers.definitionsOf(named).length > 0, where)
        }
        // A row or a command about a service names it.
        for (const { key } of mesh.services)
          if (path.startsWith('docs/') && line.includes(`\`${key}\``) && subject.kind !== 'chart value')
            assert.ok(subject.kind === 'parts' && subject.paths.some(([, entry]) => entry === key), where)
      }
    }
    // Each value has its lines in the schema, and its row in the README; an empty section has none.
    for (const { path } of values.filter(({ path }) => path.length > 1))
      for (const file of ['chart/values.schema.json', 'chart/README.md'])
        assert.ok(about.has(`${file} ${printPointer(path)}`), `${name}/${file}: ${path.join('.')}`)
    assert.ok(parts > 30, `${name}: ${parts} lines name a part of the spec`)
  }
})

laws('paths are read as they are printed', () => {
  const key = fc
    .string({ minLength: 1, unit: fc.constantFrom(...'ab-_./~"[]0 é') })
    .filter(text => !/^\d+$/.test(text))
  const path = fc.array(fc.oneof(key, fc.nat({ max: 20 })), { minLength: 1, maxLength: 6 })
  holds(
    fc.property(path, path => {
      assert.equal(parsePointer(printPointer(path)), path.map(String))
      if (typeof path[0] === 'string') assert.equal(parseSpecPath(printSpecPath(path)), path)
    }),
  )
})

laws('a query of some objects answers as the map of all objects', () => {
  for (const name of environments) {
    const compilation = compileEnvironment(name)
    const all = [...compilation.sourceMap()]
    const some = new Set(
      [...compilation.objects()].map(({ object }) => object).filter((_, index) => index % 3 === 0),
    )
    const sourceMapEntries = [...compilation.sourceMap(({ object }) => some.has(object))]
    assert.equal(
      sourceMapEntries,
      all.filter(({ object }) => some.has(object)),
    )
    for (const { path, text } of compilation.files()) assert.is(compilation.file(path)?.text, text)
    assert.is(compilation.file('nothing.yaml'), undefined)
  }
})

laws.run()
