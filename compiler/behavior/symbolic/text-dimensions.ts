import type { Condition, TextPart } from './condition.ts'
import { type Atoms, matchesText, type NoAtoms } from './diagrams/atoms.ts'
import { TooManyNodes } from './diagrams/diagram.ts'
import { getPatternText, makePatternKey, type TextPattern } from './diagrams/pattern.ts'
import type { TextDimension, TextTest } from './request-space.ts'

/** A condition on a text of a request, or on a claim of its token. */
export type TextCondition = Condition & { readonly kind: 'text' | 'absent' | 'item' | 'list' }

/** Finds the classes into which patterns cut the texts of a part. */
export type AtomFinder = (part: TextPart, patterns: readonly TextPattern[]) => Atoms | NoAtoms

/** Makes the key of a condition: conditions of one key are one. */
export function makeTestKey(condition: TextCondition): string {
  switch (condition.kind) {
    case 'text':
      return `${condition.part} = ${makePatternKey(condition.pattern)}`
    case 'item':
      return JSON.stringify([condition.part, condition.isDelimited, condition.patterns.map(makePatternKey)])
    default:
      return `${condition.part} ${condition.kind}`
  }
}

/** The largest number of lists that distinguish the conditions on one claim. */
const mostLists = 1024

/**
 * Makes the dimensions of a part of requests. A text has one dimension. A claim has items. Conditions on any of the items are
 * independent, since a list may have an item for each condition, so each has a dimension of its own. Conditions of which one implies
 * another share a dimension.
 */
export function makeTextDimensions(
  part: TextPart,
  conditions: readonly TextCondition[],
  findAtoms: AtomFinder,
): readonly TextDimension[] {
  const itemConditions = conditions.filter(condition => condition.kind === 'item')
  const textConditions = conditions.filter(condition => condition.kind !== 'item')
  const wordConditions = itemConditions.filter(({ isDelimited }) => isDelimited)
  const wholeConditions = itemConditions.filter(({ isDelimited }) => !isDelimited)
  const isReadTwice = wordConditions.length > 0 && wholeConditions.length > 0
  if (isReadTwice && textConditions.length === 0 && itemConditions.every(isOfPlainWords))
    return [makeTwofoldDimension(part, wholeConditions, wordConditions, findAtoms)]
  // Otherwise a text and its words are kept apart, which misses no combination.
  return [
    ...(textConditions.length === 0
      ? makeItemDimensions(part, wholeConditions, findAtoms)
      : [makeTextDimension(part, textConditions, wholeConditions, findAtoms)]),
    ...makeItemDimensions(part, wordConditions, findAtoms),
  ]
}

type ItemCondition = Condition & { readonly kind: 'item' }

const listPatterns = (condition: TextCondition): readonly TextPattern[] =>
  condition.kind === 'text' ? [condition.pattern] : condition.kind === 'item' ? condition.patterns : []

/** Makes the test of a condition that holds for some classes of values. */
const makeTest = (condition: TextCondition, atoms: readonly number[]): TextTest => ({
  key: makeTestKey(condition),
  patterns: listPatterns(condition),
  compares: condition.kind !== 'item' ? 'text' : condition.isDelimited ? 'words' : 'items',
  atoms,
})

/** Finds the classes of texts, and those that the patterns of each condition match. */
function matchAtoms(
  part: TextPart,
  conditions: readonly TextCondition[],
  findAtoms: AtomFinder,
): { readonly witnesses: readonly string[]; readonly matched: readonly (readonly number[])[] } | NoAtoms {
  const patterns = conditions.map(listPatterns)
  const atoms = findAtoms(part, patterns.flat())
  if (!('members' in atoms)) return atoms
  const rest = [...atoms.members]
  return {
    witnesses: atoms.witnesses,
    matched: patterns.map(({ length }) => uniteSorted(rest.splice(0, length))),
  }
}

