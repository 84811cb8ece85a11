import type { Command } from '../cli/command.ts'
import { jsonOption, limitOptions } from '../cli/shared-options.ts'
import { runImport } from '../questions/index.ts'

/** Writes the spec of a mesh that is there already, and proves that both do the same with every request. */
export const importCommand: Command = {
  name: 'import',
  argument: '[...manifests]',
  argumentValues: ['folders'],
  summary: 'Write the spec of a mesh from its manifests, and prove that both treat every request alike',
  options: [
    {
      flag: '--env <name>',
      isRepeatable: true,
      summary:
        'The environment that the manifests are of; several are `--env dev=<folder> --env prod=<folder>`',
    },
    {
      flag: '--namespace <name>',
      isRepeatable: true,
      summary: 'Import only this namespace; the others keep their owners; may be repeated',
    },
    { flag: '--mesh <name>', summary: 'The name of the mesh (default: that of the folder of the project)' },
    {
      flag: '--mesh-config <file>',
      values: 'files',
      summary: 'The meshConfig of the manifests (default: that of an IstioOperator, the ConfigMap or values)',
    },
    {
      flag: '--merge',
      summary: 'Apply a later change of the manifests to the spec, and keep edits in the spec',
    },
    {
      flag: '--base <revision>',
      summary: 'With `--merge`: the revision of the manifests that were imported before (default: HEAD)',
    },
    {
      flag: '--accept',
      summary: 'End with 0 even if the results of requests differ; the report is kept beside the spec',
    },
    ...limitOptions,
    jsonOption,
    {
      flag: '--project <folder>',
      values: 'folders',
      summary: 'The folder of spec/ (default: the current one)',
    },
  ],
  example: 'meshc import clusters/prod --env prod',
  exitCodes: {
    0: 'the spec is proved equivalent to the manifests, or its differences are accepted',
    1: 'the result of a request differs or is unknown',
    2: 'the call is wrong, or a file cannot be read or written; import writes nothing',
  },
  run: runImport,
}
