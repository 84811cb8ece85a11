import { compare } from './diagnostics/compare.ts'
import type { DiagnosticDefinition } from './diagnostics/diagnostic.ts'
import { emitDiagnostics } from './emit/diagnostics.ts'
import { expectationDiagnostics } from './expectations/diagnostics.ts'
import { surroundingsDiagnostics } from './manifests/diagnostics.ts'
import { policyDiagnostics } from './policies/diagnostics.ts'
import { resolveDiagnostics } from './resolve/diagnostics.ts'
import { sharedDeliveryDiagnostics } from './shared-deliveries.ts'
import { sourceDiagnostics } from './source/diagnostics.ts'
import { suppressDiagnostics } from './suppress/diagnostics.ts'
import { templateDiagnostics } from './templates/diagnostics.ts'
import { rules } from './validate/rules/index.ts'

/** Every diagnostic that there is, in the order of the codes. */
export const catalogue: readonly DiagnosticDefinition<never>[] = [
  ...sourceDiagnostics,
  ...resolveDiagnostics,
  ...surroundingsDiagnostics,
  ...rules.map(({ diagnostic }) => diagnostic),
  ...expectationDiagnostics,
  ...policyDiagnostics,
  ...templateDiagnostics,
  ...emitDiagnostics,
  ...suppressDiagnostics,
  ...sharedDeliveryDiagnostics,
].toSorted((a, b) => compare(a.code, b.code))

/** The codes of the warnings: those that a spec can suppress. */
export const warningCodes: readonly string[] = catalogue
  .filter(({ severity }) => severity === 'warning')
  .map(({ code }) => code)

const definitionsByCode = new Map<string, DiagnosticDefinition<never>>(
  catalogue.map(definition => [definition.code, definition]),
)

/** The diagnostic of a code such as `MESH1001`; undefined for an unknown code. */
export const findDiagnostic = (code: string): DiagnosticDefinition<never> | undefined =>
  definitionsByCode.get(code)
