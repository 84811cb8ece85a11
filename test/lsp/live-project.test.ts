import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { openLiveProject } from '../../bin/lsp/live-project.ts'
import { makeEnvironment } from '../../bin/project/environments.ts'
import { usualLimits } from '../../compiler/behavior/budget.ts'
import { compile } from '../../compiler/compile.ts'
import type { Workspace } from '../../compiler/source/load.ts'
import { layerings } from '../arbitraries/layerings.ts'
import { getTexts, specsOfOneCluster } from '../arbitraries/mesh.ts'
import { faults } from '../laws/planted.ts'
import { getWorkspace } from '../support/compile-text.ts'
import { seed } from '../support/seed.ts'

const test = suite('lsp: live project')

type Texts = Readonly<Record<string, string>>

const today = '2026-01-01'
const edits = fc.array(fc.record({ fault: fc.nat(faults.length - 1), place: fc.nat(100_000) }), {
  minLength: 2,
  maxLength: 4,
})
const layered = specsOfOneCluster().chain(layerings)

test('after each edit, environments with a common base have the diagnostics of a compilation of their texts', async () => {
  let faulty = 0
  await fc.assert(
    fc.asyncProperty(layered, edits, async (spec, edits) => {
      const sound = getTexts(spec)
      const planted = edits.flatMap(({ fault, place }): readonly Texts[] => {
        const places = faults[fault]!.places(spec)
        return places.length === 0 ? [] : [places[place % places.length]!().texts]
      })
      const heirs = ['second', 'third'].map(name => [`spec/${name}/mesh.yaml`, extend(spec.entry, name)])
      const heirTexts: Texts = Object.fromEntries(heirs)
      const entries = [spec.entry, ...Object.keys(heirTexts)]
      const states = [sound, ...planted, sound].map(texts => ({ ...texts, ...heirTexts }))
      for await (const { texts, entry, diagnostics } of check(states, entries)) {
        if (diagnostics.length > 0) faulty++
        assert.equal(diagnostics, compile(entry, getWorkspace(texts), today).diagnostics)
      }
    }),
    { seed, numRuns: 100 },
  )
  assert.ok(faulty > 300, String(faulty))
})

const extend = (base: string, name: string): string =>
  `meshc: v1\nenvironment: ${name}\nextends: ../${base.slice('spec/'.length)}\n`

/** Opens a live project, and gives the diagnostics of each environment after each edit. */
async function* check(states: readonly Texts[], entries: readonly string[]) {
  let texts = states[0]!
  const saved: Workspace = {
    read: path => getWorkspace(texts).read(path),
    list: folder => getWorkspace(texts).list(folder),
    listBelow: folder => getWorkspace(texts).listBelow(folder),
  }
  const environments = entries.map(entry =>
    makeEnvironment(entry.slice('spec/'.length, -'/mesh.yaml'.length)),
  )
  const project = openLiveProject(
    {
      saved,
      listEnvironments: () => environments,
      uriOf: file => file,
      readToday: () => today,
      startLimits: () => usualLimits,
      turn: async () => {},
    },
    () => undefined,
    (_, error) => {
      throw error
    },
  )
  for (const state of states) {
    texts = state
    const snapshot = await project.snapshot(() => false)
    for (const { environment, result } of snapshot?.views ?? [])
      yield { texts, entry: environment.entry, diagnostics: result.diagnostics }
  }
}

test.run()
