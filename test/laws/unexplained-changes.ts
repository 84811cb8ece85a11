import { groupBy } from '../../compiler/basics/group-by.ts'
import type { SpecPath } from '../../compiler/diagnostics/diagnostic.ts'
import { isPathWithin } from '../../compiler/diagnostics/is-path-within.ts'
import type { SourceMapEntry } from '../../compiler/emit/print.ts'
import type { Mesh } from '../../compiler/mesh/mesh.ts'

/**
 * Describes the sets of services with the same pods, which determine the name of the pods' objects: no single
 * value has this fact.
 */
export const describeSharedPods = ({ services }: Mesh): string =>
  JSON.stringify(services.map(({ samePods }) => samePods.map(({ key }) => key)))

/**
 * Lists the scalars that are in only one of two compilations, and have no changed leaf among their origins.
 * Scalars are identified by their object, place and value; entries of lists may move.
 *
 * Two facts determine the existence of a scalar but are not its origins. Otherwise every rule of a
 * VirtualService would name all rules before it. The first fact: no earlier rule matches its requests
 * literally. The second fact: no earlier rule has a shorter prefix, for which its own prefix would be written
 * as a regular expression.
 *
 * Unit tests depend on all parts of the rules that they test. An additional rule, which names its leaf,
 * changes the order and times of other rules. It is enough that the tests name the leaf on one side.
 *
 * @param leaves the paths at which the two specs differ
 */
export function unexplainedChanges(
  before: readonly SourceMapEntry[],
  after: readonly SourceMapEntry[],
  leaves: readonly SpecPath[],
): readonly string[] {
  const names = new Set(leaves.map(leaf => leaf.join('\n')))
  const isCondition = leaves.some(leaf => leaf.some(step => conditions.includes(step)))
  const objectsBefore = groupBy(before, ({ object }) => [object])
  const objectsAfter = groupBy(after, ({ object }) => [object])
  return [...new Set([...objectsBefore.keys(), ...objectsAfter.keys()])]
    .flatMap(object => {
      const entriesBefore = objectsBefore.get(object) ?? []
      const entriesAfter = objectsAfter.get(object) ?? []
      if (haveSameScalars(entriesBefore, entriesAfter)) return []
      const here = new Side(entriesBefore, names)
      const there = new Side(entriesAfter, names)
      return [
        ...unexplained('gone', here, there, isCondition),
        ...unexplained('new', there, here, isCondition),
      ]
    })
    .sort()
}

/** Checks whether an object has the same values in the same places. */
const haveSameScalars = (before: readonly SourceMapEntry[], after: readonly SourceMapEntry[]): boolean =>
  before.length === after.length &&
  before.every(({ path, value }, index) => {
    const second = after[index]!
    return second.value === value && second.path.length === path.length && isPathWithin(second.path, path)
  })

/** The fields of a route that are conditions on requests. They determine whether later rules get requests. */
const conditions: readonly (string | number)[] = ['paths', 'methods', 'headers', 'withoutHeaders', 'query']

/** An object in one of the two compilations. */
class Side {
  /** The scalars by place and value. */
  readonly scalars = new Map<string, SourceMapEntry[]>()
  /** The number of rules, and of alternatives of their matches, in each VirtualService, by its name. */
  readonly size = new Map<string, number>()
  private readonly rulesNaming = new Set<string>()
  private readonly testsNaming = new Set<string>()
  private readonly leaves: ReadonlySet<string>

  constructor(entries: readonly SourceMapEntry[], leaves: ReadonlySet<string>) {
    this.leaves = leaves
    const parts = new Set<string>()
    for (const entry of entries) {
      const key = `${entry.object} ${getPlace(entry)}: ${JSON.stringify(entry.value)}`
      const alike = this.scalars.get(key)
      if (alike === undefined) this.scalars.set(key, [entry])
      else alike.push(entry)
      if (isTest(entry.object) && this.names(entry)) this.testsNaming.add(entry.object)
      const rule = findRule(entry)
      if (rule === undefined) continue
      if (this.names(entry)) this.rulesNaming.add(rule)
      for (const part of [rule, `${rule} ${entry.path.slice(3, 5).join('.')}`]) {
        if (!parts.has(part)) this.size.set(entry.object, (this.size.get(entry.object) ?? 0) + 1)
        parts.add(part)
      }
    }
  }

  names({ origins }: SourceMapEntry): boolean {
    return origins.some(origin => typeof origin !== 'string' && this.leaves.has(origin.join('\n')))
  }

  /** Checks whether an object has tests that name the leaf. */
  hasNamingTests(object: string): boolean {
    return this.testsNaming.has(object)
  }

  /** Checks whether an entry is in a rule that is not related to the leaf. */
  isInOtherRule(entry: SourceMapEntry): boolean {
    const rule = findRule(entry)
    return rule !== undefined && !this.rulesNaming.has(rule)
  }
}

const isTest = (object: string) => object.startsWith('PromtoolTests/')

const getPlace = ({ path }: SourceMapEntry) =>
  path.map(step => (typeof step === 'number' ? '*' : step)).join('.')

/** Returns the rule of a VirtualService that contains a scalar. */
function findRule({ object, path }: SourceMapEntry): string | undefined {
  const [spec, http, index] = path
  const isRule = object.startsWith('VirtualService/') && spec === 'spec' && http === 'http'
  return isRule ? `${object} ${index}` : undefined
}

function unexplained(word: 'gone' | 'new', here: Side, there: Side, isCondition: boolean): readonly string[] {
  return [...here.scalars].flatMap(([key, entries]) => {
    const changed = entries.length - (there.scalars.get(key)?.length ?? 0)
    if (changed <= 0) return []
    const { object } = entries[0]!
    if (isTest(object) && (here.hasNamingTests(object) || there.hasNamingTests(object))) return []
    const hasLost = isCondition && (there.size.get(object) ?? 0) < (here.size.get(object) ?? 0)
    const isExplained = (entry: SourceMapEntry) =>
      here.names(entry) || (hasLost && here.isInOtherRule(entry)) || there.scalars.has(asExpression(entry))
    return changed > entries.filter(isExplained).length ? [`${word}: ${key}`] : []
  })
}

/** Writes the same prefix as a regular expression. */
function asExpression(entry: SourceMapEntry): string {
  const escaped = String(entry.value).replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
  const place = getPlace(entry).replace(/\.uri\.prefix$/, '.uri.regex')
  return `${entry.object} ${place}: ${JSON.stringify(`${escaped}.*`)}`
}
