import { runImpact } from '../answers/index.ts'
import type { Command } from '../cli/command.ts'
import { environmentOption, jsonOption, projectOption } from '../cli/shared-options.ts'

/** Shows the effects of a line of a spec in every environment. */
export const impact: Command = {
  name: 'impact',
  argument: '<line>',
  argumentValues: ['files'],
  summary: 'List every value in out/ that comes from a line of a spec',
  options: [environmentOption, jsonOption, projectOption],
  example: 'meshc impact spec/base/mesh.yaml:41',
  exitCodes: {
    0: 'the question is answered',
    1: 'a spec has errors',
    2: 'the place does not exist, or the call is wrong',
  },
  run: runImpact,
}
