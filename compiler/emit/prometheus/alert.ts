import type { Rule } from '../../../schema/generated/prometheus-rule.ts'
import type { Mesh } from '../../mesh/mesh.ts'
import { because, type Reason, type Sourced, text } from '../../mesh/sourced.ts'
import { dashboardUrl } from '../grafana/dashboard-url.ts'
import type { Sourceable } from '../sourceable.ts'

/** An alert: its condition and its message. */
export interface Alert {
  /** The name, which is also the heading of the runbook section for it. */
  readonly name: string
  readonly severity: 'critical' | 'warning'
  readonly expr: Sourced<string>
  /** The number of minutes that it must hold. */
  readonly minutes: number
  /** Labels in addition to those of the series. */
  readonly labels?: Readonly<Record<string, string | Sourced<string>>>
  readonly summary: Message
  readonly description: Message
  /** The reasons for it in the spec. */
  readonly reasons?: readonly Reason[]
}

/** An alert, with the tests that prove that it fires exactly when it should. */
export interface ProvenAlert extends Alert {
  readonly proof: Proof
}

/** A text of an alert: in a rule with templates, in a test as Prometheus shows it. */
type Message = (shown: Shown) => string | Sourced<string>

interface Shown {
  label(name: string): string
  /** The value of the expression, as a function of Prometheus' templates writes it. */
  value(format: 'humanize' | 'humanizeDuration' | 'humanizePercentage'): string
}

export interface Proof {
  /** The series for which it fires. */
  readonly firing: readonly Series[]
  /** The labels of the series for which it fires. */
  readonly labels: Readonly<Record<string, string>>
  /** The value at which it fires; absent if no text shows it. */
  readonly value?: string
  /** The series for which it does not fire, which are just as good as they must be. */
  readonly quiet: readonly Series[]
}

/** A series that changes evenly. */
export interface Series {
  readonly name: string
  readonly start: number
  /** The number that is added each minute. */
  readonly step: number
}

export const makeSteadySeries = (name: string, value: number): Series => ({ name, start: value, step: 0 })
export const makeGrowingSeries = (name: string, step: number): Series => ({ name, start: 0, step })

/** The rule of an alert. */
export function makeAlertRule(mesh: Mesh, alert: Alert): Sourceable<Rule> {
  const { name, expr, minutes, reasons = [] } = alert
  const rule: Sourceable<Rule> = {
    alert: name,
    expr,
    for: minutes === 0 ? undefined : printMinutes(minutes),
    labels: makeAlertLabels(mesh, alert),
    annotations: makeAlertAnnotations(mesh, alert, {
      label: label => `{{ $labels.${label} }}`,
      value: format => `{{ $value | ${format} }}`,
    }),
  }
  return reasons.length === 0 ? rule : because(rule, ...reasons)
}

/** The labels that an alert adds to those of the series. */
export const makeAlertLabels = (mesh: Mesh, { severity, labels = {} }: Alert) => ({
  severity,
  mesh: mesh.name,
  environment: mesh.environment,
  ...labels,
})

/** The texts of an alert, and where to read on. */
export function makeAlertAnnotations(mesh: Mesh, { name, summary, description }: Alert, shown: Shown) {
  const { outputs, path } = mesh.delivery
  const { runbooks } = mesh.observability.links
  const runbook =
    outputs.docs === undefined
      ? undefined
      : because(text`${path}/docs/RUNBOOK.md#${name.toLowerCase()}`, outputs.docs)
  const dashboard = dashboardUrl(mesh)
  return {
    summary: summary(shown),
    description: description(shown),
    // Programs that show alerts accept only an address that a browser accepts as a URL.
    ...(runbook !== undefined &&
      (runbooks === undefined
        ? { runbook }
        : { runbook_url: text`${runbooks.map(withoutSlash)}/${runbook}` })),
    ...(dashboard !== undefined && { dashboard_url: dashboard }),
  }
}

const withoutSlash = (url: string) => url.replace(/\/$/, '')

/** Minutes as Prometheus writes a time span. */
export function printMinutes(minutes: number): string {
  if (minutes % 1440 === 0) return `${minutes / 1440}d`
  return minutes % 60 === 0 ? `${minutes / 60}h` : `${minutes}m`
}
