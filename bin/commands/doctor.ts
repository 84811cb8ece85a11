import { runDoctor } from '../answers/index.ts'
import type { Command } from '../cli/command.ts'
import { environmentOption, jsonOption, projectOption } from '../cli/shared-options.ts'

/** Checks a whole installation. It asks the cluster only if an option requests it, and changes nothing. */
export const doctor: Command = {
  name: 'doctor',
  summary: 'Check the installation: specs, out/, editor, hooks, workflow, tools, cluster',
  options: [
    environmentOption,
    { flag: '--cluster', summary: 'Check the cluster of the current context, too' },
    jsonOption,
    projectOption,
  ],
  example: 'meshc doctor --env prod --cluster',
  exitCodes: {
    0: 'no check fails',
    1: 'a check fails',
    2: 'the call is wrong, or a file cannot be read or written',
  },
  run: runDoctor,
}
