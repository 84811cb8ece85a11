import type { Command } from '../cli/command.ts'
import { exampleNames } from '../project/example-names.ts'
import { runInit } from '../runs/index.ts'

/** Writes a project that builds at once. */
export const init: Command = {
  name: 'init',
  argument: '[folder]',
  summary: 'Write a new project: spec, editor settings, workflow',
  options: [
    { flag: '--mesh <name>', summary: 'The name of the mesh (default: that of the folder)' },
    { flag: '--namespace <name>', summary: 'The namespace of its services (default: the name of the mesh)' },
    { flag: '--host <name>', summary: `The host of its gateway (default: ${exampleNames.host})` },
    { flag: '--repository <url>', summary: `The git repository (default: ${exampleNames.repository})` },
    {
      flag: '--review <manifests>',
      values: 'folders',
      isRepeatable: true,
      summary: 'Write no spec, but the review of pull requests for existing manifests; may be repeated',
    },
  ],
  example: 'meshc init shop --host shop.example.com',
  exitCodes: {
    0: 'the project is written',
    2: 'the call is wrong, or the folder cannot be used: nothing is written',
  },
  run: runInit,
}
