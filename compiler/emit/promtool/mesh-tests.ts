import type { Mesh } from '../../mesh/mesh.ts'
import type { Manifest, TextFile } from '../manifest.ts'
import type { Proof, ProvenAlert, Series } from '../prometheus/alert.ts'
import { makeMeshAlerts, objectivesName } from '../prometheus/mesh-rules.ts'
import { objectiveGroupNames } from '../prometheus/objective-alerts.ts'
import { makeBurnRateTests } from './burn-rate-tests.ts'
import { choosePace, type Pace } from './pace.ts'
import { nameRuleFile } from './rule-file.ts'
import {
  type AlertTest,
  expectAlert,
  makeAlertTest,
  makeInput,
  type RuleTest,
  type TestFile,
  testFile,
} from './test-file.ts'

/** The tests of the mesh-wide rules. Tests of several hours are in a separate file. */
export function emitMeshTests(mesh: Mesh, rules: Manifest): readonly TextFile[] {
  const { name } = rules
  const isObjectives = name === objectivesName
  const groups = isObjectives ? objectiveGroupNames : Object.keys(makeMeshAlerts(mesh))
  const tests = isObjectives ? makeBurnRateTests : alertTests
  const getFile = (pace: Pace, interval: number): TestFile => ({
    rule_files: [nameRuleFile(name)],
    evaluation_interval: `${interval}m`,
    group_eval_order: groups,
    tests: tests(mesh, pace, interval),
  })
  return [
    testFile(name, [rules], () => getFile('minutes', 1)),
    // The shortest window of an objective that takes hours is half of one.
    testFile(`${name}-hours`, [rules], () => getFile('hours', isObjectives ? 15 : 60)),
  ]
}

/** Makes the tests that alerts fire, though not at once, and that they do not where all is as it should be. */
function alertTests(mesh: Mesh, pace: Pace, interval: number): readonly RuleTest[] {
  const alerts = Object.values(makeMeshAlerts(mesh))
    .flat()
    .filter(alert => choosePace(getDueMinute(alert)) === pace)
  const end = Math.max(...alerts.map(getDueMinute))
  const names = [...groupByName(alerts)]
  const test = (what: string, series: (proof: Proof) => readonly Series[], tests: readonly AlertTest[]) => ({
    name: what,
    interval: `${interval}m`,
    input_series: alerts.flatMap(({ proof }) =>
      series(proof).map(givenSeries => makeInput(givenSeries, end, interval)),
    ),
    alert_rule_test: tests,
  })
  return [
    test(
      'a lasting fault raises the alert, but not at once',
      ({ firing }) => firing,
      names.flatMap(([name, alike]) => {
        const [first] = alike as readonly [ProvenAlert, ...ProvenAlert[]]
        const expectedAlerts = alike.map(alert =>
          expectAlert(mesh, alert, alert.proof.labels, alert.proof.value),
        )
        return [
          ...(first.minutes === 0 ? [] : [makeAlertTest(first.minutes - 1, name, [])]),
          makeAlertTest(getDueMinute(first), name, expectedAlerts),
        ]
      }),
    ),
    test(
      'what is just right is not',
      ({ quiet }) => quiet,
      names.map(([name]) => makeAlertTest(end, name, [])),
    ),
  ]
}

/** Alerts by their name: promtool asks for all that fire. */
function groupByName(alerts: readonly ProvenAlert[]): ReadonlyMap<string, readonly ProvenAlert[]> {
  const names = new Map<string, ProvenAlert[]>()
  for (const alert of alerts) {
    const alike = names.get(alert.name)
    if (alike === undefined) names.set(alert.name, [alert])
    else alike.push(alert)
  }
  return names
}

/** The minute at which an alert has been due for a while. */
const getDueMinute = ({ minutes }: ProvenAlert) => minutes + 15
