import { makePainter } from '../../compiler/diagnostics/frames.ts'
import { makeTextVisible } from '../../compiler/diagnostics/visible.ts'
import { lintMesh } from '../behavior/lint-findings.ts'
import { lintJson } from '../behavior/lint-json.ts'
import { lintText } from '../behavior/lint-text.ts'
import { loadMesh, meshOptions } from '../behavior/mesh-at-hand.ts'
import { type Command, jsonOption, projectOption } from '../cli/command.ts'
import { limitOptions, readLimits } from '../cli/limits.ts'

/** Finds the routes and rules that decide about nothing. Ends with 0 if all do, 1 if any does not. */
export const lint: Command = {
  name: 'lint',
  summary: 'Find routes and rules that no request reaches, and list ports without mutual TLS',
  options: [...meshOptions, ...limitOptions, jsonOption, projectOption],
  example: 'meshc lint --env prod',
  exitCodes: {
    0: 'no route or rule is known to be dead, idle, for none or refused',
    1: 'a route or rule is dead, idle, for none or refused; or the spec has errors',
    2: 'the call is wrong, or the disk refuses',
  },
  async run(context) {
    const { options, terminal } = context
    const mesh = await loadMesh(context)
    if (mesh === undefined) return 1
    const foundLint = lintMesh(mesh.model, readLimits(options), words => terminal.progress(words))
    const isClean = foundLint.findings.every(({ state }) => state === 'unknown')
    if (options.has('json')) terminal.printJson(lintJson(foundLint, mesh, isClean))
    else {
      const heading = makePainter(terminal.color)('strong', makeTextVisible(`lint of ${mesh.name}`))
      terminal.print([heading, '', ...lintText(foundLint, mesh, terminal.color)].join('\n'))
    }
    return isClean ? 0 : 1
  },
}
