import { runWhy } from '../answers/index.ts'
import type { Command } from '../cli/command.ts'
import { environmentOption, jsonOption, projectOption } from '../cli/shared-options.ts'

/** Shows the lines of the spec that set a value, the definitions that they override, and the decisions of meshc. */
export const why: Command = {
  name: 'why',
  argument: '<place>',
  argumentValues: ['files'],
  summary: 'Show the origin of a line of out/, a part of an object or a path of the spec',
  options: [environmentOption, jsonOption, projectOption],
  example: 'meshc why out/prod/manifests/my-api/my-api.yaml:23',
  exitCodes: {
    0: 'the question is answered',
    1: 'a spec has errors',
    2: 'the place does not exist, or the call is wrong',
  },
  run: runWhy,
}
