import type { MeshSpec } from '../../schema/spec/mesh.ts'
import type { Diagnostic, DiagnosticDefinition, Place } from '../diagnostics/diagnostic.ts'
import { notSuppressible, suppressionExpired, suppressionUnused, waiverExpired } from './diagnostics.ts'

/** A warning that the spec bears, and why. */
interface Suppressed {
  readonly diagnostic: Diagnostic
  readonly because: string
  readonly until: string
}

/** The diagnostics that are left, and those that the spec bears. */
interface Judged {
  readonly diagnostics: readonly Diagnostic[]
  readonly suppressed: readonly Suppressed[]
}

/** The circumstances of a suppression. */
interface Circumstances {
  definitionOf(code: string): Pick<DiagnosticDefinition<never>, 'severity'> | undefined
  /** The codes that can be suppressed. */
  readonly warnings: readonly string[]
  /** The day as `2027-01-31`; without it, nothing has ended. */
  readonly today: string | undefined
  /** True if every warning was looked for: an error keeps the later passes from looking. */
  readonly isComplete: boolean
  /** True if a lower layer sets the suppressions: other environments have them too, and each has warnings of its own. */
  readonly areShared: boolean
}

/** Removes suppressed warnings, and reports suppressions that are invalid, ended, or unused. */
export function suppress(
  entries: NonNullable<MeshSpec['suppress']>,
  diagnostics: readonly Diagnostic[],
  { definitionOf, warnings, today, isComplete, areShared }: Circumstances,
): Judged {
  const reports: Diagnostic[] = []
  const suppressed = new Map<Diagnostic, Suppressed>()
  for (const [index, { code, at, because, until }] of entries.entries()) {
    const place = (field: string): Place => ({ path: ['suppress', index, field] })
    const severity = definitionOf(code)?.severity
    if (severity !== 'warning') {
      reports.push(notSuppressible(place('code'), { code, severity, warnings }))
      continue
    }
    const meant = diagnostics.filter(
      diagnostic => diagnostic.code === code && isPlaceWithin(diagnostic.at, at),
    )
    for (const diagnostic of meant) suppressed.set(diagnostic, { diagnostic, because, until })
    if (today !== undefined && until < today)
      reports.push(
        suppressionExpired(
          place('until'),
          { code, until },
          meant.map(({ at }) => ({ at, message: 'what it was about' })),
        ),
      )
    else if (meant.length === 0 && isComplete && !areShared)
      reports.push(suppressionUnused(place(at === undefined ? 'code' : 'at'), { code, at }))
  }
  return {
    diagnostics: [...diagnostics.filter(diagnostic => !suppressed.has(diagnostic)), ...reports],
    suppressed: [...suppressed.values()],
  }
}

/** Reports the ended waivers. `today`: as `2027-01-31`; without it, none has ended. */
export const findEndedWaivers = (
  waivers: NonNullable<MeshSpec['waive']>,
  today: string | undefined,
): readonly Diagnostic[] =>
  waivers.flatMap(({ gate, until, owner }, index) =>
    today !== undefined && until < today
      ? [waiverExpired({ path: ['waive', index, 'until'] }, { gate, until, owner })]
      : [],
  )

/** Tells whether a place is the one that a suppression names, or is inside it. */
function isPlaceWithin(place: Place, scope: string | undefined): boolean {
  if (scope === undefined) return true
  if (!('path' in place)) return false
  const path = place.path.join('.')
  return path === scope || path.startsWith(`${scope}.`)
}
