import { memo } from '../basics/memo.ts'
import { weakMemo, weakMemoOfPair } from '../basics/weak-memo.ts'
import type { SpecPath } from '../diagnostics/diagnostic.ts'
import type { SourceMapEntry } from '../emit/print.ts'
import { type Decision, decisions } from '../mesh/decisions.ts'
import { isMap } from '../source/document.ts'
import type { Definition, Layers } from '../source/layers.ts'
import { printSpecPath } from './paths.ts'

/** A reason for a value: a place of the spec, or a decision of meshc. */
export type Reason = SpecReason | DecisionReason

export interface SpecReason {
  readonly kind: 'spec'
  readonly path: SpecPath
  /** The definitions that set it, the winner first, then those that are overridden. */
  readonly definitions: readonly Definition[]
}

export interface DecisionReason {
  readonly kind: 'default' | 'policy'
  readonly name: Decision
  readonly summary: string
  /** The field of the spec that would set something else. */
  readonly set: string | undefined
}

/** A scalar, and its reasons, the nearest first. */
export interface Explained {
  readonly entry: SourceMapEntry
  readonly reasons: readonly Reason[]
}

/** Scalars of one object, each with the reasons of its own, and the reasons that every scalar of the object has. */
export interface ExplainedPart {
  readonly scalars: readonly Explained[]
  /** The reasons why the object is there. */
  readonly shared: readonly Reason[]
}

/**
 * Explains scalars of one object.
 * @param object every scalar of the object, to distinguish the reasons of all scalars from those of each
 */
export function explainPart(
  entries: readonly SourceMapEntry[],
  object: readonly SourceMapEntry[],
  layers: Layers,
): ExplainedPart {
  const shared = findSharedOrigins(object)
  // Many scalars of an object have the same list of origins.
  const listOwnReasons = memo((origins: SourceMapEntry['origins']) => {
    const ownOrigins = origins.filter(origin => !shared.has(getOriginKey(origin)))
    // Such a value is as it is only because its object is there: its name, say.
    return listReasons(ownOrigins.length === 0 ? origins : ownOrigins, { origins }, layers)
  })
  const first = object[0]
  return {
    scalars: entries.map((entry): Explained => ({ entry, reasons: listOwnReasons(entry.origins) })),
    shared: first === undefined ? [] : listReasons([...shared.values()], first, layers),
  }
}

/** Finds the origins that all scalars of an object have, by their keys. */
function findSharedOrigins(object: readonly SourceMapEntry[]): ReadonlyMap<string, SpecPath | Decision> {
  let previous = object[0]?.origins ?? []
  const shared = new Map(previous.map(origin => [getOriginKey(origin), origin]))
  for (const { origins } of object) {
    if (shared.size === 0) break
    if (origins === previous) continue
    previous = origins
    const keys = new Set(origins.map(getOriginKey))
    for (const key of shared.keys()) if (!keys.has(key)) shared.delete(key)
  }
  return shared
}

/** The reasons for some origins, without repetition. */
export function listReasons(
  origins: SourceMapEntry['origins'],
  { origins: around }: Pick<SourceMapEntry, 'origins'>,
  layers: Layers,
): readonly Reason[] {
  const distinct = new Map(origins.map(origin => [getOriginKey(origin), origin]))
  return [...distinct.values()].flatMap((origin): readonly Reason[] =>
    typeof origin === 'string'
      ? [findDecisionReason(origin, around), ...nullsBefore(origin, around, layers)]
      : [findSpecReason(origin, layers)],
  )
}

/** The nulls that make a default apply: at the field that sets it, or at the own setting of a part of the mesh. */
function nullsBefore(
  name: Decision,
  around: SourceMapEntry['origins'],
  layers: Layers,
): readonly SpecReason[] {
  const { set } = decisions[name]
  if (set === undefined) return []
  const [section, ...field] = set.split('.')
  const places =
    section === 'defaults' || field[0] === '<name>'
      ? around.filter(
          (origin): origin is SpecPath =>
            typeof origin !== 'string' &&
            origin.length > 1 &&
            (section === 'defaults' ? ['services', 'external'] : [section]).includes(String(origin[0])),
        )
      : []
  const below = field[0] === '<name>' ? field.slice(1) : field
  const paths = [
    ...places.map(place => [...place.slice(0, 2), ...below]),
    ...(field[0] === '<name>' ? [] : [[section!, ...field]]),
  ]
  const distinct = new Map(paths.map(path => [getOriginKey(path), path]))
  return [...distinct.values()]
    .filter(path => layers.definitionsOf(path)[0]?.value === null)
    .map(path => findSpecReason(path, layers))
}

/** A place of the spec as a reason. A map makes something by its name, and is pointed at by its key. */
export const findSpecReason = (path: SpecPath, layers: Layers): SpecReason => specReasons(layers, path)

/** The reasons of a spec: thousands of values have the same path as an origin. */
const specReasons = weakMemoOfPair(makeSpecReason)

function makeSpecReason(layers: Layers, path: SpecPath): SpecReason {
  let definitions: readonly Definition[] | undefined
  return {
    kind: 'spec',
    path,
    // A place is looked for in the text, and of many reasons some are only counted.
    get definitions() {
      definitions ??= layers.definitionsOf(path).map(definition =>
        isMap(definition.value)
          ? {
              ...definition,
              ...layers.locationOf({ path: definition.path, part: 'key', file: definition.file }),
            }
          : definition,
      )
      return definitions
    },
  }
}

/** @param around the other origins of the value, which give the names in the field's path */
export function findDecisionReason(name: Decision, around: SourceMapEntry['origins']): DecisionReason {
  const { summary, set } = decisions[name]
  return {
    kind: set === undefined ? 'policy' : 'default',
    name,
    summary,
    set: set === undefined ? undefined : nameSettingAround(set, around),
  }
}

/** `services.<name>.traffic` with the name of the service that it is about, where that is known. */
function nameSettingAround(set: string, around: SourceMapEntry['origins']): string {
  const [section, ...rest] = set.split('.')
  const place = around.find(
    origin => typeof origin !== 'string' && origin[0] === section && origin.length > 1,
  )
  if (place === undefined || rest[0] !== '<name>') return set
  return printSpecPath([section!, ...(place as SpecPath).slice(1, 2), ...rest.slice(1)]).replaceAll(
    /\["(<[a-z]+>)"\]/g,
    '.$1',
  )
}

const getOriginKey = (origin: SpecPath | Decision): string =>
  typeof origin === 'string' ? origin : getPathKey(origin)

/** The key of a path: the scalars of an object share the paths of their origins. */
const getPathKey = weakMemo((path: SpecPath) => JSON.stringify(path))
