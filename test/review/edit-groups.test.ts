import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { compiledSide } from '../../bin/diff/sides.ts'
import type { SpecPath } from '../../compiler/diagnostics/diagnostic.ts'
import { isWithin, printSpecPath } from '../../compiler/provenance/paths.ts'
import { type ManifestChange, manifestChanges } from '../../compiler/review/manifest-changes.ts'
import type { Side } from '../../compiler/review/side.ts'
import { type SpecEdit, specEdits } from '../../compiler/review/spec-edits.ts'
import { leafEdits } from '../arbitraries/leaf-edits.ts'
import { replaced } from '../arbitraries/leaves.ts'
import { type Spec, specs } from '../arbitraries/mesh.ts'
import { holds } from '../holds.ts'
import { diagnose } from '../support/specs.ts'

const groups = suite('groups of edits')

const twiceEdited = specs().chain(spec =>
  fc.record({ spec: fc.constant(spec), one: leafEdits(spec), other: leafEdits(spec) }),
)

groups('to undo one of two edits takes away what is told under it, and nothing else', () => {
  const seen = { undone: 0, changes: 0 }
  holds(
    fc.property(twiceEdited, ({ spec, one, other }) => {
      if (printSpecPath(one.path) === printSpecPath(other.path)) return
      const before = sideOf(spec)
      const both = sideOf(replaced(one.spec, other.file, other.path, other.after))
      if (before === undefined || both === undefined) return
      const told = changesBetween(before, both)
      const all = told.flatMap(({ words }) => words)
      // Each change of a manifest has an edit, and is told once. A rule of another service of a host that is written otherwise
      // because of an earlier one names no reason but its own: see `unexplainedChanges`.
      const unexplained = told.flatMap(({ edit, words }) => (edit === undefined ? words : []))
      assert.equal(
        unexplained.filter(change => !ofRule.test(change)),
        [],
      )
      assert.is(new Set(all).size, all.length)
      const alone = [one, other].map(({ spec: edited }) => {
        const side = sideOf(edited)
        return side === undefined ? undefined : changesBetween(before, side).flatMap(({ words }) => words)
      })
      // What two edits change together is told under one of them.
      if (isTogether(alone, all) || unexplained.length > 0) return
      // Where something comes or goes, what stands behind it in a list is compared with its neighbour.
      if (all.some(change => movesOthers.test(change))) return
      // Of a value that has both for a reason, reasons do not say which of them has changed it.
      const [ofOne, ofOther] = [one, other].map(({ path }) => changesUnder(before, both, path))
      const isClear = (change: string) => !(ofOne!.has(change) && ofOther!.has(change))
      for (const [index, { path }] of [one, other].entries()) {
        const own = told.flatMap(({ edit, words }) => (edit !== undefined && isOf(edit, path) ? words : []))
        const gone = all.filter(change => !alone[1 - index]!.includes(change))
        assert.equal(own.filter(isClear).toSorted(), gone.filter(isClear).toSorted(), printSpecPath(path))
        seen.undone++
        seen.changes += gone.length
      }
    }),
    { endOnFailure: true },
  )
  assert.ok(seen.undone > 20 && seen.changes > 50, JSON.stringify(seen))
})

groups.run()

const movesOthers = /: undefined → | → undefined$/
const ofRule = /^VirtualService\/\S+ \/spec\/http\/\d+/

function sideOf(spec: Spec): Side | undefined {
  const result = diagnose(spec)
  if (!result.ok) return undefined
  const environment = { name: 'prod', entry: spec.entry, output: 'out/prod' }
  return compiledSide('prod', { environment, compilation: result.value, sources: result.sources })
}

/** What is different in manifests, by the edit that it is told under. */
const changesBetween = (before: Side, after: Side, edits = specEdits(before, after)) =>
  manifestChanges(before, after, edits).map(({ edit, changes }) => ({
    edit,
    words: changes.flatMap(wordsOfChange),
  }))

/** What is told under the edit of a leaf where no other edit is asked about. */
function changesUnder(before: Side, after: Side, leaf: SpecPath): ReadonlySet<string> {
  const edits = specEdits(before, after).filter(edit => isOf(edit, leaf))
  const told = changesBetween(before, after, edits)
  return new Set(told.flatMap(({ edit, words }) => (edit === undefined ? [] : words)))
}

/** Whether an edit is that of a leaf: what is called otherwise now is another entry of its list. */
const isOf = ({ parts: { before, after } }: SpecEdit, leaf: SpecPath): boolean =>
  [before, after].some(part => part !== undefined && isWithin(leaf, part))

const wordsOfChange = ({ kind, objects, parts }: ManifestChange): readonly string[] =>
  objects.flatMap(({ name }) =>
    kind === 'changed'
      ? parts.map(({ pointer, before, after }) => `${name} ${pointer}: ${before} → ${after}`)
      : [`${name}: ${kind}`],
  )

/** Whether two edits change one place, or together what neither changes so alone. */
function isTogether(
  [one, other]: readonly (readonly string[] | undefined)[],
  both: readonly string[],
): boolean {
  if (one === undefined || other === undefined) return true
  const alone = new Set([...one, ...other])
  return both.length !== one.length + other.length || both.some(change => !alone.has(change))
}
