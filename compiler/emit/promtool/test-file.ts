import type { Mesh } from '../../mesh/mesh.ts'
import { type Origin, Sourced } from '../../mesh/sourced.ts'
import { type Manifest, makeTracedFile, type TextFile } from '../manifest.ts'
import { unwrapTree } from '../plain-tree.ts'
import { type Alert, makeAlertAnnotations, makeAlertLabels, type Series } from '../prometheus/alert.ts'
import { printYaml } from '../yaml.ts'

/**
 * Unit tests of rules, as promtool reads them.
 * See https://prometheus.io/docs/prometheus/latest/configuration/unit_testing_rules/
 */
export interface TestFile {
  readonly rule_files: readonly string[]
  readonly evaluation_interval: string
  /** The groups in order: a recording group comes before the groups that use its records. */
  readonly group_eval_order: readonly string[]
  readonly tests: readonly RuleTest[]
}

export interface RuleTest {
  readonly name: string
  readonly interval: string
  readonly input_series: readonly { readonly series: string; readonly values: string }[]
  readonly alert_rule_test?: readonly AlertTest[]
  readonly promql_expr_test?: readonly ExpressionTest[]
}

/** The firing alerts of a name at a time: all of them, or none. */
export interface AlertTest {
  readonly eval_time: string
  readonly alertname: string
  readonly exp_alerts: readonly ExpectedAlert[]
}

interface ExpectedAlert {
  readonly exp_labels: Readonly<Record<string, string>>
  readonly exp_annotations: Readonly<Record<string, string>>
}

interface ExpressionTest {
  readonly expr: string
  readonly eval_time: string
  readonly exp_samples: readonly { readonly labels: string; readonly value: number }[]
}

/**
 * The tests that rules of a name pass: `promtool test rules prometheus/*.test.yaml`. They are as they are for everything
 * that the rules are.
 */
export const testFile = (name: string, rules: readonly Manifest[], make: () => TestFile): TextFile =>
  makeTracedFile(
    `prometheus/${name}.test.yaml`,
    `PromtoolTests/${name}`,
    `# promtool test rules ${name}.test.yaml`,
    onScalar =>
      printYaml(
        onScalar === undefined ? make() : new Sourced(make(), [...originsIn(rules.map(({ tree }) => tree))]),
        onScalar,
      ),
  )

/** Lists every origin in a tree, each once. */
function originsIn(tree: unknown, origins = new Set<Origin>()): ReadonlySet<Origin> {
  if (tree instanceof Sourced) {
    for (const origin of tree.origins) origins.add(origin)
    return originsIn(tree.value, origins)
  }
  if (typeof tree === 'object' && tree !== null)
    for (const part of Object.values(tree)) originsIn(part, origins)
  return origins
}

/** A series as promtool writes one, for some minutes, with a sample every so many of them. */
export const makeInput = ({ name, start, step }: Series, minutes: number, interval: number) => ({
  series: name,
  values: `${start}+${step * interval}x${Math.ceil(minutes / interval)}`,
})

/** An expected alert: with the labels of the series, and the texts as Prometheus shows them. */
export function expectAlert(
  mesh: Mesh,
  alert: Alert,
  labels: Readonly<Record<string, string>>,
  value: string | undefined,
): ExpectedAlert {
  const shown = {
    label: (name: string) => labels[name]!,
    value: () => {
      if (value === undefined) throw new Error(`the proof of ${alert.name} has no value for its texts`)
      return value
    },
  }
  return {
    exp_labels: getTexts({ ...labels, ...makeAlertLabels(mesh, alert) }),
    exp_annotations: getTexts(makeAlertAnnotations(mesh, alert, shown)),
  }
}

/** An expectation of the firing alerts at a minute. */
export const makeAlertTest = (
  minute: number,
  alertname: string,
  exp_alerts: readonly ExpectedAlert[],
): AlertTest => ({ eval_time: `${minute}m`, alertname, exp_alerts })

// All of them are texts, sourced or not.
const getTexts = (texts: object) => unwrapTree(texts) as Readonly<Record<string, string>>