/** Makes the dimension of a text, or of a claim that some conditions read as a text and others as a list. */
function makeTextDimension(
  part: TextPart,
  textConditions: readonly TextCondition[],
  itemConditions: readonly ItemCondition[],
  findAtoms: AtomFinder,
): TextDimension {
  const isAlwaysThere = part === 'method' || part === 'path'
  const conditions = [...textConditions, ...itemConditions]
  const atoms = matchAtoms(part, conditions, findAtoms)
  if (!('matched' in atoms)) return makeUnknownDimension(part, conditions, atoms)
  const { witnesses } = atoms
  const first = isAlwaysThere ? 0 : 1
  const texts = isAlwaysThere ? witnesses : [undefined, ...witnesses]
  const matched = atoms.matched.map(numbers => numbers.map(atom => atom + first))
  const isOfLists = itemConditions.length > 0 || textConditions.some(({ kind }) => kind === 'list')
  const lists = isOfLists
    ? listLists(matched.slice(textConditions.length), atom => witnesses[atom - first]!)
    : []
  const listAtoms = (isMember: (list: ItemList) => boolean) =>
    lists.flatMap((list, index) => (isMember(list) ? [texts.length + index] : []))
  const tests = conditions.map((condition, index) => {
    const ofTexts = condition.kind === 'absent' ? [0] : matched[index]!
    const ofLists = listAtoms(
      ({ holds }) => condition.kind === 'list' || holds.includes(index - textConditions.length),
    )
    return makeTest(condition, [...ofTexts, ...ofLists])
  })
  const values = [...texts, ...lists.map(({ items }) => items)]
  return { kind: 'text', part, values, tests, withoutAtoms: undefined }
}

/** Makes the dimensions of a claim that conditions read only as a list. A text counts as a list with one item. */
function makeItemDimensions(
  part: TextPart,
  conditions: readonly ItemCondition[],
  findAtoms: AtomFinder,
): readonly TextDimension[] {
  if (conditions.length === 0) return []
  const atoms = matchAtoms(part, conditions, findAtoms)
  if (!('matched' in atoms)) return [makeUnknownDimension(part, conditions, atoms)]
  const { witnesses, matched } = atoms
  return groupDependent(matched, witnesses.length).map(group => {
    const lists = listLists(
      group.map(index => matched[index]!),
      atom => witnesses[atom]!,
      isOnlyFor(group, matched),
    )
    return makeClaimDimension(
      part,
      group.map(index => conditions[index]!),
      lists,
    )
  })
}

/** Makes the dimension of a claim from its values, each with the numbers of the conditions that hold for it. */
const makeClaimDimension = (
  part: TextPart,
  conditions: readonly ItemCondition[],
  claims: readonly ClaimValue[],
): TextDimension => ({
  kind: 'text',
  part,
  values: claims.map(({ items }) => items),
  tests: conditions.map((condition, index) =>
    makeTest(
      condition,
      claims.flatMap(({ holds }, atom) => (holds.includes(index) ? [atom] : [])),
    ),
  ),
  withoutAtoms: undefined,
})

/** Tells whether the beginning and the end of a text, or its only word, decide what its patterns match. */
const isOfPlainWords = ({ patterns }: ItemCondition): boolean =>
  patterns.every(
    pattern =>
      ['exact', 'prefix', 'suffix', 'present'].includes(pattern.match) &&
      !getPatternText(pattern).includes(' '),
  )

/**
 * Makes the dimension of a claim that some conditions read as one text and others as its words. The claim is a list, or a text of two
 * or more words: the patterns of the whole text ask only for its first and its last word.
 */
function makeTwofoldDimension(
  part: TextPart,
  wholeConditions: readonly ItemCondition[],
  wordConditions: readonly ItemCondition[],
  findAtoms: AtomFinder,
): TextDimension {
  const conditions = [...wholeConditions, ...wordConditions]
  const atoms = matchAtoms(part, conditions, findAtoms)
  if (!('matched' in atoms)) return makeUnknownDimension(part, conditions, atoms)
  const letter = findUnusedLetter(conditions.flatMap(({ patterns }) => patterns))
  const words = atoms.witnesses.map(witness => witness.replaceAll(' ', letter))
  const holdsForText = (text: string): readonly number[] => {
    const items = text.split(' ')
    return conditions.flatMap(({ patterns, isDelimited }, index) =>
      (isDelimited ? items : [text]).some(item =>
        patterns.some(pattern => matchesText(pattern, item) === true),
      )
        ? [index]
        : [],
    )
  }
  const lists = listLists(atoms.matched, atom => words[atom]!)
  const claims = new Map<string, ClaimValue>(lists.map(list => [list.holds.join(), list]))
  const outerWords = words.map(word => (word === '' ? letter : word))
  const ends = new Map<string, readonly [first: string, last: string]>()
  for (const first of outerWords)
    for (const last of outerWords) {
      const key = holdsForText(`${first} ${last}`).join()
      if (!ends.has(key)) ends.set(key, [first, last])
    }
  for (const [first, last] of ends.values())
    for (const { items } of lists) {
      const text = [first, ...items, last].join(' ')
      const holds = holdsForText(text)
      const key = holds.join()
      if (!claims.has(key)) claims.set(key, { items: text, holds })
      if (claims.size > mostLists) throw new TooManyNodes()
    }
  return makeClaimDimension(part, conditions, [...claims.values()])
}

