import { type Diagnostic, DiagnosticSeverity } from 'vscode-languageserver'
import { type LocatedDiagnostic, makeDiagnosticKey } from '../../compiler/diagnostics/locate.ts'
import type { Location as SpecLocation } from '../../compiler/diagnostics/source.ts'
import { describeEnvironments } from '../project/environments.ts'
import { getRange, listViews, type Snapshot } from './snapshot.ts'
import type { View } from './view.ts'

/**
 * Lists the diagnostics of these environments, by file. A finding in a file of several environments is listed once,
 * with the names of these environments.
 *
 * @param pageOf the address of the page of a code
 */
export function listDiagnostics(
  snapshot: Snapshot,
  views: readonly View[],
  pageOf: (code: string) => string,
): ReadonlyMap<string, readonly Diagnostic[]> {
  const byFile = new Map<string, Diagnostic[]>()
  for (const { diagnostic, environments } of listDiagnosticsFound(views)) {
    const { file } = diagnostic.at
    const isShared = listViews(snapshot, file).length > 1
    const statedDiagnostic = lspDiagnostic(snapshot, diagnostic, isShared ? environments : [], pageOf)
    const here = byFile.get(file)
    if (here === undefined) byFile.set(file, [statedDiagnostic])
    else here.push(statedDiagnostic)
  }
  return byFile
}

/** Lists each finding once, with the environments in which it is one. */
export function listDiagnosticsFound(
  views: readonly View[],
): Iterable<{ readonly diagnostic: LocatedDiagnostic; readonly environments: readonly string[] }> {
  const known = new Map<string, { readonly diagnostic: LocatedDiagnostic; readonly environments: string[] }>()
  for (const { environment, result } of views) {
    for (const diagnostic of result.diagnostics) {
      const key = makeDiagnosticKey(diagnostic)
      const before = known.get(key)
      if (before === undefined) known.set(key, { diagnostic, environments: [environment.name] })
      else before.environments.push(environment.name)
    }
  }
  return known.values()
}

function lspDiagnostic(
  snapshot: Snapshot,
  { code, severity, message, help, at, related }: LocatedDiagnostic,
  environments: readonly string[],
  pageOf: (code: string) => string,
): Diagnostic {
  const where = environments.length === 0 ? '' : ` (in ${describeEnvironments(environments)})`
  return {
    range: rangeIn(snapshot, at),
    severity: severity === 'error' ? DiagnosticSeverity.Error : DiagnosticSeverity.Warning,
    code,
    codeDescription: { href: pageOf(code) },
    source: 'meshc',
    message: `${message}${where}${help === undefined ? '' : `\n${help}`}`,
    ...(related.length > 0 && {
      relatedInformation: related.map(({ at, message }) => ({
        location: { uri: snapshot.uriOf(at.file), range: rangeIn(snapshot, at) },
        message,
      })),
    }),
  }
}

/** The range in a current file for a location that the compiler reports. */
export const rangeIn = (snapshot: Snapshot, at: SpecLocation) =>
  getRange(snapshot, at, snapshot.textDocument(at.file)?.getText() ?? '')
