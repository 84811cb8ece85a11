import { type EditorState, RangeSetBuilder, StateEffect, StateField } from '@codemirror/state'
import { Decoration, type DecorationSet, EditorView } from '@codemirror/view'
import type { LitLines } from '../share/messages.ts'

const setLitLines = StateEffect.define<LitLines | undefined>()

const near = Decoration.line({ class: 'cm-lit cm-lit-near' })
const far = Decoration.line({ class: 'cm-lit cm-lit-far' })

const field = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update(lit, transaction) {
    let decorations = lit.map(transaction.changes)
    for (const effect of transaction.effects)
      if (effect.is(setLitLines)) decorations = decorate(transaction.state, effect.value)
    return decorations
  },
  provide: field => EditorView.decorations.from(field),
})

/** Lines that can be lit. */
export const litLines = field

/** Highlights lines of an editor, and scrolls to the nearest of them if none is visible. */
export function lightLines(view: EditorView, lines: LitLines | undefined, isFollowed: boolean): void {
  view.dispatch({ effects: setLitLines.of(lines) })
  const { doc } = view.state
  const all = (lines === undefined ? [] : lines.near.length > 0 ? lines.near : lines.far).filter(
    line => line <= doc.lines,
  )
  const [first] = all
  if (first === undefined || !isFollowed) return
  const box = view.scrollDOM.getBoundingClientRect()
  const top = view.lineBlockAtHeight(box.top - view.documentTop).from
  const bottom = view.lineBlockAtHeight(box.bottom - view.documentTop - 20).from
  const isSeen = all.some(line => doc.line(line).from >= top && doc.line(line).from <= bottom)
  if (!isSeen) view.dispatch({ effects: EditorView.scrollIntoView(doc.line(first).from, { y: 'center' }) })
}

function decorate({ doc }: EditorState, lines: LitLines | undefined): DecorationSet {
  const builder = new RangeSetBuilder<Decoration>()
  const all = [
    ...(lines?.near ?? []).map(line => [line, near] as const),
    ...(lines?.far ?? []).map(line => [line, far] as const),
  ].sort(([a], [b]) => a - b)
  for (const [line, decoration] of all)
    if (line <= doc.lines) builder.add(doc.line(line).from, doc.line(line).from, decoration)
  return builder.finish()
}
