import { gates } from '../../schema/gates.ts'
import type { Command } from '../cli/command.ts'
import { limitOptions, projectOption } from '../cli/shared-options.ts'
import { diffFormats } from '../diff/diff-formats.ts'
import { runDiff } from '../questions/index.ts'

/** Shows the effect of a change: on requests, exactly, and on manifests, by the edit that caused it. */
export const diff: Command = {
  name: 'diff',
  argument: '[...manifests]',
  argumentValues: ['folders'],
  summary:
    'Show the exact effect of a change on requests and manifests: of specs, or of two states of manifests',
  options: [
    {
      flag: '--base <revision>',
      summary:
        'The deployed revision: out/ as committed there, or built from its specs (default: where HEAD left origin/HEAD)',
    },
    {
      flag: '--env <name>',
      values: 'environments',
      isRepeatable: true,
      summary: 'The environment; may be repeated (default: all); `staging..prod` compares two',
    },
    {
      flag: '--manifests <folder>',
      values: 'folders',
      isRepeatable: true,
      summary:
        'Any manifests: the deployed state of `--env`, or with `--base` the manifests to compare; may be repeated',
    },
    {
      flag: '--mesh-config <file>',
      values: 'files',
      summary: 'The meshConfig of the manifests (default: that of an IstioOperator, the ConfigMap or values)',
    },
    {
      flag: '--deny <changes>',
      values: Object.keys(gates),
      summary: `Fail on these changes, unless an earlier waiver allows them: ${Object.keys(gates).join(', ')}`,
    },
    {
      flag: '--format <name>',
      values: diffFormats,
      summary: `The format of the report: ${diffFormats.join(', ')} (default: text)`,
    },
    { flag: '--json', summary: 'Print one JSON document on stdout: --format json' },
    ...limitOptions,
    projectOption,
  ],
  example: 'meshc diff --base origin/main --deny new-exposure,new-access,unknown',
  exitCodes: {
    0: 'nothing changes',
    1: 'a change is denied, the comparison fails, or the call is wrong',
    2: 'something changes',
  },
  failureCode: 1,
  run: runDiff,
}
