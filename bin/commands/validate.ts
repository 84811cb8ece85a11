import type { Command } from '../cli/command.ts'
import {
  environmentOption,
  fixOption,
  formatOptions,
  limitOptions,
  projectOption,
} from '../cli/shared-options.ts'
import { runValidate } from '../runs/index.ts'

/** Reports the faults of the specs, and with `--fix` mends those that can be mended in one way only. */
export const validate: Command = {
  name: 'validate',
  summary: 'Check the specs, write nothing',
  options: [environmentOption, fixOption, ...limitOptions, ...formatOptions, projectOption],
  example: 'meshc validate --env prod',
  exitCodes: {
    0: 'no spec has errors',
    1: 'a spec has errors',
    2: 'the call is wrong, or a file cannot be read or written',
  },
  run: runValidate,
}
