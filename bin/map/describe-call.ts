import type { Limits } from '../../compiler/behavior/budget.ts'
import type { ExplainedConnection } from '../../compiler/behavior/connections/explain-connection.ts'
import { explainConnection } from '../../compiler/behavior/index.ts'
import type { CallerName } from '../../compiler/behavior/pairs/names.ts'
import { describeRegion } from '../../compiler/behavior/request-words.ts'
import type { CallDetails, Example } from '../../compiler/map/answers.ts'
import type { MapCall } from '../../compiler/map/mesh-map.ts'
import type { PageMesh } from '../../compiler/map/page-data.ts'
import type { MeshAtHand } from '../behavior/mesh.ts'
import { describeConstruct, describeVerdict } from '../behavior/trace-text.ts'
import { nameQuestionCaller } from './name-caller.ts'
import { makeForm, printTraceCommand } from './trace-command.ts'

/** Makes the function that describes a call of the map, by its number and that of the caller in `callers`. */
export const makeCallDescriber =
  ({ map, commandOptions }: PageMesh, { model }: MeshAtHand, limits: Limits) =>
  (call: number, caller: number): CallDetails => {
    const { destination } = map.calls[call]!
    const name = map.callers[caller]!.caller
    const answers = explainConnection(model, name, destination, limits)
    const list = (part: keyof ExplainedConnection) =>
      answers.flatMap(answer => describeSets(answer[part], destination))
    const example = (part: 'passes' | 'refused') => {
      const witness = answers.map(answer => answer[part].witness).find(each => each !== undefined)
      return witness && makeExample(witness, name, commandOptions)
    }
    const [witness, refusedWitness] = [example('passes'), example('refused')]
    return {
      passes: list('passes'),
      refused: list('refused'),
      unknown: list('unknown'),
      because: [...new Set(answers.flatMap(({ unknown }) => unknown.because.map(describeConstruct)))],
      ...(witness !== undefined && { witness }),
      ...(refusedWitness !== undefined && { refusedWitness }),
    }
  }

/** Describes sets of requests, each in a line. */
const describeSets = (
  { regions, further }: ExplainedConnection['unknown'] | ExplainedConnection['passes'],
  { protocol }: MapCall['destination'],
): readonly string[] => [
  ...regions.map(region => describeRegion(region, protocol)),
  ...(further > 0 ? [`${further} more`] : []),
]

function makeExample(
  { request, result }: NonNullable<ExplainedConnection['passes']['witness']>,
  caller: CallerName,
  commandOptions: string,
): Example {
  const from = nameQuestionCaller(caller)
  return {
    request,
    ...(from !== undefined && { command: printTraceCommand(makeForm(request, from), commandOptions) }),
    result: describeVerdict(result),
  }
}
