import type { Place } from '../../../diagnostics/diagnostic.ts'
import type { HeaderOperations } from '../../../mesh/mesh.ts'
import type { SpecNode } from '../../../mesh/sourced.ts'
import { placeAt, placeAtKey } from '../../../mesh/spec-place.ts'
import { findWrittenPlace } from '../../places.ts'
import { findRepeated } from '../../repeated.ts'
import { defineRule } from '../../rule.ts'

/** Envoy applies set, add and remove in its own order, which is not the order of the spec. */
export const headerChanges = defineRule<{ header: string }>(
  {
    code: 'MESH3114',
    severity: 'error',
    summary: 'A header gets only one of `set`, `add` and `remove`',
    message: p => `\`${p.header}\` is changed twice`,
    help: () => 'keep one: `set` replaces what is there already',
  },
  function* (_, report, parts) {
    for (const changes of parts.headerChanges) {
      for (const operations of [changes.request, changes.response]) {
        for (const [change, otherChange] of findRepeated(changesIn(operations), ({ header }) => header)) {
          // Another rule reports a repetition in one list.
          if (change.operation === otherChange.operation) continue
          const related = { at: otherChange.place, message: `\`${otherChange.operation}\` changes it too` }
          yield report(change.place, { header: change.header }, [related])
        }
      }
    }
  },
)

interface Change {
  readonly header: string
  readonly operation: string
  readonly place: Place
}

const changesIn = ({ set, add, remove }: HeaderOperations): readonly Change[] => [
  ...set.map(([header, value]) => ({ header, operation: 'set', place: placeAtKey(getWrittenNode(value)) })),
  ...add.map(([header, value]) => ({ header, operation: 'add', place: placeAtKey(getWrittenNode(value)) })),
  ...remove.map(header => ({
    header: header.value,
    operation: 'remove',
    place: placeAt(getWrittenNode(header)),
  })),
]

const getWrittenNode = (value: Parameters<typeof findWrittenPlace>[0]): SpecNode => findWrittenPlace(value)!
