import { type Command, jsonOption, projectOption } from '../cli/command.ts'
import { limitOptions } from '../cli/limits.ts'
import { meshOptions } from '../cli/mesh-options.ts'

/** Finds the routes and rules that decide about nothing. Ends with 0 if all do, 1 if any does not. */
export const lint: Command = {
  name: 'lint',
  argument: '[...manifests]',
  argumentValues: ['folders'],
  summary: 'Find routes and rules that no request reaches, and list ports without mutual TLS',
  options: [...meshOptions, ...limitOptions, jsonOption, projectOption],
  example: 'kubectl get services,deployments,virtualservices --all-namespaces --output yaml | meshc lint -',
  exitCodes: {
    0: 'no route or rule is known to be dead, idle, for none or refused, and no policy is violated',
    1: 'a route or rule is dead, idle, for none or refused; a policy is violated; or the spec has errors',
    2: 'the call is wrong, or the disk refuses',
  },
  async run(context) {
    const { runLint } = await import('../questions/index.ts')
    return runLint(context)
  },
}
