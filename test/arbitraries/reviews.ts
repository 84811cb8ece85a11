import fc from 'fast-check'
import type { Finding } from '../../compiler/review/findings.ts'
import { judge } from '../../compiler/review/judge.ts'
import type { Notice } from '../../compiler/review/notices.ts'
import type { Review } from '../../compiler/review/reviewed.ts'
import type { Waiver } from '../../compiler/review/waivers.ts'
import { type Gate, gates } from '../../schema/gates.ts'
import { hiddenTexts, hostileTexts } from './hostile.ts'

/** Texts of specs. Some are attacks that try to leave a comment's frame or to mention a user. */
const item = fc.oneof(
  fc.constantFrom(
    'web',
    'my-api:8080',
    '@octocat please merge',
    '</details><script>alert(1)</script>',
    '`` ` ```',
    '``` \n# heading',
    '| a | b |',
    '<!-- meshc diff -->',
    '&#64;octocat \\` [x](https://example.com)',
    '\u202e\u0000\r\n- item',
    '',
    ' ',
  ),
  hostileTexts,
  hiddenTexts,
  fc.string({ unit: 'binary', maxLength: 150 }),
  fc.string({ unit: fc.constantFrom('`', '<', '@', '\n', '|', 'a', '😀'), maxLength: 300 }),
)

const names = fc.array(item, { minLength: 1, maxLength: 6 })
const line = fc.integer({ min: 1, max: 100_000 })
const gate = fc.constantFrom(...(Object.keys(gates) as Gate[]))

const finding: fc.Arbitrary<Finding> = fc.record({
  section: fc.constantFrom('access', 'routing', 'mtls', 'egress'),
  change: fc.constantFrom('opened', 'closed', 'moved', 'changed', 'weakened', 'identity'),
  gates: fc.uniqueArray(gate, { maxLength: 2 }),
  callers: names,
  destinations: names,
  parties: fc.record({ callers: names, destinations: names }),
  requests: names,
  further: fc.nat(1000),
  before: item,
  after: item,
  witness: fc.record({ request: item, before: item, after: item }),
  because: fc.array(fc.record({ file: item, line, side: fc.constantFrom('before', 'after'), words: item }), {
    maxLength: 4,
  }),
  help: fc.array(item, { maxLength: 2 }),
})

const part = fc.record({
  pointer: item,
  before: fc.option(item, { nil: undefined }),
  after: fc.option(item, { nil: undefined }),
})

const change = fc.record({
  kind: fc.constantFrom('added' as const, 'removed' as const, 'changed' as const),
  objects: fc.array(fc.record({ name: item, path: item }), { minLength: 1, maxLength: 5 }),
  parts: fc.array(part, { maxLength: 8 }),
})

const edit = fc.record({
  path: item,
  before: fc.option(item, { nil: undefined }),
  after: fc.option(item, { nil: undefined }),
  at: fc.record({ file: item, line, side: fc.constantFrom('before' as const, 'after' as const) }),
  parts: fc.constant({ before: undefined, after: undefined }),
})

const parties = fc.record({ callers: names, destinations: names })
const place = fc.record({ file: item, line, side: fc.constantFrom('before' as const, 'after' as const) })

const notice: fc.Arbitrary<Notice> = fc.record({
  gate: fc.option(gate, { nil: undefined }),
  words: item,
  at: fc.option(place, { nil: undefined }),
  parties,
})

const environmentReview = fc.record({
  name: item,
  state: fc.constantFrom('kept' as const, 'added' as const, 'removed' as const),
  before: item,
  after: item,
  notices: many(notice),
  findings: many(finding),
  unknown: fc.array(
    fc.record({
      callers: names,
      destinations: names,
      parties,
      requests: names,
      further: fc.nat(1000),
      because: names,
      help: fc.array(item, { maxLength: 2 }),
      side: fc.constantFrom('before' as const, 'after' as const, 'both' as const),
    }),
    { maxLength: 3 },
  ),
  defects: fc.array(item, { maxLength: 2 }),
  pairs: fc.record({ all: fc.nat(100_000), compared: fc.nat(100_000) }),
  edits: fc.array(edit, { maxLength: 3 }),
  groups: many(
    fc.record({ edits: fc.array(edit, { maxLength: 5 }), changes: fc.array(change, { maxLength: 6 }) }),
  ),
  unexplained: fc.option(item, { nil: undefined }),
})

export const waivers: fc.Arbitrary<Waiver> = fc.record(
  { gate, from: item, to: item, because: item, owner: item, until: fc.constant('2099-12-31') },
  { requiredKeys: ['gate', 'because', 'owner', 'until'] },
)

/** Reviews of any size. Their content need not make sense, but it can be printed. */
export const reviews: fc.Arbitrary<Review> = fc.record({
  before: item,
  after: item,
  environments: many(
    fc
      .record(
        {
          name: item,
          renamedFrom: item,
          review: environmentReview,
          closed: fc.uniqueArray(gate),
          waivers: fc.record({
            counting: fc.array(waivers, { maxLength: 3 }),
            ownWaivers: fc.array(waivers, { maxLength: 3 }),
          }),
        },
        { requiredKeys: ['name', 'review', 'closed', 'waivers'] },
      )
      .map(({ closed, waivers, ...environment }) => ({
        ...environment,
        ...judge(environment.review, closed, waivers),
      })),
  ),
})

/** Draws a few values, or one value so often that no comment could contain all. */
function many<Value>(item: fc.Arbitrary<Value>): fc.Arbitrary<Value[]> {
  return fc.oneof(
    { weight: 5, arbitrary: fc.array(item, { maxLength: 3 }) },
    {
      weight: 1,
      arbitrary: fc
        .tuple(item, fc.integer({ min: 10, max: 40 }))
        .map(([value, count]) => Array.from({ length: count }, () => value)),
    },
  )
}
