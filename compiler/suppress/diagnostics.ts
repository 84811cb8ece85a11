import { defineDiagnostic, type Severity } from '../diagnostics/diagnostic.ts'
import { suggestName } from '../diagnostics/suggest.ts'

/** Diagnostics of suppressions: MESH5xxx. */
export const notSuppressible = defineDiagnostic<{
  code: string
  severity: Severity | undefined
  warnings: readonly string[]
}>({
  code: 'MESH5001',
  severity: 'error',
  summary: 'Only warnings are suppressed',
  message: p =>
    p.severity === undefined
      ? `there is no diagnostic \`${p.code}\``
      : `\`${p.code}\` is an error, and errors cannot be suppressed`,
  help: p =>
    p.severity === undefined
      ? (suggestName(p.code, p.warnings) ?? '`meshc explain` lists all codes')
      : `fix it: \`meshc explain ${p.code}\` says how`,
})

export const suppressionExpired = defineDiagnostic<{ code: string; until: string }>({
  code: 'MESH5002',
  severity: 'error',
  summary: 'A suppression is not used after its `until` day',
  message: p => `the suppression of \`${p.code}\` ended on ${p.until}`,
  help: () => 'fix the cause and remove the suppression, or set a new `until` and `because`',
})

export const suppressionUnused = defineDiagnostic<{ code: string; at: string | undefined }>({
  code: 'MESH5003',
  severity: 'error',
  summary: 'A suppression matches a warning',
  message: p => `no warning \`${p.code}\` occurs${p.at === undefined ? '' : ` at \`${p.at}\``}`,
  help: () => 'remove this suppression: its warning no longer occurs',
})

export const waiverExpired = defineDiagnostic<{ gate: string; until: string; owner: string }>({
  code: 'MESH5004',
  severity: 'error',
  summary: 'A waiver is not used after its `until` day',
  message: p => `the waiver of \`${p.gate}\` ended on ${p.until}`,
  help: p => `remove it; if the change is still to come, \`${p.owner}\` sets a new \`until\` and \`because\``,
})

/** Every diagnostic of this pass, in the order of their codes. */
export const suppressDiagnostics = [
  notSuppressible,
  suppressionExpired,
  suppressionUnused,
  waiverExpired,
] as const
