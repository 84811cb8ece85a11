import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { isMap, isScalar, isSeq, LineCounter, type Node, parseAllDocuments, stringify } from 'yaml'
import { usualLimits } from '../../compiler/behavior/budget.ts'
import type { SpecPath } from '../../compiler/diagnostics/diagnostic.ts'
import { Lines } from '../../compiler/diagnostics/lines.ts'
import type { Source } from '../../compiler/diagnostics/source.ts'
import { readForeignFiles } from '../../compiler/manifests/foreign-files.ts'
import { checkManifestsWithPolicies, readOwnFile } from '../../compiler/own-file.ts'
import { everySpec } from '../support/drawn-specs.ts'
import { compileSpec } from '../support/specs.ts'

const laws = suite('laws: policies of manifests')

/** A scalar of a manifest, and its line by another YAML parser. */
interface Value {
  readonly file: string
  readonly line: number
  readonly kind: string
  /** An expression that is true for the object. */
  readonly isObject: string
  /** The expression that reads the value. */
  readonly expression: string
}

/** The maximum of a mesh's values that policies read. */
const mostPolicies = 30

laws('a policy over manifests of others finds the line of each value', () => {
  let count = 0
  everySpec(spec => {
    const texts = [...compileSpec(spec).files()]
      .filter(({ path }) => /^manifests\/.*\.yaml$/.test(path))
      .map(({ path, text }): Source => ({ name: path, text }))
    const values = texts.flatMap(listValues)
    const step = Math.ceil(values.length / mostPolicies)
    const chosen = values.filter((_, index) => index % step === 0)
    const policies = Object.fromEntries(
      chosen.map(({ kind, isObject, expression }, index): [string, unknown] => [
        `p${index}`,
        {
          kinds: [kind],
          matchConditions: [{ expression: isObject }],
          validations: [{ expression: `size([${expression}]) == 0` }],
        },
      ]),
    )
    const ownFile = readOwnFile({ name: 'meshc.yaml', text: stringify({ policies }) }, undefined)
    assert.equal(ownFile.diagnostics, [])
    const read = readForeignFiles(texts)
    if ('reason' in read) throw new Error(read.reason)
    const objects = [...read.objects, ...read.others, ...read.settings]
    const lines = new Map(texts.map(({ name, text }) => [name, new Lines(text)]))
    assert.equal(
      checkManifestsWithPolicies(ownFile, objects, texts, usualLimits)
        .map(({ code, message, at }) => {
          const line = lines.get(at.file)?.positionOf(at.start).line
          return `${code} ${/policy `(p\d+)`/.exec(message)?.[1]} ${at.file}:${line}`
        })
        .sort(),
      chosen.map(({ file, line }, index) => `MESH3811 p${index} ${file}:${line}`).sort(),
    )
    count += chosen.length
  })
  assert.ok(count > 2000, `${count} values were read`)
})

laws.run()

/** Lists the scalars of the objects of a file. */
function listValues({ name: file, text }: Source): readonly Value[] {
  const counter = new LineCounter()
  return parseAllDocuments(text, { lineCounter: counter }).flatMap(document => {
    const { kind, metadata } = document.toJS() as Manifest
    const { name, namespace } = metadata
    // Such an object counts as a template, which meshc skips.
    if (JSON.stringify(metadata).includes('{{')) return []
    const isInNamespace =
      namespace === undefined
        ? '!has(object.metadata.namespace)'
        : `object.metadata.namespace == ${JSON.stringify(namespace)}`
    const isObject = `object.metadata.name == ${JSON.stringify(name)} && ${isInNamespace}`
    return listScalars(document.contents as Node, []).map(({ path, begin }) => ({
      file,
      line: counter.linePos(begin).line,
      kind,
      isObject,
      expression: `object${path.map(part => `[${JSON.stringify(part)}]`).join('')}`,
    }))
  })
}

/** The parts of every object. */
interface Manifest {
  readonly kind: string
  readonly metadata: { readonly name: string; readonly namespace?: string }
}

interface Scalar {
  readonly path: SpecPath
  /** The offset of its key, or of its start if it has no key. */
  readonly begin: number
}

/** Lists the scalars below a node. */
function listScalars(node: Node, path: SpecPath, begin = node.range![0]): readonly Scalar[] {
  if (isMap(node))
    return node.items.flatMap(({ key, value }) =>
      listScalars(value as Node, [...path, String(key)], (key as Node).range![0]),
    )
  if (isSeq(node)) return node.items.flatMap((item, index) => listScalars(item as Node, [...path, index]))
  return isScalar(node) ? [{ path, begin }] : []
}
