import { TypedFastBitSet } from 'typedfastbitset'
import { groupBy } from '../../basics/group-by.ts'
import { memo } from '../../basics/memo.ts'
import { weakMemo } from '../../basics/weak-memo.ts'
import { unnamedClient } from '../client-certificate.ts'
import type { Region } from '../symbolic/diagrams/diagram.ts'
import { numberLists } from '../symbolic/diagrams/number-lists.ts'
import type { TextPattern } from '../symbolic/diagrams/pattern.ts'
import type { Dimension, TextDimension } from '../symbolic/request-space.ts'
import {
  claimSeparator,
  type PresentToken,
  printAddress,
  printAddressBlock,
  type TokenForm,
} from '../symbolic/token-forms.ts'
import type { RegionCondition, RequestRegion } from './difference.ts'

/** A part of the space in the words of the manifests, as few as will do. */
export function makeRequestRegion(region: Region, dimensions: readonly Dimension[]): RequestRegion {
  return [...region]
    .filter(([index, atoms]) => atoms.length < getSize(dimensions[index]!))
    .map(([index, atoms]) => describedAtoms(dimensions[index]!, atoms))
}

/** The conditions on a dimension that were described already: regions of one change have most of theirs in common. */
const indexConditions = weakMemo((_: Dimension) => new Map<string, RegionCondition>())

function describedAtoms(dimension: Dimension, atoms: readonly number[]): RegionCondition {
  const conditions = indexConditions(dimension)
  const key = atoms.join()
  const condition = conditions.get(key) ?? describeAtoms(dimension, atoms)
  conditions.set(key, condition)
  return condition
}

const getSize = (dimension: Dimension) =>
  dimension.kind === 'text' ? dimension.values.length : dimension.forms.length

function describeAtoms(dimension: Dimension, atoms: readonly number[]): RegionCondition {
  switch (dimension.kind) {
    case 'authorizer':
      return {
        part: `authorizer ${dimension.authorizer}`,
        says: atoms.map(atom => dimension.forms[atom]!).join(', '),
        examples: atoms.map(atom => dimension.forms[atom]),
        classes: [],
      }
    case 'certificate': {
      const names = atoms.map(atom => dimension.forms[atom])
      return {
        part: 'certificate',
        says: names.map(name => (name === unnamedClient ? 'another name' : (name ?? 'none'))).join(', '),
        examples: names,
        classes: [],
      }
    }
    case 'address': {
      const examples = atoms.map(atom => printAddress(dimension.forms[atom]!))
      return {
        part: 'address',
        says: describeAddresses(dimension, atoms),
        examples,
        classes: dimension.blocks,
      }
    }
    case 'token': {
      const wanted = new Set(atoms)
      const examples = dimension.all.flatMap(({ form, atom }) =>
        wanted.has(atom) ? [describeToken(form)] : [],
      )
      return { part: 'token', says: describeTokens(dimension, wanted), examples, classes: [] }
    }
    case 'text': {
      const examples = atoms.map(atom => dimension.values[atom])
      return {
        part: dimension.part.replaceAll(claimSeparator, '.'),
        says: describeText(dimension, atoms),
        examples,
        classes: dimension.tests,
      }
    }
  }
}

/** The whole of some addresses by blocks. */
function describeAddresses(
  { forms, blocks }: Dimension & { kind: 'address' },
  atoms: readonly number[],
): string {
  const wanted = new Set(atoms)
  const members = blocks.map(({ first, last }) =>
    forms.flatMap((address, atom) => (address >= first && address <= last ? [atom] : [])),
  )
  const words = blocks.map(printAddressBlock)
  const rest = forms.flatMap((_, atom) => (wanted.has(atom) ? [] : [atom]))
  const { cover, exceptCover } = findShorterCover(atoms, rest, members, words)
  if (cover !== undefined) return shortenWords(cover)
  if (exceptCover !== undefined) return `any except ${shortenWords(exceptCover)}`
  return shortenWords(atoms.map(atom => `like ${printAddress(forms[atom]!)}`))
}

/** Describes a set of tokens: whole issuers if possible, else properties of their tokens. */
function describeTokens({ all }: Dimension & { kind: 'token' }, atoms: ReadonlySet<number>): string {
  const words = groupTokens(all.map(({ form, atom }) => ({ form, isWanted: atoms.has(atom) })))
  const others = groupTokens(all.map(({ form, atom }) => ({ form, isWanted: !atoms.has(atom) })))
  if (others.length >= words.length) return words.join(' or ')
  return others.length === 1 && others[0] === 'none' ? 'any' : `any or none, except ${others.join(' or ')}`
}

