import * as assert from 'uvu/assert'
import { getTimeout, hasRoute, type Level, seesRequests } from '../support/declared.ts'
import { listForwardingRules } from '../support/forwarding-rules.ts'
import { listObjects } from '../support/output.ts'
import { property } from '../support/property.ts'
import { milliseconds } from '../support/quantities.ts'

/**
 * P8. The timeout of a caller is the declared one, in units that Istio reads: whole seconds or milliseconds,
 * at least 1.
 */
property(
  8,
  'timeouts are durations that Istio reads, and as declared',
  [
    'a timeout of its own',
    'an inherited timeout',
    'a timeout by default',
    'no timeout',
    'requests that Istio handles by itself',
  ],
  (compilation, declared, saw) => {
    const seen = new Set<Level>()
    for (const { where, rule, levels } of listForwardingRules(compilation, declared)) {
      const timeout = getTimeout(levels)
      if (timeout === 'none') assert.is(rule.timeout, undefined, `${where} waits for ever`)
      else {
        assert.match(rule.timeout ?? '', /^[1-9]\d*(ms|s)$/, `the timeout of ${where}`)
        assert.is(milliseconds(rule.timeout!), milliseconds(timeout), `the timeout of ${where}`)
      }
      seen.add(levels[0]!)
      saw(timeout === 'none' ? 'no timeout' : getSight(levels))
    }
    // A redirect waits for no response.
    for (const { name, spec } of listObjects(compilation, 'VirtualService')) {
      for (const rule of spec.http ?? [])
        if (rule.redirect !== undefined) assert.is(rule.timeout, undefined, `${name} ${rule.name}`)
    }
    for (const service of declared.services) {
      const { key, ports, routes } = service
      if (!ports.some(({ protocol }) => seesRequests(protocol))) continue
      if (!hasRoute(service)) {
        saw('requests that Istio handles by itself')
        continue
      }
      for (const { name, redirect, hasClaims, levels } of routes) {
        if (hasClaims || redirect !== undefined) continue
        assert.ok(seen.has(levels[0]!), `the route ${name} of ${key} has a rule`)
      }
    }
  },
)

function getSight([level, ...others]: readonly Level[]) {
  if (level?.timeout !== undefined) return 'a timeout of its own'
  return others.some(({ timeout }) => timeout !== undefined) ? 'an inherited timeout' : 'a timeout by default'
}
