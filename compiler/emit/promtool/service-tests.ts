import type { Mesh, Service } from '../../mesh/mesh.ts'
import type { Manifest, TextFile } from '../manifest.ts'
import { unwrapTree } from '../plain-tree.ts'
import { makeGrowingSeries, type Series } from '../prometheus/alert.ts'
import { objectivesName } from '../prometheus/mesh-rules.ts'
import { objectiveGroupNames } from '../prometheus/objective-alerts.ts'
import { listPromises, type Promised, printBucketBounds } from '../prometheus/promise.ts'
import { makeObjectiveLabels, nameRules } from '../prometheus/service-rules.ts'
import { lasting, makeMissingTests } from './burn-rate-tests.ts'
import { nameRuleFile } from './rule-file.ts'
import { makeInput, type RuleTest, testFile } from './test-file.ts'

/** Requests a minute: enough of them that one more or less does not matter. */
const perMinute = 1_000_000

/**
 * The tests of the recording rules of a service: its alerts fire for errors that its callers see, and for no smaller share.
 *
 * @param objectives the common rules of all objectives
 */
export function emitServiceTests(
  mesh: Mesh,
  service: Service,
  promises: readonly Promised[],
  rules: Manifest,
  objectives: readonly Manifest[],
): TextFile {
  const name = nameRules(service).value
  return testFile(name, [rules, ...objectives], () => ({
    rule_files: [name, objectivesName].map(nameRuleFile),
    evaluation_interval: '1m',
    group_eval_order: [name, ...objectiveGroupNames],
    tests: promises.flatMap(promised => promiseTests(mesh, service, promised)),
  }))
}

/** Makes the tests of a ratio that burns the budget at the rate of an alert, and of a ratio that leaves some budget. */
function promiseTests(mesh: Mesh, service: Service, promised: Promised): readonly RuleTest[] {
  const budget = promised.budget.value
  return listFailures(service, promised).flatMap(({ what, touched, series }) =>
    [
      { name: `${promised.name} burns`, ratio: Math.min(1, 15 * budget) },
      { name: `${promised.name} is kept`, ratio: 0.9 * budget },
    ].map(({ name, ratio }) => {
      const missed = Math.round(ratio * perMinute)
      const services = touched.map(givenService => ({
        // All of them are texts.
        labels: unwrapTree(makeObjectiveLabels(service, givenService)) as Readonly<Record<string, string>>,
        budget: givenService.budget.value,
        ratio: missed / perMinute,
      }))
      return {
        name: `${name}: ${what}`,
        interval: '1m',
        input_series: series(missed).map(givenSeries => makeInput(givenSeries, lasting, 1)),
        alert_rule_test: makeMissingTests(mesh, services),
      }
    }),
  )
}

interface Failure {
  readonly what: string
  /** The promises that it misses: a request slower than a bound is slower than the bounds below it. */
  readonly touched: readonly Promised[]
  /** The series of a minute in which so many requests miss the objective. */
  series(missed: number): readonly Series[]
}

/** The ways in which a request can miss an objective, and other requests, which the objective ignores. */
function listFailures(service: Service, promised: Promised): readonly Failure[] {
  const { host, ports } = service
  const selector = `reporter="source",destination_service="${host.value}"`
  const slowest = promised.bound?.value
  if (slowest !== undefined) {
    const metric = 'istio_request_duration_milliseconds'
    const latencies = listPromises(service).filter(({ bound }) => bound !== undefined)
    const bounds = [...new Set(latencies.map(({ bound }) => bound!.value))]
    return [
      {
        what: 'slow answers',
        touched: latencies.filter(({ bound }) => bound!.value <= slowest),
        series: missed => [
          makeGrowingSeries(`${metric}_count{${selector}}`, perMinute),
          makeGrowingSeries(`${metric}_bucket{${selector},le="+Inf"}`, perMinute),
          ...bounds.flatMap(bound =>
            halves(bound <= slowest ? perMinute - missed : perMinute).map((count, index) =>
              makeGrowingSeries(
                `${metric}_bucket{${selector},le="${printBucketBounds(bound)[index]}"}`,
                count,
              ),
            ),
          ),
        ],
      },
    ]
  }
  const metric = 'istio_requests_total'
  const answers = (count: number, ...forms: readonly [string, string]) =>
    halves(count).map((half, index) => makeGrowingSeries(`${metric}{${selector},${forms[index]}}`, half))
  const series = [
    makeGrowingSeries(
      `${metric}{reporter="destination",destination_service="${host.value}",response_code="500"}`,
      perMinute,
    ),
    makeGrowingSeries(
      `${metric}{reporter="source",destination_service="another",response_code="500"}`,
      perMinute,
    ),
  ]
  const inHttp = {
    what: 'server errors',
    touched: [promised],
    series: (missed: number) => [
      ...answers(perMinute - missed, 'response_code="200"', 'response_code="404"'),
      ...answers(missed, 'response_code="500"', 'response_code="503"'),
      ...series,
    ],
  }
  if (!ports.some(({ protocol }) => protocol.value.startsWith('grpc'))) return [inHttp]
  const status = (code: number) => `response_code="200",grpc_response_status="${code}"`
  const inGrpc = {
    what: 'failures of gRPC',
    touched: [promised],
    series: (missed: number) => [
      ...answers(perMinute - missed, status(0), status(5)),
      ...answers(missed, status(13), status(14)),
      ...series,
    ],
  }
  return [inHttp, inGrpc]
}

const halves = (count: number): readonly [number, number] => [Math.floor(count / 2), Math.ceil(count / 2)]
