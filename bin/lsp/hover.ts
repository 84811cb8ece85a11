import { type Hover, MarkupKind, type Position } from 'vscode-languageserver'
import { makeTextVisible } from '../../compiler/diagnostics/visible.ts'
import { mergePath } from '../../compiler/provenance/merged-path.ts'
import { makePartRenderer } from '../../compiler/provenance/render-part.ts'
import { printSpecAnswer } from '../../compiler/provenance/render-spec-answer.ts'
import { explainSpecPath } from '../../compiler/provenance/spec-answer.ts'
import { findPathAt } from '../../compiler/source/path-at.ts'
import { findOffset, findSpecDocument, listViews, type Snapshot } from './snapshot.ts'

/**
 * Answers a hover with the value at a position and the overridden layers, in the form of `meshc why`. Environments that agree share
 * an answer.
 */
export function hover(
  snapshot: Snapshot,
  file: string,
  position: Position,
  kind: MarkupKind,
): Hover | undefined {
  const document = findSpecDocument(snapshot, file)
  const offset = document && findOffset(snapshot, document, position)
  const ownPath = offset === undefined ? undefined : findPathAt(document!, offset)
  if (ownPath === undefined) return undefined
  const reasons = new Map<string, string[]>()
  for (const { environment, layers } of listViews(snapshot, file)) {
    const path = mergePath(file, ownPath, layers)
    const answer = explainSpecPath(path, layers)
    const sources = layers.documents.map(({ source }) => source)
    const rows = makePartRenderer(sources, { color: false })(answer)
    const text = [makeTextVisible(printSpecAnswer(path, answer)), ...rows].join('\n')
    reasons.set(text, [...(reasons.get(text) ?? []), environment.name])
  }
  if (reasons.size === 0) return undefined
  const answers = [...reasons].map(([text, environments]) => {
    const [line, ...rows] = text.split('\n')
    return [line, `  in ${makeTextVisible(environments.join(', '))}`, ...rows].join('\n')
  })
  const value = answers.join('\n\n')
  // Frames of lines are read in columns.
  return { contents: { kind, value: kind === MarkupKind.Markdown ? quoteInFence(value) : value } }
}

/** Fences a text with more backticks than it has, which may hold lines of a fence. */
function quoteInFence(text: string): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([ticks]) => ticks.length))
  const fence = '`'.repeat(longest + 1)
  return `${fence}text\n${text}\n${fence}`
}
