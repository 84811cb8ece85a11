import {
  boolYaml11Tag,
  constructFromEvents,
  EVENT_DOCUMENT,
  EVENT_POP,
  EVENT_SCALAR,
  type Event,
  FAILSAFE_SCHEMA,
  floatCoreTag,
  getScalarValue,
  intCoreTag,
  mergeTag,
  nullCoreTag,
  parseEvents,
  SCALAR_STYLE_PLAIN,
  YAMLException,
} from 'js-yaml'
import type { SpecPath } from '../diagnostics/diagnostic.ts'
import { Lines } from '../diagnostics/lines.ts'
import { deepestNesting, findExceededAlias, findExceededSize, isBroken } from './bounds.ts'
import { indexSpans } from './spans.ts'

/** A document of a manifest file, and the positions of its parts. */
export interface ManifestDocument {
  readonly value: unknown
  readonly file: string
  /** The first line, counted from 1. */
  readonly line: number
  /** The line of a part, or of the nearest part around it that is written down. */
  lineOf(path: SpecPath): number
}

/** The documents of a text, or why they cannot be read and where; `reason` is a sentence without a full stop. */
type ManifestDocuments =
  | { readonly documents: readonly ManifestDocument[] }
  | { readonly fault: { readonly line: number; readonly column: number; readonly reason: string } }

/**
 * Parses YAML like kubectl: several documents, merge keys, and `yes` is true; an empty document is skipped. The bounds are those of
 * specs. A number or text that JSON cannot represent is a fault, since kubectl sends JSON. See https://pkg.go.dev/sigs.k8s.io/yaml
 */
export function readManifestDocuments(file: string, text: string): ManifestDocuments {
  const beyond = findExceededSize(text)
  if (beyond !== undefined) return faultAt({ line: 1, column: 1 }, `this file is larger than ${beyond}`)
  const lines = new Lines(text)
  try {
    const events = parseEvents(text, { maxDepth: deepestNesting })
    const alias = findExceededAlias(text, events)
    if (alias !== undefined)
      return faultAt(lines.positionOf(alias.span.start), `this file has ${alias.excess}`)
    const strange = events.find(
      (event): event is ScalarEvent => event.type === EVENT_SCALAR && !isJson(event, text),
    )
    if (strange !== undefined)
      return faultAt(lines.positionOf(strange.valueStart), 'JSON has no such number or text')
    const documents = documentsIn(events)
    // Keys that are merged are values of aliases, which are counted already.
    const values = constructFromEvents(events, {
      source: text,
      schema: manifestSchema,
      maxTotalMergeKeys: -1,
    })
    return {
      documents: values.flatMap((value, index): readonly ManifestDocument[] => {
        const document = documents[index]
        if (value === null || value === undefined || document === undefined) return []
        let indexed: ReturnType<typeof indexSpans> | undefined
        const spans = () => {
          indexed ??= indexSpans(text, document)
          return indexed
        }
        const getLine = (path: SpecPath) => {
          const written = path.findLastIndex(
            (_, index) => spans().entryAt(path.slice(0, index + 1)) !== undefined,
          )
          return lines.positionOf(spans().spanOf(path.slice(0, written + 1), 'key').start).line
        }
        return [{ value, file, line: lines.positionOf(getStart(document)).line, lineOf: getLine }]
      }),
    }
  } catch (error) {
    if (!(error instanceof YAMLException)) throw error
    return faultAt(lines.positionOf(error.mark?.position ?? 0), `this is no YAML: ${error.reason}`)
  }
}

const faultAt = (
  place: { readonly line: number; readonly column: number },
  reason: string,
): ManifestDocuments => ({ fault: { ...place, reason } })

type ScalarEvent = Extract<Event, { type: typeof EVENT_SCALAR }>

/** Tells whether JSON can say a scalar: it has no infinity, and its text is Unicode. */
function isJson(event: ScalarEvent, text: string): boolean {
  const statedText = event.fast ? text.slice(event.valueStart, event.valueEnd) : getScalarValue(text, event)
  if (isBroken(statedText)) return false
  if (event.style !== SCALAR_STYLE_PLAIN || !mayBeNumber.test(statedText)) return true
  const { value } = manifestSchema.resolveImplicitScalarTag(statedText)
  return typeof value !== 'number' || Number.isFinite(value)
}

/** Begins like a number of YAML, `.inf` and `.nan` among them. */
const mayBeNumber = /^[-+]?\.?[\din]/i

const manifestSchema = FAILSAFE_SCHEMA.withTags(
  nullCoreTag,
  boolYaml11Tag,
  intCoreTag,
  floatCoreTag,
  mergeTag,
)

/** The events of each document, from its opening event to its closing event. */
function documentsIn(events: readonly Event[]): readonly (readonly Event[])[] {
  const starts = events.flatMap(({ type }, index) => (type === EVENT_DOCUMENT ? [index] : []))
  return starts.map((start, index) => events.slice(start, starts[index + 1]))
}

function getStart([, first]: readonly Event[]): number {
  if (first === undefined || first.type === EVENT_POP) return 0
  if (first.type === EVENT_SCALAR) return Math.max(first.valueStart, 0)
  return 'start' in first ? first.start : 0
}
