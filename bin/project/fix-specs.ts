import type { Limits } from '../../compiler/behavior/budget.ts'
import { applyFixes } from '../../compiler/diagnostics/apply-fixes.ts'
import { Lines } from '../../compiler/diagnostics/lines.ts'
import type { Workspace } from '../../compiler/source/load.ts'
import type { Options } from '../cli/command.ts'
import { readLimits } from '../cli/limits.ts'
import type { Terminal } from '../cli/terminal.ts'
import { type CompiledEnvironments, compileEnvironments } from './compile-environments.ts'
import type { Environment, Project } from './project.ts'
import { writeTexts } from './write-texts.ts'

/** One fix that was applied, and the line that it was for. */
export interface AppliedFix {
  readonly code: string
  readonly file: string
  readonly line: number
  readonly title: string
}

/** Compiles environments; with `--fix`, as they are when all was mended that can be. */
export function compileAsked(
  project: Project,
  environments: readonly Environment[],
  options: Options,
  terminal: Terminal,
): { readonly result: CompiledEnvironments; readonly fixes: readonly AppliedFix[] } {
  return options.has('fix')
    ? fixSpecs(project, environments, terminal, readLimits(options))
    : {
        result: compileEnvironments(project.workspace, environments, terminal, readLimits(options)),
        fixes: [],
      }
}

/** Prints the fixes that were applied, a line each. */
export function reportFixes(fixes: readonly AppliedFix[], terminal: Terminal): void {
  for (const { code, file, line, title } of fixes) terminal.note(`fixed ${code} at ${file}:${line}: ${title}`)
}

/** A fix can reveal a diagnostic that has a fix again. After this many rounds, the fixes repeat each other. */
const mostRounds = 20

/** Applies all fixes until none is left, and writes the changed files. All texts are computed before the first file is written. */
function fixSpecs(
  project: Project,
  environments: readonly Environment[],
  terminal: Terminal,
  limits: Limits,
): { readonly result: CompiledEnvironments; readonly fixes: readonly AppliedFix[] } {
  const texts = new Map<string, string>()
  const workspace: Workspace = {
    read: path => {
      const text = texts.get(path)
      return text === undefined ? project.workspace.read(path) : { text }
    },
    list: folder => project.workspace.list(folder),
    listBelow: folder => project.workspace.listBelow(folder),
  }
  const fixes: AppliedFix[] = []
  let result = compileEnvironments(workspace, environments, terminal, limits)
  for (let round = 0; round < mostRounds; round++) {
    const { changed, mended } = applyFixes(result.sources.values(), result.diagnostics)
    if (changed.size === 0) break
    for (const { code, at, fix } of mended) {
      const { line } = new Lines(result.sources.get(at.file)!.text).positionOf(at.start)
      fixes.push({ code, file: at.file, line, title: fix!.title })
    }
    for (const [file, text] of changed) texts.set(file, text)
    result = compileEnvironments(workspace, environments, terminal, limits)
  }
  writeTexts(project, texts)
  return { result, fixes }
}
