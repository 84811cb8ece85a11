import type { Violation } from '../../../schema/conform.ts'

/**
 * Finds the lifetimes of a certificate that the webhook of cert-manager refuses, each with its path: ValidateDuration
 * in pkg/apis/certmanager/validation/certificate.go of cert-manager.
 *
 * @param spec of the shape of its kind
 */
export function findLifetimeViolations(spec: unknown): readonly Violation[] {
  const { duration = '2160h', renewBefore } = spec as {
    readonly duration?: string
    readonly renewBefore?: string
  }
  if (countSeconds(duration) < hour) return [{ path: ['duration'], fault: 'must be an hour at least' }]
  if (renewBefore === undefined) return []
  if (countSeconds(renewBefore) < hour / 12)
    return [{ path: ['renewBefore'], fault: 'must be 5 minutes at least' }]
  return countSeconds(renewBefore) < countSeconds(duration)
    ? []
    : [{ path: ['renewBefore'], fault: `must be less than the \`duration\`, ${duration}` }]
}

const hour = 3600

/** A duration of Go in hours, minutes and seconds: `1h30m`. */
const countSeconds = (duration: string) =>
  [...duration.matchAll(/(\d+)([hms])/g)].reduce(
    (sum, [, count, unit]) => sum + Number(count) * (unit === 'h' ? hour : unit === 'm' ? 60 : 1),
    0,
  )
