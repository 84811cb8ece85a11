import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { compile } from '../../compiler/compile.ts'
import { applyFixes } from '../../compiler/diagnostics/apply-fixes.ts'
import { expectingSpecs, type Spec, specs } from '../arbitraries/mesh.ts'
import { holds, holdsForEach } from '../holds.ts'
import { getWorkspace } from '../support/compile-text.ts'
import { seed } from '../support/seed.ts'
import { faults, type Planting } from './planted.ts'

const planted = suite('laws: planted faults')

/** The codes whose faults had a fix. */
const mended = new Set<string>()

const choices = fc.nat({ max: 100_000 })
/** The specs for each fault, and the number of the place in each spec. */
const drawn = fc.sample(fc.tuple(specs(), choices), { seed, numRuns: 100 })

for (const fault of faults) {
  planted(`${fault.name} is found alone and in its place (${fault.code})`, () => {
    let count = 0
    const plant = (spec: Spec, choice: number) => {
      const places = fault.places(spec)
      const place = places[choice % Math.max(places.length, 1)]
      if (place === undefined) return
      count++
      assertFound(fault.code, place())
    }
    holdsForEach(drawn, fc.property(specs(), choices, plant))
    // A hundred specs have few places for some faults, including those of expectations.
    if (count < 10) holds(fc.property(expectingSpecs(), choices, plant), { seed: seed + 1 })
    assert.ok(count >= 10, `planted ${count} times`)
  })
}

planted('faults of these codes are mended by their fixes, and nothing is wrong then', () => {
  assert.equal([...mended].sort(), ['MESH1011', 'MESH1016', 'MESH2007'])
})

function assertFound(code: string, { entry, texts, file, start, end }: Planting): void {
  const { ok, diagnostics, sources } = compile(entry, getWorkspace(texts))
  assert.not.ok(ok)
  const errors = diagnostics.filter(({ severity }) => severity === 'error')
  const result = errors.map(
    ({ code, at }) => `${code} ${at.file}: ${texts[at.file]?.slice(at.start, at.end)}`,
  )
  assert.equal(
    result,
    [`${code} ${file}: ${texts[file]?.slice(start, end)}`],
    errors.map(({ message }) => message).join('\n'),
  )
  assert.is(errors[0]?.at.start, start, 'what is said so stands elsewhere, too')

  const { changed, mended: fixed } = applyFixes(sources, errors)
  if (fixed.length === 0) return
  mended.add(code)
  const after = compile(entry, getWorkspace({ ...texts, ...Object.fromEntries(changed) }))
  assert.equal(
    after.diagnostics.filter(({ severity }) => severity === 'error').map(({ message }) => message),
    [],
    `after: ${fixed[0]?.fix?.title}`,
  )
}

planted.run()
