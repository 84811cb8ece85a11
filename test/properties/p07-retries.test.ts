import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { RetryCondition } from '../../schema/spec/traffic.ts'
import { milliseconds } from './declared.ts'
import { at, everyMesh, listAt, ofKind } from './subject.ts'

const p7 = suite('P7 retries')

p7('P7: every route says how often it is tried again, and all tries fit into its timeout', () =>
  everyMesh(({ objects }) => {
    for (const { name, spec } of ofKind(objects, 'VirtualService')) {
      for (const rule of listAt(spec, 'http')) {
        const retries = at(rule, 'retries')
        if (at(rule, 'redirect') !== undefined) {
          assert.is(retries, undefined)
          continue
        }
        // Without a word, Istio tries twice more.
        const attempts = at(retries, 'attempts')
        assert.ok(Number.isInteger(attempts) && Number(attempts) >= 0 && Number(attempts) <= 100, name)
        if (attempts === 0) continue
        for (const condition of String(at(retries, 'retryOn')).split(','))
          assert.ok(RetryCondition.safeParse(condition).success, condition)
        const perTry = milliseconds(at(retries, 'perTryTimeout'))
        const timeout = at(rule, 'timeout')
        if (timeout !== undefined) {
          const longest = perTry * (Number(attempts) + 1)
          assert.ok(longest <= milliseconds(timeout), `${name}: ${longest}ms of ${String(timeout)}`)
        }
      }
    }
  }),
)

p7.run()
