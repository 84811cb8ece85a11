import { runLocate } from '../answers/index.ts'
import type { Command } from '../cli/command.ts'
import { environmentOption, formatOptions, projectOption } from '../cli/shared-options.ts'

/** Shows the findings of other tools about manifests at the lines of the spec that made them. */
export const locate: Command = {
  name: 'locate',
  argument: '[findings]',
  argumentValues: ['files'],
  summary: 'Map findings of istioctl analyze, Argo CD or Kiali to lines of the spec',
  options: [environmentOption, ...formatOptions, projectOption],
  example: 'istioctl analyze -A --use-kube=false -o json out/prod/manifests | meshc locate',
  exitCodes: {
    0: 'no finding is an error',
    1: 'a finding is an error, or a spec has errors',
    2: 'the findings cannot be read, or the call is wrong',
  },
  run: runLocate,
}
