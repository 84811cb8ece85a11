import { parseDuration } from '../../../mesh/duration.ts'
import { placeAt } from '../../../mesh/spec-place.ts'
import { findWrittenPlace, makeParty } from '../../places.ts'
import { defineRule } from '../../rule.ts'

const hour = 3_600_000

/** See https://cert-manager.io/docs/usage/certificate/#configuring-certificate-lifetime-and-renewal */
export const certificateLifetime = defineRule<{ duration: string; renewBefore: string; isShort: boolean }>(
  {
    code: 'MESH3304',
    severity: 'error',
    summary: 'A certificate is valid for at least an hour, and is renewed before it expires',
    message: p =>
      p.isShort
        ? `cert-manager refuses a certificate that is valid for ${p.duration}`
        : `a certificate that is valid for ${p.duration} cannot be renewed ${p.renewBefore} before its end`,
    help: p =>
      p.isShort
        ? 'set `duration` to at least `1h`'
        : 'set `renewBefore` to a third of `duration`, and to at least `5m`',
  },
  function* ({ gateways }, report) {
    for (const { issuer, duration, renewBefore } of gateways.flatMap(({ certificates }) => certificates)) {
      if (issuer === undefined) continue
      const params = { duration: duration.value, renewBefore: renewBefore.value }
      const valid = parseDuration(duration.value)
      const renewal = parseDuration(renewBefore.value)
      if (valid < hour) yield report(placeAt(findWrittenPlace(duration)!), { ...params, isShort: true })
      else if (renewal >= valid || renewal < hour / 12) {
        const related = makeParty(duration, 'how long it is valid')
        yield report(placeAt(findWrittenPlace(renewBefore)!), { ...params, isShort: false }, related)
      }
    }
  },
)