function groupTokens(
  all: readonly { readonly form: TokenForm; readonly isWanted: boolean }[],
): readonly string[] {
  const present = all.flatMap(({ form, isWanted }) => (form === undefined ? [] : [{ form, isWanted }]))
  const collapsed = (
    group: readonly (typeof present)[number][],
    by: readonly ((form: PresentToken) => string)[],
    parentWords: string,
  ): readonly string[] => {
    if (group.every(({ isWanted }) => isWanted)) return [parentWords]
    const [first, ...others] = by
    if (first === undefined || !group.some(({ isWanted }) => isWanted)) return []
    const parts = groupBy(group, ({ form }) => [first(form)])
    return [...parts].flatMap(([words, part]) => collapsed(part, others, `${parentWords} ${words}`))
  }
  const groups = collapsed(present, tokenQualities, 'one').map(parentWords =>
    parentWords === 'one' ? 'any' : parentWords.slice('one '.length),
  )
  return all.some(({ form, isWanted }) => form === undefined && isWanted) ? ['none', ...groups] : groups
}

/** The distinguishing properties of a token, in this order. */
const tokenQualities: readonly ((form: PresentToken) => string)[] = [
  ({ issuer }) => `of ${issuer}`,
  ({ isValid }) => (isValid ? 'that is valid' : 'that is not valid'),
  ({ place }) => `in ${place.name}`,
]

function describeToken(form: TokenForm): string {
  if (form === undefined) return 'none'
  const quality = form.isValid ? '' : 'invalid, '
  const place = form.place.name === 'authorization' ? '' : ` in ${form.place.name}`
  return `${quality}of ${form.issuer}${place}`
}

/** The whole of some atoms by patterns: one, one without others, several, or all but some. */
function describeText(dimension: TextDimension, atoms: readonly number[]): string {
  const { values } = dimension
  const tests = dimension.tests.filter(({ patterns }) => patterns.length > 0)
  const members = tests.map(({ atoms }) => atoms)
  const wanted = new Set(atoms)
  const hasAbsent = values[0] === undefined
  if (hasAbsent && atoms.length === 1 && atoms[0] === 0) return 'absent'
  const isListed = dimension.part === 'method'
  if (isListed && atoms.length <= 4 && atoms.every(atom => isNamed(dimension, atom)))
    return atoms.map(atom => values[atom]).join(', ')
  const rest = values.flatMap((_, atom) => (wanted.has(atom) ? [] : [atom]))
  const present = hasAbsent && wanted.has(0) ? atoms.filter(atom => atom !== 0) : atoms
  const words = tests.map(({ patterns }) => patterns.map(describePattern).join(', '))
  const isOfItems = tests.every(({ compares }) => compares !== 'text')
  const prefix = hasAbsent && wanted.has(0) ? 'absent, ' : ''
  const { cover, exceptCover } = findShorterCover(
    present,
    rest.filter(atom => !hasAbsent || atom !== 0),
    members,
    words,
  )
  const isAbsentOut = hasAbsent && !wanted.has(0)
  const except =
    exceptCover === undefined
      ? undefined
      : isOfItems
        ? `without ${exceptCover.join(', ')}`
        : `any${isAbsentOut ? ' value' : ''} except ${exceptCover.join(', ')}`
  if (isAbsentOut && rest.length === 1) return 'present'
  if (cover !== undefined) return prefix + shortenWords(cover)
  return except ?? prefix + shortenWords(present.map(atom => describeExample(values[atom])))
}

const describeExample = (value: TextDimension['values'][number]): string =>
  typeof value === 'object' ? `a list like \`${value.join('`, `')}\`` : `like \`${value ?? ''}\``

/** Tells whether some pattern is equal to a value. */
const isNamed = ({ tests }: TextDimension, atom: number): boolean =>
  tests.some(({ patterns, atoms }) => patterns.some(({ match }) => match === 'exact') && atoms.includes(atom))

/**
 * Finds the cover of some atoms, or that of the rest if it has fewer names. A search ends once its cover cannot be the result: of
 * thousands of atoms, one or the other is often a few.
 */
function findShorterCover(
  atoms: readonly number[],
  rest: readonly number[],
  members: readonly (readonly number[])[],
  names: readonly string[],
): { readonly cover: readonly string[] | undefined; readonly exceptCover: readonly string[] | undefined } {
  if (atoms.length <= rest.length) {
    const cover = findCover(atoms, members, names)
    const exceptCover = findCover(rest, members, names, cover === undefined ? undefined : cover.length - 1)
    return { cover: exceptCover === undefined ? cover : undefined, exceptCover }
  }
  const exceptCover = findCover(rest, members, names)
  const cover = findCover(atoms, members, names, exceptCover?.length)
  return { cover, exceptCover: cover === undefined ? exceptCover : undefined }
}

