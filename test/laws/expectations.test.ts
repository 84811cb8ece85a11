import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { coversCaller, nameDestination } from '../../compiler/mesh/caller.ts'
import type { MeshFile } from '../../schema/spec/mesh.ts'
import { expectingSpecs, type Spec } from '../arbitraries/mesh.ts'
import { holds } from '../holds.ts'
import { compileSpec, diagnose } from '../support/specs.ts'

const laws = suite('laws: expectations')

type Written = NonNullable<MeshFile['expect']>[number]

/** Each drawn spec compiles, so its expectations are true. This law tests the opposite case. */
laws('an expectation that leaves out one service of those that get through is refuted', () => {
  let count = 0
  holds(
    fc.property(expectingSpecs(), fc.nat(), (spec, choice) => {
      const expected = compileSpec(spec).mesh.expectations
      const places = Object.entries(spec.documents).flatMap(([file, { expect = [] }]) =>
        (expect ?? []).map((written, index) => ({ file, index, written })),
      )
      const candidates = places.flatMap(place =>
        expected.flatMap(({ only = [], to }) => {
          const first = only.findIndex(caller => caller.kind === 'service')
          const caller = only[first]
          if (caller === undefined || to === undefined) return []
          const callers = only.filter(excluded => excluded !== caller)
          if (place.written.to !== nameDestination(to) || place.written.only?.length !== only.length)
            return []
          return callers.some(otherCaller => coversCaller(otherCaller, caller)) ? [] : [{ ...place, first }]
        }),
      )
      const chosen = candidates[choice % Math.max(candidates.length, 1)]
      if (chosen === undefined) return
      const { only = [] } = chosen.written
      const left = only.filter((_, index) => index !== chosen.first)
      const codes = listCodes(withExpectation(spec, chosen, { ...chosen.written, only: left }))
      const { only: _, ...rest } = chosen.written
      const never = [only[chosen.first]!]
      const foundNever = listCodes(withExpectation(spec, chosen, { ...rest, never }))
      assert.equal(foundNever, codes)
      // The claim `scope` contains a list, whose entries meshc does not know.
      if (codes[0] === 'MESH3803') return
      assert.equal(codes, ['MESH3801'])
      count++
    }),
    { endOnFailure: true },
  )
  assert.ok(count > 20, `${count} expectations were changed`)
})

laws('requests with a token that a caller gets through are refuted where none of them may', () => {
  let count = 0
  holds(
    fc.property(expectingSpecs(), fc.nat(), (spec, choice) => {
      const candidates = Object.entries(spec.documents).flatMap(([file, { expect = [] }]) =>
        (expect ?? []).flatMap((written, index) =>
          written.from !== undefined && (written.issuers ?? written.claims) !== undefined
            ? [{ file, index, written, from: written.from }]
            : [],
        ),
      )
      const chosen = candidates[choice % Math.max(candidates.length, 1)]
      if (chosen === undefined) return
      const { from, ...rest } = chosen.written
      const never = { ...rest, never: [chosen.from] }
      assert.equal(listCodes(withExpectation(spec, chosen, never)), ['MESH3801'])
      const { issuers: _, claims: __, ...others } = never
      assert.equal(listCodes(withExpectation(spec, chosen, others)), ['MESH3801'])
      count++
    }),
    { endOnFailure: true },
  )
  assert.ok(count > 5, `${count} expectations were changed`)
})

laws.run()

const listCodes = (spec: Spec) => [
  ...new Set(
    diagnose(spec)
      .diagnostics.map(({ code }) => code)
      .filter(code => code.startsWith('MESH38')),
  ),
]

function withExpectation(
  { entry, documents }: Spec,
  { file, index }: { readonly file: string; readonly index: number },
  changed: Written,
): Spec {
  const document = documents[file]!
  const expect = (document.expect ?? []).map((each, at) => (at === index ? changed : each))
  return { entry, documents: { ...documents, [file]: { ...document, expect } } }
}
