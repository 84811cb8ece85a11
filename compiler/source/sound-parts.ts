import { namedSections } from '../../schema/generated/field-facts.ts'
import type { Gap } from '../diagnostics/faulty-parts.ts'
import type { Span } from '../diagnostics/source.ts'

/** The parts of a text that are YAML if the whole text is not. */
interface SoundParts {
  /** The text with spaces in place of the parts that are not YAML: each character keeps its position. */
  readonly text: string
  readonly lost: readonly Gap[]
  /** The stretches that are no YAML, from the first to the last. */
  readonly unsound: readonly Span[]
}

/**
 * Takes out of a text the least that keeps it from being YAML, going by its indentation: a field, an entry or a section.
 *
 * @param isEntry whether a stretch of lines is entries of a map, and YAML for itself
 */
export function keepSoundParts(text: string, isEntry: (lines: string) => boolean): SoundParts {
  const lost: Gap[] = []
  const unsound: Span[] = []
  const replaced: (Span & { readonly by: string })[] = []
  mend({ start: 0, end: text.length }, 0, [])
  let sound = ''
  for (const { start, end, by } of replaced) {
    const rest = text.slice(start + by.length, end).replaceAll(/[^\n]/g, ' ')
    sound += text.slice(sound.length, start) + by + rest
  }
  return { text: sound + text.slice(sound.length), lost, unsound }

  /** Mends the blocks of a stretch that begin in a column; whether one is left. */
  function mend(stretch: Span, column: number, path: readonly string[]): boolean {
    let isLeft = false
    for (const block of listBlocks(text, stretch, column)) {
      const lines = text.slice(block.start, block.end)
      if (isEntry(lines) || mendBlock(block, lines, column, path)) isLeft = true
    }
    return isLeft
  }

  function mendBlock(block: Block, lines: string, column: number, path: readonly string[]): boolean {
    const name = block.key ?? (path.length < 2 ? loneWord.exec(lines)?.[1] : undefined)
    if (name === undefined) {
      refuse(block)
      lost.push(
        path.length === 1 && isOfEntries(path) ? { path, isOfNames: true } : { path: path.slice(0, 2) },
      )
      replace(block, '')
      return false
    }
    const ownPath = [...path, name]
    const inner =
      block.key === undefined || ownPath.length === deepest ? undefined : findInner(block, lines, column)
    if (inner !== undefined && mend(inner.stretch, inner.column, ownPath)) return true
    if (inner === undefined) refuse(block)
    lost.push({ path: ownPath.slice(0, isOfEntries(ownPath) ? 2 : 1) })
    // Others may name an entry, whatever it holds.
    const kept = `${/^ *(?:"[^"]*"|'[^']*'|[\w./-]+)/.exec(lines)?.[0]}: {}`
    const isNamed = ownPath.length === 2 && isOfEntries(ownPath) && kept.length < lines.length
    replace(block, isNamed ? kept : '')
    return isNamed
  }

  function refuse({ start, end }: Span): void {
    unsound.push({ start, end })
  }

  function replace({ start, end }: Span, by: string): void {
    while (replaced.length > 0 && replaced.at(-1)!.end > start) replaced.pop()
    replaced.push({ start, end, by })
  }
}

/** Keys that lead to the smallest thing that is taken out: section, entry and field. */
const deepest = 3

const isOfEntries = ([section]: readonly string[]) => namedSections.includes(section ?? '')

/** Lines that begin with one at some column, with the key that this one begins with. */
interface Block extends Span {
  readonly key: string | undefined
}

function* listBlocks(text: string, { start, end }: Span, column: number): Iterable<Block> {
  let begun: { readonly start: number; readonly key: string | undefined } | undefined
  for (let at = start; at < end; at = nextLine(text, at)) {
    begins.lastIndex = at
    const [, indent = '', first = ''] = begins.exec(text)!
    // A dash or bracket in the column of a key belongs to that key, as comments belong to their parent.
    if (indent.length !== column || first === '' || /[\s#\]}-]/.test(first)) continue
    if (begun !== undefined) yield { ...begun, end: at }
    keyPattern.lastIndex = at
    begun = { start: at, key: keyPattern.exec(text)?.[1]?.replaceAll(/["']/g, '') }
  }
  if (begun !== undefined) yield { ...begun, end }
}

const begins = /( *)(.?)/y
const keyPattern = / *([\w./-]+|"[^"\\\n]*"|'[^'\n]*'):(?=\s|$)/y

/** A key whose colon is missing. */
const loneWord = /^ *([\w-]+)[ \t]*(?:\r?\n|$)/

/** Finds the span below the key of a block, and its column; undefined if a value is beside the key. */
function findInner(
  { start, end }: Span,
  lines: string,
  column: number,
): { readonly stretch: Span; readonly column: number } | undefined {
  const [head] = /^.*:[ \t]*(?:#.*)?\r?\n/.exec(lines) ?? []
  if (head === undefined) return undefined
  const [, indent = ''] = /^(?:[ \t]*(?:#.*)?\r?\n)*( *)[^\s#-]/.exec(lines.slice(head.length)) ?? []
  return indent.length > column
    ? { stretch: { start: start + head.length, end }, column: indent.length }
    : undefined
}

function nextLine(text: string, at: number): number {
  const newline = text.indexOf('\n', at)
  return newline === -1 ? text.length : newline + 1
}
