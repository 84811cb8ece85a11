import { type Hover, MarkupKind, type Position } from 'vscode-languageserver/node'
import { visible } from '../../compiler/diagnostics/visible.ts'
import { mergedPath } from '../../compiler/provenance/merged-path.ts'
import { partRenderer } from '../../compiler/provenance/render-part.ts'
import { specAnswerLine } from '../../compiler/provenance/render-spec-answer.ts'
import { explainSpecPath } from '../../compiler/provenance/spec-answer.ts'
import { pathAt } from '../../compiler/source/path-at.ts'
import { offsetAt, type Snapshot, specDocument, viewsOf } from './snapshot.ts'

/** What holds at the place of a position, and which layers lost, as `meshc why` says it: once for environments that agree. */
export function hover(
  snapshot: Snapshot,
  file: string,
  position: Position,
  kind: MarkupKind,
): Hover | undefined {
  const document = specDocument(snapshot, file)
  const offset = document && offsetAt(snapshot, document, position)
  const own = offset === undefined ? undefined : pathAt(document!, offset)
  if (own === undefined) return undefined
  const told = new Map<string, string[]>()
  for (const { environment, layers } of viewsOf(snapshot, file)) {
    const path = mergedPath(file, own, layers)
    const answer = explainSpecPath(path, layers)
    const sources = layers.documents.map(({ source }) => source)
    const rows = partRenderer(sources, { color: false })(answer)
    const text = [visible(specAnswerLine(path, answer)), ...rows].join('\n')
    told.set(text, [...(told.get(text) ?? []), environment.name])
  }
  if (told.size === 0) return undefined
  const answers = [...told].map(([text, environments]) => {
    const [line, ...rows] = text.split('\n')
    return [line, `  in ${visible(environments.join(', '))}`, ...rows].join('\n')
  })
  const value = answers.join('\n\n')
  // Frames of lines are read in columns.
  return { contents: { kind, value: kind === MarkupKind.Markdown ? fenced(value) : value } }
}

/** With more backticks than the text has, which may hold lines of a fence. */
function fenced(text: string): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([ticks]) => ticks.length))
  const fence = '`'.repeat(longest + 1)
  return `${fence}text\n${text}\n${fence}`
}
