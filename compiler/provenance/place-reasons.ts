import { weakMemo } from '../basics/weak-memo.ts'
import type { SpecPath } from '../diagnostics/diagnostic.ts'
import { isPathWithin } from '../diagnostics/is-path-within.ts'
import type { SourceMapEntry } from '../emit/print.ts'
import type { Definition, Layers } from '../source/layers.ts'
import { explainPart, type Reason } from './reasons.ts'

/** The line of the spec that decides a part of a manifest, or the name of a decision of meshc; neither if no text has it. */
interface PlaceReason {
  readonly spec?: { readonly file: string; readonly line: number }
  readonly decision?: string
}

/** A line of a manifest, and its reason. */
export interface Place extends PlaceReason {
  readonly file: string
  readonly line: number
}

/** The reasons behind the scalars of an object. Reasons of one key count as one. */
export interface ObjectReasons {
  readonly scalars: readonly { readonly path: SpecPath; readonly reasons: readonly KeyedReason[] }[]
  /** The reasons why the object is there. */
  readonly shared: readonly KeyedReason[]
}

export interface KeyedReason {
  readonly key: string
  /** The place, found on demand; undefined: no text sets it. */
  readonly reason: PlaceReason | undefined
}

/**
 * Makes the function that lists the reasons behind an object from every scalar of the object.
 *
 * @param findLine finds the line of a definition, from 1; undefined: its text is not at hand
 */
export function makeObjectExplainer(
  layers: Layers,
  findLine: (definition: Definition) => number | undefined,
): (entries: readonly SourceMapEntry[]) => ObjectReasons {
  // Thousands of scalars share a reason, and many of them the whole list.
  const shorten = weakMemo(
    (reason: Reason): KeyedReason =>
      reason.kind === 'spec'
        ? {
            key: `spec ${reason.path.join('.')}`,
            get reason() {
              const [definition] = reason.definitions
              if (definition === undefined) return undefined
              const line = findLine(definition)
              return line === undefined ? {} : { spec: { file: definition.file, line } }
            },
          }
        : { key: reason.name, reason: { decision: reason.name } },
  )
  const shortenList = weakMemo((reasons: readonly Reason[]) => reasons.map(shorten))
  return entries => {
    const { scalars, shared } = explainPart(entries, entries, layers)
    return {
      scalars: scalars.map(({ entry, reasons }) => ({ path: entry.path, reasons: shortenList(reasons) })),
      shared: shortenList(shared),
    }
  }
}

/**
 * Chooses the reason of a part: the place of the spec that decides most values of the part, or a decision of meshc. A part without
 * values has the reason of the part around it.
 */
export function chooseReason({ scalars, shared }: ObjectReasons, path: SpecPath): PlaceReason | undefined {
  const within = (length: number) =>
    scalars.filter(scalar => isPathWithin(scalar.path, path.slice(0, length)))
  let part = within(path.length)
  for (let length = path.length - 1; part.length === 0 && length >= 0; length--) part = within(length)
  const counts = new Map<string, { readonly reason: KeyedReason; count: number }>()
  for (const reason of [...part.flatMap(scalar => scalar.reasons), ...shared]) {
    const count = counts.get(reason.key)
    if (count === undefined) counts.set(reason.key, { reason, count: 1 })
    else count.count++
  }
  const isSpec = ({ key }: KeyedReason) => Number(key.startsWith('spec '))
  const ordered = [...counts.values()].toSorted(
    (a, b) => isSpec(b.reason) - isSpec(a.reason) || b.count - a.count,
  )
  return ordered.find(({ reason }) => reason.reason !== undefined)?.reason.reason
}
