import type { SpecPath } from '../diagnostics/diagnostic.ts'

/** The lines of one entry, and where in the text they begin. */
export interface EntryText {
  readonly start: number
  readonly text: string
  /** The number of steps of a path above the entry: 1 for an entry of a section, 0 for an entry of the whole text. */
  readonly depth: 0 | 1
}

/**
 * Makes a function that cuts out the text of the entry that contains a path, such as `services.web` or `mtls`. The text is YAML
 * that `parsePlain` accepts, in which only indentation nests lines. The cut text has the same value for the entry as the whole text.
 * Undefined if the entry does not have lines of its own, or its keys are not words.
 */
export function makeEntryCutter(text: string): (path: SpecPath) => EntryText | undefined {
  const sections = new Map<string, SectionText | undefined>()
  const getSection = (section: string): SectionText | undefined => {
    if (!sections.has(section)) sections.set(section, findSection(text, section))
    return sections.get(section)
  }
  return ([section, name]) => {
    if (!isWord(section)) return undefined
    if (name === undefined) {
      const start = findLine(text, `${section}:`, 0)
      return start === undefined ? undefined : cutEntry(start, '', 0)
    }
    if (!isWord(name)) return undefined
    const place = getSection(section)
    if (place === undefined) return undefined
    const { indent } = place
    const start = findLine(text, `${indent}${name}:`, place.start)
    if (start === undefined || place.end < start) return undefined
    return cutEntry(start, indent, 1)
  }

  function cutEntry(start: number, indent: string, depth: EntryText['depth']): EntryText {
    return { start, text: text.slice(start, findEntryEnd(text, start, indent)), depth }
  }
}

/** A section of a text: the lines of its entries, and their indentation. */
interface SectionText {
  readonly start: number
  readonly end: number
  readonly indent: string
}

function findSection(text: string, section: string): SectionText | undefined {
  const top = findLine(text, `${section}:`, 0)
  if (top === undefined) return undefined
  firstEntry.lastIndex = top + section.length + 1
  const indent = firstEntry.exec(text)?.[1]
  if (indent === undefined || indent === '') return undefined
  return { start: firstEntry.lastIndex - indent.length - 1, end: findEntryEnd(text, top, ''), indent }
}

/** Finds the section and the name of the entry whose lines contain an offset, in a text in which only indentation nests lines. */
export function findEntryPath(
  text: string,
  offset: number,
): readonly [section: string, name: string] | undefined {
  let name: string | undefined
  let least = Number.POSITIVE_INFINITY
  const lineEnd = text.indexOf('\n', offset)
  for (let end = lineEnd === -1 ? text.length : lineEnd; ; ) {
    const start = end === 0 ? 0 : text.lastIndexOf('\n', end - 1) + 1
    lineStart.lastIndex = start
    const [, indent = '', key] = lineStart.exec(text) ?? []
    if (key !== undefined && indent.length < least) {
      if (indent === '') return isWord(key) && isWord(name) ? [key, name] : undefined
      least = indent.length
      name = key
    }
    if (start === 0) return undefined
    end = start - 1
  }
}

/** The indentation of a line and its key; the key is empty in a line that does not begin with a word. */
const lineStart = /( *)(?=[^\s#])((?:[\w./$][\w./$-]*(?=:(?:\s|$)))?)/y

const isWord = (key: string | number | undefined): key is string =>
  typeof key === 'string' && /^[\w./$][\w./$-]*$/.test(key)

/** The match from behind the key of a section, over comments, to the first line below it. */
const firstEntry = / *(?:#[^\n]*)?\n(?: *(?:#[^\n]*)?\n)*( *)(?=[^\s#-])/y

/** Finds the line that begins with a text, followed by a space or the end of the line. */
function findLine(text: string, beginning: string, from: number): number | undefined {
  for (let at = from; ; at++) {
    at = at === 0 && text.startsWith(beginning) ? 0 : text.indexOf(`\n${beginning}`, Math.max(at - 1, 0)) + 1
    if (at === 0 && !text.startsWith(beginning)) return undefined
    const next = text[at + beginning.length]
    if (next === ' ' || next === '\n' || next === undefined) return at
  }
}

/** Finds the next line that is indented as this one or less; an item of a list in the same column is still below it. */
function findEntryEnd(text: string, start: number, indent: string): number {
  const next = new RegExp(`\\n {0,${indent.length}}(?=[^\\s#-])`, 'g')
  next.lastIndex = start
  const match = next.exec(text)
  return match === null ? text.length : match.index + 1
}
