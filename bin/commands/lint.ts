import type { Command } from '../cli/command.ts'
import { jsonOption, limitOptions, meshOptions, projectOption } from '../cli/shared-options.ts'
import { runLint } from '../questions/index.ts'

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
    2: 'the call is wrong, or a file cannot be read or written',
  },
  run: runLint,
}
