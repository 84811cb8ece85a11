import type { SpecPath } from '../diagnostics/diagnostic.ts'
import type { SourceMapEntry } from '../emit/print.ts'
import { type Decision, decisions } from '../mesh/decisions.ts'
import { findSideWithout, type SpecEdit } from './spec-edits.ts'

/** Finds the edits that have in one way to do with the reasons of a scalar of a side. */
type Relation = (side: 'before' | 'after', entry: SourceMapEntry) => readonly SpecEdit[]

/** The relations by which edits can be behind scalars, the nearest first. */
export interface EditsBehind {
  /** An edit of a reason. */
  readonly near: readonly Relation[]
  /** An edit of a field that one side does not set, so that it cannot be a reason there. */
  readonly far: readonly Relation[]
  /** True if any of the edits took something out. */
  readonly hasRemovals: boolean
}

/** The edits behind the values of two sides. */
export function makeEditFinder(edits: readonly SpecEdit[]): EditsBehind {
  const trees = { before: getTree(edits, 'before'), after: getTree(edits, 'after') }
  const folders = edits.filter(({ parts }) => parts.before === undefined && parts.after === undefined)
  const absent = { before: absentFrom(edits, 'before'), after: absentFrom(edits, 'after') }
  // A default applies if an existing entry does not set the field.
  const defaulted = (side: 'before' | 'after', { origins }: SourceMapEntry) => {
    const fields = origins.flatMap(origin => (typeof origin === 'string' ? listDefaultPaths(origin) : []))
    if (fields.length === 0) return []
    const isAnyIn =
      (isIt: typeof isSetBy) =>
      ({ part }: PartOfOneSide) =>
        fields.some(field => isIt(part, field))
    const otherSide = side === 'before' ? 'after' : 'before'
    return [...absent[side].filter(isAnyIn(isSetBy)), ...absent[otherSide].filter(isAnyIn(isAround))]
  }
  return {
    hasRemovals: absent.after.length > 0,
    near: [
      // An edit that sets the value itself, or leaves it to a default, is nearer than an edit that is only a reason for the value.
      (side, entry) => [
        ...listSpecOrigins(entry).flatMap(place => editsRound(trees[side], place)),
        ...closest(defaulted(side, entry), entry, part => (entities.includes(part[0]!) ? 2 : 0)),
      ],
      // A list that is a reason as a whole, of which the edit changed an entry.
      (side, entry) => listSpecOrigins(entry).flatMap(place => editsWithin(trees[side], place)),
      // Entries of a list affect each other: an earlier rule can take the requests of a later one.
      (side, entry) =>
        listSpecOrigins(entry).flatMap(place => editsWithin(trees[side], outermostList(place))),
      (_side, { origins }) => (origins.includes('default:delivery-path') ? folders : []),
    ],
    far: [
      (side, entry) => closest(defaulted(side, entry), entry, () => 0),
      // A service-wide setting applies if its parts do not set the field.
      (side, entry) => closest(absent[side], entry, () => 2),
    ],
  }
}

/** The edits behind any of some scalars, in the nearest way in which there is one. */
export function findNearestEdits(
  side: 'before' | 'after',
  entries: readonly SourceMapEntry[],
  relations: readonly Relation[],
): readonly SpecEdit[] {
  for (const relation of relations) {
    const specEdits = entries.flatMap(entry => relation(side, entry))
    if (specEdits.length > 0) return specEdits
  }
  return []
}

/** The edits of the scalar with the nearest ones: the report lists them first. */
export function findFirstEdits(
  side: 'before' | 'after',
  entries: readonly SourceMapEntry[],
  relations: readonly Relation[],
): readonly SpecEdit[] {
  for (const relation of relations) {
    for (const entry of entries) {
      const specEdits = relation(side, entry)
      if (specEdits.length > 0) return specEdits
    }
  }
  return []
}

/** Edits by the parts that they changed on a side. */
interface EditTree {
  readonly edits: SpecEdit[]
  /** The edits of this part, and of all in it. */
  readonly within: SpecEdit[]
  readonly entries: Map<string, EditTree>
}

const emptyTree = (): EditTree => ({ edits: [], within: [], entries: new Map() })

function getTree(edits: readonly SpecEdit[], side: 'before' | 'after'): EditTree {
  const root = emptyTree()
  for (const edit of edits) {
    const part = edit.parts[side]
    if (part === undefined) continue
    let tree = root
    for (const step of part) {
      const key = String(step)
      const entry = tree.entries.get(key) ?? emptyTree()
      tree.entries.set(key, entry)
      entry.within.push(edit)
      tree = entry
    }
    tree.edits.push(edit)
  }
  return root
}

/** The edits of parts that a place is in. */
function editsRound(root: EditTree, place: SpecPath): readonly SpecEdit[] {
  const specEdits: SpecEdit[] = []
  let tree: EditTree | undefined = root
  for (const step of place) {
    tree = tree.entries.get(String(step))
    if (tree === undefined) break
    specEdits.push(...tree.edits)
  }
  return specEdits
}

/** The edits in a list. */
function editsWithin(root: EditTree, list: SpecPath): readonly SpecEdit[] {
  if (list.length < shortestList) return []
  let tree: EditTree | undefined = root
  for (const step of list) tree = tree?.entries.get(String(step))
  return tree?.within ?? []
}

/** Shorter paths lead to a service, a gateway, a section: everything about them has those for a reason. */
const shortestList = 3

function outermostList(path: SpecPath): SpecPath {
  const index = path.findIndex(step => typeof step === 'number')
  return path.slice(0, Math.max(index, 0))
}

/** A part that a side has not, and the edit by which it came or went. */
interface PartOfOneSide {
  readonly edit: SpecEdit
  readonly part: SpecPath
}

const absentFrom = (edits: readonly SpecEdit[], side: 'before' | 'after'): readonly PartOfOneSide[] =>
  edits.flatMap(edit =>
    findSideWithout(edit) === side ? [{ edit, part: (edit.parts.before ?? edit.parts.after)! }] : [],
  )

/** The edits of those parts that share most with a reason of a scalar, and so many steps at least. */
function closest(
  parts: readonly PartOfOneSide[],
  entry: SourceMapEntry,
  least: (part: SpecPath) => number,
): readonly SpecEdit[] {
  const places = listSpecOrigins(entry)
  const shared = parts.map(({ part }) => Math.max(0, ...places.map(place => countSharedSteps(part, place))))
  const most = Math.max(...shared)
  return parts.flatMap(({ edit, part }, index) =>
    shared[index] === most && most >= least(part) ? [edit] : [],
  )
}

/** The sections of a mesh with many entries, by name. */
const entities: readonly (string | number)[] = ['services', 'gateways', 'external', 'namespaces']

/** Counts the common steps with which two paths begin. */
export function countSharedSteps(a: SpecPath, b: SpecPath): number {
  const index = a.findIndex((step, at) => step !== b[at])
  return index === -1 ? a.length : index
}

/** The field that takes the place of a default. */
function listDefaultPaths(decision: Decision): readonly SpecPath[] {
  const { set } = decisions[decision]
  return set === undefined ? [] : [set.split('.')]
}

/** Tells whether a part sets a field, in any place, or encloses it. */
const isSetBy = (part: SpecPath, field: SpecPath) => part.includes(field.at(-1)!) || isAround(part, field)

/** Tells whether a field is in a part; `<name>` matches any name. */
const isAround = (part: SpecPath, field: SpecPath) =>
  part.every((step, index) => field[index] === step || /^</.test(String(field[index])))

const listSpecOrigins = ({ origins }: SourceMapEntry) => origins.filter(origin => typeof origin !== 'string')
