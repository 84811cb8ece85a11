import type { Diagnostic, Place, SpecPath } from './diagnostic.ts'

/**
 * The parts of a spec in which something is wrong. What else is wrong in them may come of that; what is wrong in the
 * others is told in the same run.
 */
export class FaultyParts {
  private readonly names: ReadonlySet<string>

  private constructor(names: ReadonlySet<string>) {
    this.names = names
  }

  /** Undefined where a fault is in something that other parts depend on, or is one of a file as a whole. */
  static of(diagnostics: readonly Diagnostic[]): FaultyParts | undefined {
    const names = new Set<string>()
    for (const { severity, at } of diagnostics) {
      if (severity === 'warning') continue
      const part = partOf(at)
      if (part === undefined || !independent.includes(part.section)) return undefined
      names.add(part.name)
    }
    return new FaultyParts(names)
  }

  /** The errors that are in other parts, and about nothing in these. */
  apartFrom(found: readonly Diagnostic[]): readonly Diagnostic[] {
    const isFaulty = (place: Place) => this.names.has(partOf(place)?.name ?? '')
    return found.filter(({ severity, at, related }) => {
      const section = partOf(at)?.section
      return (
        severity === 'error' &&
        section !== undefined &&
        !aboutAll.includes(section) &&
        ![at, ...related.map(({ at }) => at)].some(isFaulty)
      )
    })
  }
}

/**
 * The fields that hold faults of shape, to be left out for the rest to be looked at; undefined where the rest would be
 * another one without them.
 */
export function faultyFields(diagnostics: readonly Diagnostic[]): readonly SpecPath[] | undefined {
  const fields: SpecPath[] = []
  for (const { at } of diagnostics) {
    if (!('path' in at)) return undefined
    const [section, , field] = at.path
    const isEntry = section === 'services' || section === 'external'
    // Without its name or namespace, an entry is not known to the others.
    if (isEntry && (field === undefined || field === 'namespace')) return undefined
    fields.push(at.path.slice(0, isEntry ? 3 : 1))
  }
  return fields
}

/** Sections in which a fault changes nothing for other parts. */
const independent = [
  'services',
  'external',
  'observability',
  'delivery',
  'expect',
  'patches',
  'raw',
  'suppress',
]
/** Sections that are held against all parts, so that a fault in any may be the cause. */
const aboutAll = ['expect', 'patches', 'raw', 'suppress']
/** Sections of entries that each stand for themselves. */
const ofEntries = ['services', 'external', 'gateways', 'namespaces']

/** The part that a place belongs to: an entry, or a whole section. */
function partOf(place: Place): { readonly section: string; readonly name: string } | undefined {
  if (!('path' in place)) return undefined
  const [section, key] = place.path.map(String)
  if (section === undefined) return undefined
  if (!ofEntries.includes(section)) return { section, name: section }
  return key === undefined ? undefined : { section, name: `${section}.${key}` }
}
