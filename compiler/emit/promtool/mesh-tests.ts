import type { Mesh } from '../../mesh/mesh.ts'
import type { TextFile } from '../manifest.ts'
import type { Proof, ProvenAlert, Series } from '../prometheus/alert.ts'
import { firstPromise, meshAlerts } from '../prometheus/mesh-rules.ts'
import { burnRateTests } from './burn-rate-tests.ts'
import { intervals, type Pace, paceOf } from './pace.ts'
import { ruleFileName } from './rule-file.ts'
import {
  type AlertTest,
  alertTest,
  expectedAlert,
  inputOf,
  type RuleTest,
  type TestFile,
  testFile,
} from './test-file.ts'

/** The tests of the rules that are about the mesh as a whole, and those of them that go on for hours. */
export const meshTests = (mesh: Mesh): readonly TextFile[] => [
  testFile(mesh.name.value, () => testsOf(mesh, 'minutes')),
  testFile(`${mesh.name.value}.hours`, () => testsOf(mesh, 'quarters')),
]

function testsOf(mesh: Mesh, pace: Pace): TestFile {
  const groups = Object.entries(meshAlerts(mesh)).filter(([, alerts]) => alerts.length > 0)
  const isPromised = firstPromise(mesh) !== undefined
  return {
    rule_files: [ruleFileName(mesh.name.value)],
    evaluation_interval: `${intervals[pace]}m`,
    group_eval_order: [
      ...groups.map(([name]) => name),
      ...(isPromised ? ['objective-windows', 'objective-alerts'] : []),
    ],
    tests: [
      ...groups.flatMap(([group, alerts]) => {
        const some = alerts.filter(alert => paceOf(endOf(alert)) === pace)
        return some.length === 0 ? [] : alertTests(mesh, group, some, intervals[pace])
      }),
      ...(isPromised ? burnRateTests(mesh, pace) : []),
    ],
  }
}

/** That alerts fire, though not at once, and that they do not where all is as it should be. */
function alertTests(
  mesh: Mesh,
  group: string,
  alerts: readonly ProvenAlert[],
  interval: number,
): readonly RuleTest[] {
  const end = Math.max(...alerts.map(endOf))
  const names = [...byName(alerts)]
  const test = (what: string, series: (proof: Proof) => readonly Series[], tests: readonly AlertTest[]) => ({
    name: `${group}: ${what}`,
    interval: `${interval}m`,
    input_series: alerts.flatMap(({ proof }) => series(proof).map(one => inputOf(one, end, interval))),
    alert_rule_test: tests,
  })
  return [
    test(
      'what is wrong is told, though not at once',
      ({ firing }) => firing,
      names.flatMap(([name, alike]) => {
        const [first] = alike as readonly [ProvenAlert, ...ProvenAlert[]]
        const told = alike.map(alert => expectedAlert(mesh, alert, alert.proof.labels, alert.proof.value))
        return [
          ...(first.minutes === 0 ? [] : [alertTest(first.minutes - 1, name, [])]),
          alertTest(endOf(first), name, told),
        ]
      }),
    ),
    test(
      'what is just right is not',
      ({ quiet }) => quiet,
      names.map(([name]) => alertTest(end, name, [])),
    ),
  ]
}

/** Alerts by their name: promtool asks for all that fire. */
function byName(alerts: readonly ProvenAlert[]): ReadonlyMap<string, readonly ProvenAlert[]> {
  const names = new Map<string, ProvenAlert[]>()
  for (const alert of alerts) {
    const alike = names.get(alert.name)
    if (alike === undefined) names.set(alert.name, [alert])
    else alike.push(alert)
  }
  return names
}

/** The minute at which an alert has been due for a while. */
const endOf = ({ minutes }: ProvenAlert) => minutes + 10
