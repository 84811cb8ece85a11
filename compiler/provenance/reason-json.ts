import type { PlaceJson } from '../diagnostics/json.ts'
import { indexLines } from '../diagnostics/lines.ts'
import type { Source } from '../diagnostics/source.ts'
import type { Definition } from '../source/layers.ts'
import { printSpecPath } from './paths.ts'
import type { Reason } from './reasons.ts'

/** A reason as `--json` prints it. */
type ReasonJson =
  | ({ readonly kind: 'spec'; readonly path: string } & Partial<DefinitionJson> & {
        readonly overrides: readonly DefinitionJson[]
      })
  | Exclude<Reason, { readonly kind: 'spec' }>

/** The definition of a value: its place, and the value. */
interface DefinitionJson extends PlaceJson {
  readonly value: unknown
}

/** Turns reasons into their JSON form; `sources` are the texts that they point into. */
export function makeReasonConverter(sources: Iterable<Source>): (reason: Reason) => ReasonJson {
  const definitionJson = makeDefinitionConverter(sources)
  return reason => {
    if (reason.kind !== 'spec') return reason
    const [winner, ...losers] = reason.definitions
    return {
      kind: 'spec',
      path: printSpecPath(reason.path),
      ...(winner !== undefined && definitionJson(winner)),
      overrides: losers.map(definitionJson),
    }
  }
}

/** Turns definitions into their JSON form. */
export function makeDefinitionConverter(
  sources: Iterable<Source>,
): (definition: Definition) => DefinitionJson {
  const findLines = indexLines(sources)
  return ({ file, start, value }) => ({ file, ...findLines(file)?.positionOf(start), value })
}
