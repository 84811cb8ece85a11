import { relative } from 'node:path'
import type { LocatedDiagnostic } from '../../compiler/diagnostics/locate.ts'
import { workingTreeAround } from '../files/working-tree.ts'
import type { Report } from './report.ts'

/**
 * A report with file paths from the root of the project's Git repository, which programs that show findings in a change use. The
 * report is unchanged if the project is that root, or in no repository.
 *
 * @param root the folder of the project
 */
export function rebaseReport(report: Report, root: string): Report {
  const repository = workingTreeAround(root)
  const folder = repository === undefined ? '' : relative(repository, root).replaceAll('\\', '/')
  if (folder === '') return report
  const within = (file: string) => `${folder}/${file}`
  const placed = (diagnostic: LocatedDiagnostic): LocatedDiagnostic => {
    const { at, related, fix } = diagnostic
    return {
      ...diagnostic,
      at: { ...at, file: within(at.file) },
      related: related.map(({ at, message }) => ({ at: { ...at, file: within(at.file) }, message })),
      ...(fix !== undefined && {
        fix: { ...fix, edits: fix.edits.map(edit => ({ ...edit, file: within(edit.file) })) },
      }),
    }
  }
  return {
    environments: report.environments.map(environment => ({
      ...environment,
      entry: within(environment.entry),
      diagnostics: environment.diagnostics.map(placed),
      suppressed: environment.suppressed.map(suppressed => ({
        ...suppressed,
        diagnostic: placed(suppressed.diagnostic),
      })),
    })),
    diagnostics: report.diagnostics.map(placed),
    sources: new Map(
      [...report.sources.values()].map(source => {
        const name = within(source.name)
        return [name, { ...source, name }]
      }),
    ),
  }
}
