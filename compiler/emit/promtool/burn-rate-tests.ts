import type { Mesh } from '../../mesh/mesh.ts'
import { printMinutes } from '../prometheus/alert.ts'
import { type BurnRate, burnRates, makeBurnAlert, series } from '../prometheus/objective-alerts.ts'
import { choosePace, type Pace } from './pace.ts'
import { type AlertTest, expectAlert, makeAlertTest, type RuleTest } from './test-file.ts'

/** One request in a hundred may miss the objectives of these tests. */
const budget = 0.01

/**
 * Makes the tests that each pair of windows fires at its burn rate and not below it, and that each window of it has
 * its say.
 */
export function makeBurnRateTests(mesh: Mesh, pace: Pace, interval: number): readonly RuleTest[] {
  const rates = burnRates.filter(({ short }) => choosePace(7 * short) === pace)
  const windows = windowTest(rates, interval)
  return pace === 'minutes' ? [thresholdTest(mesh), windows] : [windows]
}

/** A service and the lasting share of its requests that miss its objective. */
interface Missing {
  readonly labels: Readonly<Record<string, string>>
  readonly budget: number
  readonly ratio: number
}

/** Makes the test of a ratio a little above the threshold of each burn rate, and of one a little below. */
function thresholdTest(mesh: Mesh): RuleTest {
  const services = burnRates.flatMap(({ factor }) =>
    [
      { name: `above-${factor}`, ratio: 1.05 * factor * budget },
      { name: `below-${factor}`, ratio: 0.95 * factor * budget },
    ].map(({ name, ratio }) => ({ labels: getLabels(name), budget, ratio: rounded(ratio) })),
  )
  return {
    name: 'objectives: the thresholds',
    interval: '1m',
    input_series: services.flatMap(({ labels, ratio }) =>
      makeInputSeries(labels['service'], `${ratio}x${lasting}`, `x${lasting}`),
    ),
    alert_rule_test: makeMissingTests(mesh, services),
  }
}

/** The number of minutes after which everything fires that will. */
export const lasting = 20

/** Makes the tests of the alerts that a lasting fault fires, and of the time before, in which none fires. */
export function makeMissingTests(mesh: Mesh, services: readonly Missing[]): readonly AlertTest[] {
  const names = new Map(burnRates.map(({ alert, minutes }) => [alert, minutes]))
  return [...names].flatMap(([name, minutes]) => {
    const expected = burnRates
      .filter(({ alert }) => alert === name)
      .flatMap(rate =>
        services
          .filter(({ ratio, budget }) => ratio > rate.factor * budget)
          .map(({ labels, ratio }) => expectAlert(mesh, makeBurnAlert(rate), labels, percentText(ratio))),
      )
    return [makeAlertTest(minutes - 1, name, []), makeAlertTest(lasting, name, expected)]
  })
}

/**
 * Two clean short windows, four with twice the threshold, and one more clean window: first only the short window is above the
 * threshold, then both are, and at the end only the long one.
 */
function windowTest(rates: readonly BurnRate[], interval: number): RuleTest {
  const times = (minutes: number) => `x${Math.ceil(minutes / interval)}`
  return {
    name: `objectives: both windows of ${rates.map(({ long, short }) => `${printMinutes(long)} and ${printMinutes(short)}`).join(', ')}`,
    interval: `${interval}m`,
    input_series: rates.flatMap(({ factor, long, short, minutes }) => {
      const bad = rounded(2 * factor * budget)
      const missed = `0${times(2 * short)} ${bad}${times(4 * short)} 0${times(short + minutes)}`
      return makeInputSeries(`within-${printMinutes(long)}`, missed, times(7 * short + minutes))
    }),
    promql_expr_test: rates.flatMap(({ long, short, minutes }) => {
      const alerts = `ALERTS{alertstate="firing",service="within-${printMinutes(long)}",long="${printMinutes(long)}",short="${printMinutes(short)}"}`
      const firing = (minute: number, value: 0 | 1) => ({
        expr: `count(${alerts}) or vector(0)`,
        eval_time: `${minute}m`,
        exp_samples: [{ labels: '{}', value }],
      })
      // Evaluated once more, so that it had fired by then.
      const early = 3 * short + minutes + interval
      return [firing(early, 0), firing(6 * short, 1), firing(7 * short + minutes, 0)]
    }),
  }
}

const getLabels = (service: string) => ({ service, namespace: 'checked', objective: 'availability' })

/** The series that a service records; of one request a second, those that missed. */
function makeInputSeries(service: string, missed: string, times: string): RuleTest['input_series'] {
  const selector = `{service="${service}",namespace="checked",objective="availability"}`
  return [
    { series: `${series.requests}${selector}`, values: `1${times}` },
    { series: `${series.missed}${selector}`, values: missed },
    { series: `${series.budget}${selector}`, values: `${budget}${times}` },
  ]
}

/** Rounds a ratio, without the noise of binary fractions. */
const rounded = (ratio: number) => Number(ratio.toPrecision(6))

/** Prints a ratio as Prometheus' `humanizePercentage` does. */
const percentText = (ratio: number) => `${Number((ratio * 100).toPrecision(4))}%`
