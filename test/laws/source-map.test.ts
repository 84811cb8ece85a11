import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { parseAllDocuments } from 'yaml'
import type { Compilation } from '../../compiler/compile.ts'
import { compile } from '../../compiler/compile.ts'
import type { SpecPath } from '../../compiler/diagnostics/diagnostic.ts'
import { leafEdits } from '../arbitraries/leaf-edits.ts'
import { specs, textsOf } from '../arbitraries/mesh.ts'
import { holds } from '../holds.ts'
import { workspaceOf } from '../support/compile-text.ts'
import { compileEnvironment, compileSpec, environments } from '../support/specs.ts'

const sourceMap = suite('source map')

/** Every scalar of the files, read back from their text, as `file path value`. */
function scalarsOf(compilation: Compilation): readonly string[] {
  const scalars: string[] = []
  const walk = (value: unknown, path: SpecPath, file: string): void => {
    // An empty map stands there like a scalar.
    if (typeof value === 'object' && value !== null && Object.keys(value).length > 0) {
      for (const [key, entry] of Object.entries(value))
        walk(entry, [...path, Array.isArray(value) ? Number(key) : key], file)
    } else scalars.push(`${file} ${path.join('.')} ${wordOf(value)}`)
  }
  for (const { path, text } of compilation.files())
    for (const document of parseAllDocuments(text)) walk(document.toJS(), [], path)
  return scalars
}

const wordOf = (value: unknown) => (typeof value === 'object' ? JSON.stringify(value) : String(value))

const without = (some: readonly string[], others: readonly string[]) => {
  const known = new Set(others)
  return some.filter(one => !known.has(one))
}

function assertTotal(compilation: Compilation): void {
  const lines = new Map([...compilation.files()].map(({ path, text }) => [path, text.split('\n')]))
  const mapped: string[] = []
  for (const { file, line, object, path, value, origins } of compilation.sourceMap()) {
    mapped.push(`${file} ${path.join('.')} ${wordOf(value)}`)
    assert.ok(origins.length > 0, `${object} ${path.join('.')}`)
    const text = lines.get(file)?.[line - 1] ?? ''
    const key = path.at(-1)
    const isThere = typeof key === 'number' ? text.trim().startsWith('- ') : text.includes(`${key}`)
    assert.ok(isThere, `${file}:${line} is not the line of ${path.join('.')}: ${text}`)
  }
  const printed = scalarsOf(compilation)
  assert.equal(without(printed, mapped), [], 'printed and not mapped')
  assert.equal(without(mapped, printed), [], 'mapped and not printed')
  assert.is(mapped.length, printed.length)
}

sourceMap('every scalar of every file has a reason, and the map knows its line', () => {
  for (const name of environments) assertTotal(compileEnvironment(name))
  holds(fc.property(specs(), spec => assertTotal(compileSpec(spec))))
})

type Origins = readonly (SpecPath | string)[]

/** The scalars of a compilation by what they are, wherever in a list they stand, with the origins of each. */
function byIdentity(compilation: Compilation): ReadonlyMap<string, readonly Origins[]> {
  const scalars = new Map<string, Origins[]>()
  for (const { object, path, value, origins } of compilation.sourceMap()) {
    const steps = path.map(step => (typeof step === 'number' ? '*' : step))
    const identity = `${object} ${steps.join('.')} ${JSON.stringify(value)}`
    const same = scalars.get(identity)
    if (same === undefined) scalars.set(identity, [origins])
    else same.push(origins)
  }
  return scalars
}

const names = (origins: Origins, leaf: SpecPath) =>
  origins.some(origin => typeof origin !== 'string' && origin.join('\0') === leaf.join('\0'))

/** Whatever there is more of in one than in the other has the leaf among its origins. */
function assertNamed(
  here: ReadonlyMap<string, readonly Origins[]>,
  there: ReadonlyMap<string, readonly Origins[]>,
  leaf: SpecPath,
  what: string,
): number {
  let changed = 0
  for (const [identity, origins] of here) {
    const more = origins.length - (there.get(identity)?.length ?? 0)
    if (more <= 0) continue
    changed += more
    const naming = origins.filter(one => names(one, leaf)).length
    const why = JSON.stringify(
      origins.map(one => one.map(origin => (typeof origin === 'string' ? origin : origin.join('.')))),
    )
    assert.ok(naming >= more, `${what} ${identity}, which names not ${leaf.join('.')} but ${why}`)
  }
  return changed
}

sourceMap('whatever changes when a leaf of the spec changes names that leaf among its reasons', () => {
  let edits = 0
  let changes = 0
  holds(
    fc.property(
      specs().chain(spec => leafEdits(spec).map(edit => ({ spec, edit }))),
      ({ spec, edit }) => {
        const result = compile(edit.spec.entry, workspaceOf(textsOf(edit.spec)))
        // Not every value that has the form is right in its place.
        if (!result.ok) return
        edits++
        const before = byIdentity(compileSpec(spec))
        const after = byIdentity(result.value)
        const said = `${edit.path.join('.')}: ${JSON.stringify(edit.before)} became ${JSON.stringify(edit.after)},`
        changes += assertNamed(before, after, edit.path, `${said} and so went`)
        changes += assertNamed(after, before, edit.path, `${said} and so came`)
      },
    ),
    { numRuns: 400 },
  )
  assert.ok(edits > 150 && changes > 500, `${edits} edits changed ${changes} scalars`)
})

sourceMap.run()
