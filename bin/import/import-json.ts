import { summarizeImport } from '../../compiler/import/import-summary.ts'
import { listMoves } from '../../compiler/import/moves.ts'
import { getEntry } from '../../compiler/import/spec-files.ts'
import type { ImportReport } from './import-text.ts'

/** The result of an import as JSON. */
export function importJson({ name, imported, text, isProved }: ImportReport) {
  const { comparison, unsaid, ineffective } = imported
  const { differences, unknown, pairs } = comparison
  return {
    ok: isProved,
    environment: name,
    file: getEntry(name),
    lines: text.trimEnd().split('\n').length,
    ...summarizeImport(imported),
    stays: unsaid.map(({ object: { kind, namespace, name, source }, reason }) => ({
      object: `${kind}/${namespace}/${name}`,
      ...(source !== undefined && { file: source.file, line: source.line }),
      reason,
    })),
    ineffective,
    cluster: listMoves(imported),
    pairs: pairs.all,
    differences: differences.length,
    unknown: unknown.length,
  }
}
