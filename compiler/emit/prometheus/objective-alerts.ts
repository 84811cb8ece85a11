import type { RuleGroup } from '../../../schema/generated/prometheus-rule.ts'
import type { Mesh } from '../../mesh/mesh.ts'
import { because } from '../../mesh/sourced.ts'
import type { Sourceable } from '../sourceable.ts'
import { type Alert, makeAlertRule, printMinutes } from './alert.ts'

/**
 * A burn rate that pages people: if it lasted, it would use up that part of a month's budget within the long window. The short window
 * shows that it still continues. See https://sre.google/workbook/alerting-on-slos/
 */
export interface BurnRate {
  readonly factor: number
  /** The long and the short window in minutes. */
  readonly long: number
  readonly short: number
  readonly alert: 'ObjectiveBurnsFast' | 'ObjectiveBurnsSlowly'
  readonly severity: 'critical' | 'warning'
  /** The number of minutes that it must hold. */
  readonly minutes: number
}

const fast = { alert: 'ObjectiveBurnsFast', severity: 'critical', minutes: 2 } as const
const slowly = { alert: 'ObjectiveBurnsSlowly', severity: 'warning', minutes: 15 } as const

/** The fastest first. */
export const burnRates: readonly BurnRate[] = [
  { factor: 14.4, long: 60, short: 5, ...fast },
  { factor: 6, long: 360, short: 30, ...fast },
  { factor: 3, long: 1440, short: 120, ...slowly },
  { factor: 1, long: 4320, short: 360, ...slowly },
]

/** The series that a service's own rules record, and these work with. */
export const series = {
  requests: 'mesh:objective_requests:rate5m',
  missed: 'mesh:objective_missed:rate5m',
  budget: 'mesh:objective_budget:ratio',
} as const

const missedRatio = (minutes: number) => `mesh:objective_missed:ratio_rate${printMinutes(minutes)}`

/** The groups of rules that are the same for every objective, in the order of evaluation. */
export const objectiveGroupNames = ['objective-windows', 'objective-alerts'] as const

/**
 * Makes the groups that are the same for every objective: how many requests miss it in each window, and when that is
 * too many.
 */
export function makeObjectiveGroups(mesh: Mesh): readonly Sourceable<RuleGroup>[] {
  const windows = [...new Set(burnRates.flatMap(({ long, short }) => [long, short]))].sort((a, b) => a - b)
  return [
    {
      name: objectiveGroupNames[0],
      rules: windows.map(minutes => ({ record: missedRatio(minutes), expr: ratio(minutes) })),
    },
    { name: objectiveGroupNames[1], rules: burnRates.map(rate => makeAlertRule(mesh, makeBurnAlert(rate))) },
  ]
}

/**
 * The ratio is all that missed over all there were: an average of ratios would count a quiet minute like a busy one.
 */
const ratio = (minutes: number) =>
  minutes === 5
    ? `${series.missed} / ${series.requests}`
    : `avg_over_time(${series.missed}[${printMinutes(minutes)}]) / avg_over_time(${series.requests}[${printMinutes(minutes)}])`

/** The alert of a burn rate. */
export function makeBurnAlert({ alert, severity, minutes, factor, long, short }: BurnRate): Alert {
  const isAbove = (window: number) => `${missedRatio(window)} > ${factor} * ${series.budget}`
  return {
    name: alert,
    severity,
    expr: because(`${isAbove(long)} and ${isAbove(short)}`),
    minutes,
    labels: { long: printMinutes(long), short: printMinutes(short) },
    summary: ({ label }) =>
      `${label('service')} in ${label('namespace')} burns its ${label('objective')} budget ${getPace(factor)}`,
    description: ({ label, value }) =>
      `Within ${printMinutes(long)}, ${value('humanizePercentage')} of the requests to ${label('service')} missed the objective, and they still do: at this pace the budget of 30 days is gone in ${printMinutes((30 * 1440) / factor)}.`,
  }
}

const getPace = (factor: number) => (factor === 1 ? 'as fast as it fills' : `${factor} times too fast`)
