import type { Command } from '../cli/command.ts'
import { jsonOption, limitOptions, meshOptions, projectOption } from '../cli/shared-options.ts'
import { runMap } from '../questions/index.ts'

/** Draws a mesh as one page of HTML. */
export const map: Command = {
  name: 'map',
  argument: '[...manifests]',
  argumentValues: ['folders'],
  summary: 'Draw the mesh as one HTML file: the callers that reach each service, with the lines behind it',
  options: [
    ...meshOptions,
    {
      flag: '--output <file>',
      values: 'files',
      summary: 'The file to write, or `-` for stdout (default: mesh.html)',
    },
    ...limitOptions,
    jsonOption,
    projectOption,
  ],
  example: 'meshc map --env prod --output mesh.html',
  exitCodes: {
    0: 'the map is written',
    1: 'the spec has errors',
    2: 'the call is wrong, or the disk refuses',
  },
  run: runMap,
}
