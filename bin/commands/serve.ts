import type { Command } from '../cli/command.ts'
import { environmentOption, limitOptions, projectOption } from '../cli/shared-options.ts'
import { runServe } from '../questions/index.ts'

/** Shows the maps of a project on loopback, as `meshc map` draws them, and draws them anew after each edit. */
export const serve: Command = {
  name: 'serve',
  summary: 'Show the map in a browser on this machine, and update it after each edit of a spec',
  options: [
    environmentOption,
    { flag: '--port <number>', summary: 'The port of 127.0.0.1 (default: a free port)' },
    ...limitOptions,
    projectOption,
  ],
  example: 'meshc serve --env prod',
  exitCodes: {
    0: 'the reader of the output ended',
    1: 'a spec has errors at the start',
    2: 'the call is wrong, or the port is taken',
  },
  run: runServe,
}