/**
 * The names of sets, each possibly with exclusions, whose union is exactly these atoms. The greedy cover is small. Undefined if there
 * is no cover of at most `mostNames`.
 */
function findCover(
  atoms: readonly number[],
  members: readonly (readonly number[])[],
  names: readonly string[],
  mostNames = Number.POSITIVE_INFINITY,
): readonly string[] | undefined {
  const wanted = new TypedFastBitSet(atoms)
  const open = wanted.clone()
  const sets = bitSets(members)
  const inside = sets.flatMap((set, index) => (set.intersects(wanted) ? [{ set, index }] : []))
  const findExceptions = memo((index: number) =>
    findExactCover(sets[index]!.new_difference(wanted), sets, index),
  )
  const words: string[] = []
  while (!open.isEmpty()) {
    if (words.length >= mostNames) return undefined
    const best = inside
      .map(({ set, index }) => ({ set, index, gained: set.intersection_size(open) }))
      .filter(({ gained }) => gained > 0)
      .flatMap(({ set, index, gained }) => {
        const exceptions = findExceptions(index)
        return exceptions === undefined ? [] : [{ set, index, gained, exceptions }]
      })
      .sort((a, b) => b.gained - a.gained || a.exceptions.length - b.exceptions.length)[0]
    if (best === undefined) return undefined
    open.difference(best.set)
    const without = best.exceptions.map(index => names[index]!).join(', ')
    words.push(names[best.index]! + (without === '' ? '' : ` except ${without}`))
  }
  return words.length > mostNames ? undefined : words
}

/** The indexes of sets inside another set whose union is exactly these atoms of it. */
function findExactCover(
  atoms: TypedFastBitSet,
  sets: readonly TypedFastBitSet[],
  around: number,
): readonly number[] | undefined {
  if (atoms.isEmpty()) return []
  const whole = sets[around]!
  const parts = sets
    .map((set, index) => ({ part: set.new_intersection(whole), index }))
    .filter(({ part, index }) => index !== around && part.difference_size(atoms) === 0)
  const open = atoms.clone()
  const cover: number[] = []
  while (!open.isEmpty()) {
    const best = parts
      .map(({ part, index }) => ({ part, index, gained: part.intersection_size(open) }))
      .sort((a, b) => b.gained - a.gained)[0]
    if (best === undefined || best.gained === 0) return undefined
    open.difference(best.part)
    cover.push(best.index)
  }
  return cover
}

const bitSets = weakMemo((members: readonly (readonly number[])[]) =>
  members.map(atoms => new TypedFastBitSet(atoms)),
)

/** A pattern as people write it. */
function describePattern(pattern: TextPattern): string {
  switch (pattern.match) {
    case 'present':
      return 'present'
    case 'exact':
      return pattern.value === '' ? 'empty' : pattern.value
    case 'prefix':
      return `${pattern.value}*`
    case 'suffix':
      return `*${pattern.value}`
    case 'regex':
      return `~${pattern.value}`
    case 'template':
      return pattern.value
    case 'rewritten': {
      const { from, to, takes, pattern: inner } = pattern
      if (
        takes === 'beginning' &&
        (inner.match === 'exact' || inner.match === 'prefix') &&
        inner.value.startsWith(to)
      )
        return describePattern({ match: inner.match, value: from + inner.value.slice(to.length) })
      return `${from}* that becomes ${describePattern(inner)}`
    }
  }
}

function shortenWords(words: readonly string[]): string {
  return words.length <= 6 ? words.join(', ') : `${words.slice(0, 5).join(', ')} and ${words.length - 5} more`
}

/** Regions that differ in one dimension only become one, as long as there are any. */
export function mergeRegions(regions: readonly Region[]): readonly Region[] {
  const getNumber = numberLists()
  let merged = [...regions]
  for (let again = true; again; ) {
    again = false
    const dimensions = new Set(merged.flatMap(region => [...region.keys()]))
    for (const dimension of dimensions) {
      const groups = new Map<string, Region[]>()
      for (const region of merged) {
        let key = region.has(dimension) ? '' : 'whole'
        for (const [index, atoms] of region) if (index !== dimension) key += ` ${index}:${getNumber(atoms)}`
        const group = groups.get(key)
        if (group === undefined) groups.set(key, [region])
        else group.push(region)
      }
      const next = [...groups.values()].map(group => {
        if (group.length === 1) return group[0]!
        again = true
        const atoms = [...new Set(group.flatMap(region => region.get(dimension) ?? []))].sort((a, b) => a - b)
        return new Map([...group[0]!, [dimension, atoms]])
      })
      merged = next
    }
  }
  return merged
}
