import { type Limits, usualLimits } from './behavior/budget.ts'
import { makeWorkFinder } from './cluster-work.ts'
import { type CompileResult, compile } from './compile.ts'
import type { Workspace } from './source/load.ts'
import { parseOnce } from './source/parse-once.ts'

/**
 * Makes a function that compiles one environment after the other, each as `compile` does. A file that several include is parsed
 * once. Clusters of one environment that have no files of their own are resolved once, and the files that they share are made and
 * printed once.
 */
export function makeCompiler(
  workspace: Workspace,
  today?: string,
  limits: Limits = usualLimits,
): (entry: string) => CompileResult {
  const parsing = parseOnce(workspace)
  const findWork = makeWorkFinder()
  return entry => compile(entry, parsing, today, limits, findWork)
}