/** Finds a letter that is in none of the patterns. */
function findUnusedLetter(patterns: readonly TextPattern[]): string {
  const used = patterns.map(getPatternText).join('').toLowerCase()
  let code = 'a'.charCodeAt(0)
  while (used.includes(String.fromCharCode(code))) code += 1
  return String.fromCharCode(code)
}

/** A dimension about which no condition is known. */
const makeUnknownDimension = (
  part: TextPart,
  conditions: readonly TextCondition[],
  withoutAtoms: NoAtoms,
): TextDimension => ({
  kind: 'text',
  part,
  values: [part === 'method' ? 'GET' : part === 'path' ? '/' : undefined],
  tests: conditions.map(condition => ({ ...makeTest(condition, []), patterns: [] })),
  withoutAtoms,
})

/** A claim that is a text or a list of items, and the numbers of the conditions that hold for it. */
interface ClaimValue {
  readonly items: string | readonly string[]
  readonly holds: readonly number[]
}

interface ItemList extends ClaimValue {
  readonly items: readonly string[]
}

/**
 * Lists one list of items for each set of conditions that hold for some list: for a list hold the conditions that hold for any of
 * its items. The first is empty.
 *
 * @param members the atoms of each condition
 * @param isItem tells whether an item of an atom may be used
 */
function listLists(
  members: readonly (readonly number[])[],
  getWitness: (atom: number) => string,
  isItem: (atom: number) => boolean = () => true,
): readonly ItemList[] {
  const holdsFor = new Map<number, number[]>()
  for (const [condition, atoms] of members.entries())
    for (const atom of atoms) if (isItem(atom)) holdsFor.set(atom, [...(holdsFor.get(atom) ?? []), condition])
  const lists = new Map<string, ItemList>([['', { items: [], holds: [] }]])
  for (const [atom, conditions] of [...holdsFor].sort(([a], [b]) => a - b)) {
    for (const { items, holds } of [...lists.values()]) {
      const united = uniteSorted([holds, conditions])
      const key = united.join()
      if (!lists.has(key)) lists.set(key, { items: [...items, getWitness(atom)], holds: united })
    }
    if (lists.size > mostLists) throw new TooManyNodes()
  }
  return [...lists.values()]
}

/**
 * Groups conditions such that conditions of different groups are independent. A condition with an atom of its own depends on no other
 * condition. A condition without one shares a group with all conditions with which it shares an atom.
 */
function groupDependent(
  members: readonly (readonly number[])[],
  atomCount: number,
): readonly (readonly number[])[] {
  const conditionsAt: number[][] = Array.from({ length: atomCount }, () => [])
  for (const [condition, atoms] of members.entries())
    for (const atom of atoms) conditionsAt[atom]!.push(condition)
  const groups = members.map((_, condition) => new Set([condition]))
  for (const [condition, atoms] of members.entries()) {
    if (atoms.some(atom => conditionsAt[atom]!.length === 1)) continue
    for (const neighbour of atoms.flatMap(atom => conditionsAt[atom]!)) {
      const [group, joining] = [groups[condition]!, groups[neighbour]!]
      if (group === joining) continue
      for (const each of joining) {
        group.add(each)
        groups[each] = group
      }
    }
  }
  return [...new Set(groups)].map(group => [...group].sort((a, b) => a - b))
}

/** Tells whether only conditions of a group hold for the items of an atom. */
function isOnlyFor(
  group: readonly number[],
  members: readonly (readonly number[])[],
): (atom: number) => boolean {
  const others = new Set(members.flatMap((atoms, index) => (group.includes(index) ? [] : atoms)))
  return atom => !others.has(atom)
}

const uniteSorted = (lists: readonly (readonly number[])[]): readonly number[] =>
  lists.length === 1 ? lists[0]! : [...new Set(lists.flat())].sort((a, b) => a - b)
