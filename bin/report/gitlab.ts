import { makeJsonConverter } from '../../compiler/diagnostics/json.ts'
import { printJson } from '../cli/json-text.ts'
import { makeFingerprints } from './fingerprints.ts'
import type { Report } from './report.ts'

/**
 * A code quality report of GitLab.
 * See https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format
 */
export function printGitlab({ diagnostics, sources }: Report): string {
  const json = makeJsonConverter(sources.values())
  const prints = makeFingerprints(diagnostics, sources.values())
  const issues = diagnostics.map((diagnostic, index) => {
    const { code, severity, message, help, file, line = 1, endLine = line } = json(diagnostic)
    return {
      description: help === undefined ? message : `${message}: ${help.replaceAll('\n', ' ')}`,
      check_name: code,
      fingerprint: prints[index]!,
      severity: severity === 'error' ? 'critical' : 'minor',
      location: { path: file, lines: { begin: line, end: endLine } },
    }
  })
  return printJson(issues)
}
