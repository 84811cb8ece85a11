import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { judge } from '../../compiler/review/judge.ts'
import type { EnvironmentReview } from '../../compiler/review/review.ts'
import { type Gate, gates } from '../../schema/gates.ts'
import { reviews, waivers } from '../arbitraries/reviews.ts'
import { seed } from '../support/seed.ts'

const law = suite('gates')

const all = Object.keys(gates) as readonly Gate[]

const listSubjects = ({ findings, unknown, notices }: EnvironmentReview) => [
  ...findings.flatMap(subject => subject.gates.map(gate => ({ subject, gate }))),
  ...notices.flatMap(subject => (subject.gate === undefined ? [] : [{ subject, gate: subject.gate }])),
  ...unknown.map(subject => ({ subject, gate: 'unknown' as const })),
]

law('a change that violates a closed gate is denied or waived, and no other change is', () => {
  fc.assert(
    fc.property(
      reviews,
      fc.subarray([...all]),
      fc.array(waivers, { maxLength: 3 }),
      (review, closed, counting) => {
        for (const { review: environment } of review.environments) {
          const { denied, waived } = judge(environment, closed, { counting, ownWaivers: [] })
          const expected = listSubjects(environment).filter(({ gate }) => closed.includes(gate))
          const defects = closed.includes('unknown') ? environment.defects.length : 0
          assert.is(denied.length + waived.length, expected.length + defects)
          for (const { gate, waiver } of waived) assert.is(waiver.gate, gate)
          for (const { subject, gate } of expected)
            assert.ok([...denied, ...waived].some(each => each.subject === subject && each.gate === gate))
        }
      },
    ),
    { numRuns: 200, seed },
  )
})

law('without waivers, a contradiction of the engines is denied as what is not known', () => {
  const review: EnvironmentReview = {
    ...{ name: 'prod', state: 'kept', before: 'HEAD', after: 'the working tree', notices: [], findings: [] },
    ...{ unknown: [], defects: ['GET / (after): allowed, but refused'], pairs: { all: 1, compared: 1 } },
    ...{ edits: [], groups: [], unexplained: undefined },
  }
  const { denied } = judge(review, ['unknown'], { counting: [], ownWaivers: [] })
  assert.equal(
    denied.map(({ gate, reason }) => [gate, reason]),
    [['unknown', 'meshc contradicts itself: GET / (after): allowed, but refused']],
  )
})

law.run()
