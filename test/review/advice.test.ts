import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { compare } from '../../compiler/behavior/compare/compare.ts'
import { adviseRetriesMultiply } from '../../compiler/review/advice/retries-multiply.ts'
import { holds } from '../holds.ts'
import { getModel } from '../support/model-of.ts'

const advice = suite('advice')

interface Retrying {
  readonly attempts: number
  /** The timeout of each try, in milliseconds. */
  readonly perTry: number
  readonly timeout: number
}

const meshWith = ({ attempts, perTry, timeout }: Retrying) =>
  getModel([
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'web', namespace: 'shop' },
      spec: { selector: { app: 'web' }, ports: [{ name: 'http', port: 80 }] },
    },
    {
      apiVersion: 'networking.istio.io/v1',
      kind: 'VirtualService',
      metadata: { name: 'web', namespace: 'shop' },
      spec: {
        hosts: ['web'],
        http: [
          {
            route: [{ destination: { host: 'web' } }],
            timeout: `${timeout}ms`,
            retries: { attempts, perTryTimeout: `${perTry}ms`, retryOn: '5xx' },
          },
        ],
      },
    },
  ])

const reported = (before: Retrying, after: Retrying): readonly string[] => {
  const models = { before: meshWith(before), after: meshWith(after) }
  const { differences } = compare(models.before, models.after)
  return [
    ...new Set(
      differences.flatMap(difference => adviseRetriesMultiply({ difference, differences, ...models })),
    ),
  ]
}

const retrying = fc.record({
  attempts: fc.integer({ min: 1, max: 9 }),
  perTry: fc.integer({ min: 10, max: 5_000 }),
  timeout: fc.integer({ min: 100, max: 30_000 }),
})

advice('where more tries do not fit into a timeout, either of the two that are named makes them fit', () => {
  const seen = { fewer: 0, fitting: 0, late: 0 }
  holds(
    fc.property(retrying, retrying, (before, after) => {
      const lines = reported(before, after)
      if (after.attempts <= before.attempts) {
        seen.fewer++
        assert.equal(lines, [])
        return
      }
      const tries = 1 + after.attempts
      assert.match(lines[0]!, `sent up to ${tries} times instead of ${1 + before.attempts}: `)
      const late = lines[1]
      const isLate = after.attempts * after.perTry >= after.timeout
      assert.is(late !== undefined, isLate, JSON.stringify([after, lines]))
      if (late === undefined) {
        seen.fitting++
        return
      }
      seen.late++
      const [, timeout, perTry] = /to be (\d+) ms, or that of a try (\d+) ms$/.exec(late)!
      assert.is(reported(before, { ...after, timeout: Number(timeout) }).length, 1)
      if (Number(perTry) > 0) assert.is(reported(before, { ...after, perTry: Number(perTry) }).length, 1)
    }),
  )
  assert.ok(seen.fewer > 10 && seen.fitting > 10 && seen.late > 10, JSON.stringify(seen))
})

advice.run()
