import { usualLimits } from '../../compiler/behavior/budget.ts'
import { makePageMesh } from '../../compiler/map/make-page-mesh.ts'
import { makeCompiledMesh } from '../behavior/compiled-mesh.ts'
import { version } from '../package.ts'
import type { Compiled } from '../project/compile-environments.ts'
import { printPage } from './print-page.ts'
import { quoteWord } from './trace-command.ts'

/**
 * Prints the map of an environment for its output. The text depends only on the spec and on the version of meshc: its questions are
 * limited by steps of work, and not by a clock.
 */
export function printMapFile(compiled: Compiled): string {
  const commandOptions = `--env ${quoteWord(compiled.environment.name)}`
  const mesh = makePageMesh({ ...makeCompiledMesh(compiled), commandOptions }, usualLimits, () => {})
  return `${printPage({ meshc: version, environments: [{ mesh }] })}\n`
}
