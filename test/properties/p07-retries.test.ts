import * as assert from 'uvu/assert'
import { getTimeout, type Level } from '../support/declared.ts'
import { listForwardingRules } from '../support/forwarding-rules.ts'
import { property } from '../support/property.ts'
import { milliseconds } from '../support/quantities.ts'

/**
 * The conditions that Istio accepts. See
 * https://istio.io/latest/docs/reference/config/networking/virtual-service/#HTTPRetry
 */
const conditions =
  /^(5xx|gateway-error|reset|reset-before-request|connect-failure|retriable-4xx|refused-stream|envoy-ratelimited|cancelled|deadline-exceeded|internal|resource-exhausted|unavailable|429|502|503|504)$/

/**
 * P7. A failed request is retried as often as declared, for known reasons, and within the timeout of its
 * caller.
 */
property(
  7,
  'retries are as declared, on conditions that Istio knows, and within the timeout',
  [
    'no retries',
    'the retries of Istio',
    'retries by default',
    'retries as declared',
    'tries that fit into their timeout',
    'a try that is cut to its timeout',
    'retries without a timeout',
    'tries without a timeout of their own',
  ],
  (compilation, declared, saw) => {
    for (const { where, rule, levels } of listForwardingRules(compilation, declared)) {
      if (levels.find(({ retries }) => retries !== undefined)?.retries === 'istio-default') {
        saw('the retries of Istio')
        assert.is(rule.retries, undefined, `Istio retries by itself on ${where}`)
        continue
      }
      const { attempts, perTryTimeout, retryOn } = rule.retries ?? { attempts: Number.NaN }
      const expected = getRetries(levels)
      assert.is(attempts, expected.attempts, `the tries of ${where}`)
      assert.is(retryOn, expected.on?.join(','), `what ${where} tries again`)
      if (attempts === 0) {
        saw('no retries')
        assert.is(perTryTimeout, undefined, `${where} has no tries`)
        continue
      }
      saw(levels.some(({ retries }) => retries !== undefined) ? 'retries as declared' : 'retries by default')
      for (const condition of retryOn?.split(',') ?? []) assert.match(condition, conditions, where)

      const perTry = perTryTimeout === undefined ? undefined : milliseconds(perTryTimeout)
      const limit = rule.timeout === undefined ? Number.POSITIVE_INFINITY : milliseconds(rule.timeout)
      if (rule.timeout === undefined) saw('retries without a timeout')
      else if (expected.perTry !== 'none') assert.ok(perTry !== undefined, `a try of ${where} is bounded`)
      if (perTry !== undefined)
        assert.ok(perTry >= 1 && perTry <= limit, `a try of ${where} takes ${perTry}ms`)
      const stated = saidWithTimeout(levels)
      if (expected.perTry === 'none') {
        saw('tries without a timeout of their own')
        assert.is(perTry, undefined, `a try of ${where} takes as long as its request may`)
      } else if (stated !== undefined) {
        const tries = milliseconds(stated) * (attempts + 1)
        assert.is(perTry, milliseconds(stated), `a try of ${where}`)
        assert.ok(tries <= limit, `${attempts + 1} tries of ${where} take ${tries}ms of ${limit}ms`)
        saw('tries that fit into their timeout')
      } else if (getTimeout(levels) === 'none') {
        assert.is(perTry, undefined, `a try of ${where} takes as long as its request may`)
      } else {
        // A value that was set for another timeout is limited to this timeout.
        assert.is(perTry, Math.min(milliseconds(expected.perTry), limit), `a try of ${where}`)
        if (perTry === limit) saw('a try that is cut to its timeout')
      }
    }
  },
)

interface Retries {
  readonly attempts: number
  readonly on: readonly string[] | undefined
  readonly perTry: string
}

/** Returns the retries, each field from the nearest level that sets it. A nearer `none` ends the retries. */
function getRetries(levels: readonly Level[]): Retries {
  const stated = levels.flatMap(({ retries }) => retries ?? [])
  if (stated[0] === 'none') return { attempts: 0, on: undefined, perTry: '' }
  const parts = stated.filter(retries => typeof retries !== 'string')
  const { on = ['connect-failure', 'refused-stream', 'unavailable'] } =
    parts.find(({ on }) => on !== undefined) ?? {}
  return {
    attempts: parts.find(({ attempts }) => attempts !== undefined)?.attempts ?? 2,
    on: on === 'istio-default' ? undefined : on,
    perTry: parts.find(({ perTryTimeout }) => perTryTimeout !== undefined)?.perTryTimeout ?? '10s',
  }
}

/**
 * Returns the timeout of a try if its level is as near as that of the timeout, or nearer: the try must then
 * fit.
 */
function saidWithTimeout(levels: readonly Level[]): string | undefined {
  const timeout = levels.findIndex(({ timeout }) => timeout !== undefined)
  const near = timeout === -1 ? levels : levels.slice(0, timeout + 1)
  for (const { retries } of near)
    if (typeof retries === 'object' && retries.perTryTimeout !== undefined) return retries.perTryTimeout
  return undefined
}
