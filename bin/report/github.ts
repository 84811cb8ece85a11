import type { Severity } from '../../compiler/diagnostics/diagnostic.ts'
import { indexLines } from '../../compiler/diagnostics/lines.ts'
import { makeTextVisible } from '../../compiler/diagnostics/visible.ts'
import { describeCounts, type Report } from './report.ts'

/** GitHub shows so many errors of a step, and so many warnings, and drops the others without a word. */
const mostOfEach = 10

/**
 * Annotations of GitHub Actions, the errors first. GitHub shows a limited number; the last one shown then has the total number. See
 * https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands
 */
export function printGithub({ diagnostics, sources }: Report): string {
  const findLines = indexLines(sources.values())
  return (['error', 'warning'] as const).flatMap(listAnnotations).join('\n')

  function listAnnotations(severity: Severity): readonly string[] {
    const all = diagnostics.filter(diagnostic => diagnostic.severity === severity)
    const shown = all.length > mostOfEach ? all.slice(0, mostOfEach - 1) : all
    const annotations = shown.map(({ code, message, help, at }) => {
      const lines = findLines(at.file)
      const first = lines?.positionOf(at.start)
      const last = lines?.positionOf(Math.max(at.start, at.end))
      return command(
        severity,
        {
          file: makeTextVisible(at.file),
          line: first?.line,
          endLine: last?.line,
          // GitHub accepts columns only on one line, and includes the last column in the range.
          col: first?.line === last?.line ? first?.column : undefined,
          endColumn: first?.line === last?.line ? last?.column : undefined,
          title: code,
        },
        help === undefined ? message : `${message}\n${help}`,
      )
    })
    if (shown.length === all.length) return annotations
    const rest = `${describeCounts(diagnostics)}, of which ${all.length - shown.length} ${severity}s have no annotation: see the log`
    return [...annotations, command(severity, { title: 'meshc' }, rest)]
  }
}

function command(
  name: Severity,
  properties: Readonly<Record<string, string | number | undefined>>,
  message: string,
): string {
  const words = Object.entries(properties).flatMap(([key, value]) =>
    value === undefined
      ? []
      : [`${key}=${escapeCommandText(String(value)).replaceAll(':', '%3A').replaceAll(',', '%2C')}`],
  )
  return `::${name} ${words.join(',')}::${escapeCommandText(message)}`
}

const escapeCommandText = (text: string) =>
  text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A')
