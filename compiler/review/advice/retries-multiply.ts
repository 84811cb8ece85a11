import type { Route } from '../../behavior/result.ts'
import type { Advice } from './advice.ts'

/**
 * Advises that every retry of a failing destination is one more request to it, as long as the caller waits.
 */
export const adviseRetriesMultiply: Advice = ({ difference: { section, witness } }) => {
  const [old, now] = [findTries(witness.before.result.route), findTries(witness.after.result.route)]
  if (section !== 'routing' || old === undefined || now === undefined || now <= old) return []
  const { timeout = 0, retries } = witness.after.result.route!
  const each = retries?.perTryTimeout
  const fitting = each === undefined || timeout === 0 ? now : Math.ceil(timeout / each)
  const factor = Number((now / old).toFixed(1))
  const load = `a request that fails is sent up to ${now} times instead of ${old}: ${factor} times the load on a destination in trouble`
  if (fitting >= now) return [load]
  return [
    load,
    `the caller gives up after ${timeout} ms, in try ${fitting} of ${now}: the timeout would have to be ${now * each!} ms, or that of a try ${Math.floor(timeout / now)} ms`,
  ]
}

const findTries = (route: Route | undefined): number | undefined =>
  route === undefined ? undefined : 1 + (route.retries?.attempts ?? 0)
