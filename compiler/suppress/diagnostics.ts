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
      : `mend it: \`meshc explain ${p.code}\` says how`,
})

export const suppressionExpired = defineDiagnostic<{ code: string; until: string }>({
  code: 'MESH5002',
  severity: 'error',
  summary: 'A suppression ends on the day that it names',
  message: p => `the suppression of \`${p.code}\` ended on ${p.until}`,
  help: () => 'mend what it is about and remove it, or say anew until when and why',
})

export const suppressionUnused = defineDiagnostic<{ code: string; at: string | undefined }>({
  code: 'MESH5003',
  severity: 'error',
  summary: 'A suppression suppresses something',
  message: p => `nothing gives \`${p.code}\`${p.at === undefined ? '' : ` at \`${p.at}\``}`,
  help: () => 'remove this suppression: what it was about is gone',
})

export const waiverExpired = defineDiagnostic<{ gate: string; until: string; owner: string }>({
  code: 'MESH5004',
  severity: 'error',
  summary: 'A waiver ends on the day that it names',
  message: p => `the waiver of \`${p.gate}\` ended on ${p.until}`,
  help: p => `remove it; if what it is about is still to come, \`${p.owner}\` says anew until when and why`,
})

/** Every diagnostic of this pass, in the order of their codes. */
export const suppressDiagnostics = [
  notSuppressible,
  suppressionExpired,
  suppressionUnused,
  waiverExpired,
] as const
