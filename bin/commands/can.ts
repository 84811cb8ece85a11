import type { Command } from '../cli/command.ts'
import { jsonOption, limitOptions, meshOptions, projectOption } from '../cli/shared-options.ts'
import { runCan } from '../questions/index.ts'

/** Lists the requests of a workload that a service allows. Ends with 0 if there are any, 1 if there are none. */
export const can: Command = {
  name: 'can',
  argument: '<caller> <service>',
  argumentValues: ['callers', 'targets'],
  summary:
    'List the requests that a workload may send to a service, with the rule that allows or refuses each',
  options: [...meshOptions, ...limitOptions, jsonOption, projectOption],
  example: 'meshc can --env prod web my-api',
  exitCodes: {
    0: 'a request is allowed',
    1: 'nothing is allowed, or the answer is unknown, or the spec has errors',
    2: 'a name does not exist, or the call is wrong',
  },
  run: runCan,
}
