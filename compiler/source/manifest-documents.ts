import {
  boolYaml11Tag,
  constructFromEvents,
  EVENT_DOCUMENT,
  EVENT_POP,
  EVENT_SCALAR,
  type Event,
  FAILSAFE_SCHEMA,
  floatCoreTag,
  intCoreTag,
  mergeTag,
  nullCoreTag,
  parseEvents,
  YAMLException,
} from 'js-yaml'
import type { SpecPath } from '../diagnostics/diagnostic.ts'
import { Lines } from '../diagnostics/lines.ts'
import { spansOf } from './spans.ts'

/** A document of a file of manifests, and where its parts stand. */
export interface ManifestDocument {
  readonly value: unknown
  readonly file: string
  /** Where it begins, counted from 1. */
  readonly line: number
  /** The line of a part, or of the nearest part around it that is written down. */
  lineOf(path: SpecPath): number
}

/** The documents of a text, or why it is no YAML and where. */
export type ManifestDocuments =
  | { readonly documents: readonly ManifestDocument[] }
  | { readonly fault: { readonly line: number; readonly column: number; readonly reason: string } }

/**
 * YAML as kubectl reads it: several documents, merge keys, and `yes` is true; an empty document is none.
 * See https://pkg.go.dev/sigs.k8s.io/yaml
 */
export function manifestDocuments(file: string, text: string): ManifestDocuments {
  const lines = new Lines(text)
  try {
    const events = parseEvents(text, { maxDepth: 100 })
    const documents = documentsIn(events)
    const values = constructFromEvents(events, { source: text, schema })
    return {
      documents: values.flatMap((value, index): readonly ManifestDocument[] => {
        const own = documents[index]
        if (value === null || value === undefined || own === undefined) return []
        let known: ReturnType<typeof spansOf> | undefined
        const spans = () => {
          known ??= spansOf(text, own)
          return known
        }
        const lineOf = (path: SpecPath) => {
          const written = path.findLastIndex(
            (_, index) => spans().entryAt(path.slice(0, index + 1)) !== undefined,
          )
          return lines.positionOf(spans().spanOf(path.slice(0, written + 1), 'key').start).line
        }
        return [{ value, file, line: lines.positionOf(startOf(own)).line, lineOf }]
      }),
    }
  } catch (error) {
    if (!(error instanceof YAMLException)) throw error
    return { fault: { ...lines.positionOf(error.mark?.position ?? 0), reason: error.reason } }
  }
}

const schema = FAILSAFE_SCHEMA.withTags(nullCoreTag, boolYaml11Tag, intCoreTag, floatCoreTag, mergeTag)

/** The events of each document, from the one that opens it to the one that closes it. */
function documentsIn(events: readonly Event[]): readonly (readonly Event[])[] {
  const starts = events.flatMap(({ type }, index) => (type === EVENT_DOCUMENT ? [index] : []))
  return starts.map((start, index) => events.slice(start, starts[index + 1]))
}

function startOf([, first]: readonly Event[]): number {
  if (first === undefined || first.type === EVENT_POP) return 0
  if (first.type === EVENT_SCALAR) return Math.max(first.valueStart, 0)
  return 'start' in first ? first.start : 0
}
