import { namedSections, topicsOfFields } from '../../schema/generated/field-facts.ts'
import type { Diagnostic, Place, SpecPath } from './diagnostic.ts'

/** A part of a spec that is not known, since something in it is wrong or could not be read. */
export interface Gap {
  /** The unknown value with everything in it; the empty path is the whole spec. */
  readonly path: SpecPath
  /** True if it is a map with known entries, which may have further, unknown entries. */
  readonly isOfNames?: boolean
}

/**
 * Lists the other paths that a finding depends on, in addition to its place: paths such as `istio.namespace`, in the form of
 * definitions.
 */
type ReadsOf = (code: string) => readonly string[]

/**
 * The faulty parts of a spec. Another fault in them, or in parts that depend on them, may be a consequence; the same run reports all
 * other faults.
 */
export class FaultyParts {
  private readonly gaps: readonly Gap[]
  private readonly readsOf: ReadsOf
  private readonly byPart = new Map<string, SpecPath[]>()
  private readonly doubtful = new Map<string, boolean>()

  constructor(gaps: readonly Gap[], readsOf: ReadsOf) {
    this.gaps = gaps
    this.readsOf = readsOf
    for (const { path, isOfNames } of gaps) {
      if (isOfNames === true) continue
      const part = getPartName(path)
      const here = this.byPart.get(part)
      if (here === undefined) this.byPart.set(part, [path])
      else here.push(path)
    }
  }

  /** The errors that nothing of these parts can be the cause of. */
  apartFrom(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
    if (this.byPart.has('')) return []
    return diagnostics.filter(
      ({ code, severity, at, related }) =>
        severity === 'error' &&
        !this.isDoubtful(code) &&
        ![at, ...related.map(({ at }) => at)].some(place => this.isFaulty(place)),
    )
  }

  /** Tells whether the parts that findings of a code depend on are not known. */
  private isDoubtful(code: string): boolean {
    const doubtful = this.doubtful.get(code)
    if (doubtful !== undefined) return doubtful
    const isDoubtful = this.readsOf(code).some(read => this.gaps.some(gap => isRead(read.split('.'), gap)))
    this.doubtful.set(code, isDoubtful)
    return isDoubtful
  }

  private isFaulty(place: Place): boolean {
    if (!('path' in place)) return true
    const { path } = place
    // An unknown key at the top may be a misspelling of a section that the spec lacks.
    if (path.length === 0) return this.gaps.some(({ path }) => path.length === 1)
    const section = String(path[0])
    const faulty = [...(this.byPart.get(section) ?? []), ...(this.byPart.get(getPartName(path)) ?? [])]
    return faulty.some(faultyPath => areTogether(path, faultyPath))
  }
}

/** Tells whether two values of one part affect each other. */
function areTogether(a: SpecPath, b: SpecPath): boolean {
  const section = String(a[0])
  const topics = topicsOfFields.get(section)
  if (topics === undefined) return true
  const depth = namedSections.includes(section) ? 2 : 1
  const [first, second] = [String(a[depth]), String(b[depth])]
  if (first === second) return true
  const [ofFirst, ofSecond] = [topics.get(first), topics.get(second)]
  if (ofFirst === undefined || ofSecond === undefined) return true
  return ofFirst.some(topic => ofSecond.includes(topic))
}

/** The part that a path leads to: an entry, or a whole section. */
function getPartName(path: SpecPath): string {
  const [section = '', key] = path.map(String)
  return namedSections.includes(section) && key !== undefined ? `${section}.${key}` : section
}

/**
 * Tells whether the parts that a finding depends on may be in a gap. `*` is every name. At the end of a path, it means only the
 * names: `services.*` is the set of services.
 */
function isRead(read: readonly string[], { path }: Gap): boolean {
  const isOfKeys = read.at(-1) === '*'
  if (isOfKeys && path.length >= read.length) return false
  const common = Math.min(read.length, path.length)
  for (let index = 0; index < common; index++)
    if (read[index] !== '*' && read[index] !== String(path[index])) return false
  return true
}
