import type { SpecPath } from '../diagnostics/diagnostic.ts'

/** The lines of a section, or of one of its entries, and where in the text they begin. */
interface PartText {
  readonly start: number
  readonly text: string
}

/**
 * Makes a function that cuts out the text of a section, such as `services`, or of an entry of a section, such as `services.web`. The
 * text is YAML that `parsePlain` accepts, in which only indentation nests lines. The cut text has the same value for the part as the
 * whole text. Undefined if the part does not have lines of its own, or its keys are not words.
 */
export function makePartCutter(text: string): (path: SpecPath) => PartText | undefined {
  const sections = new Map<string, SectionText | undefined>()
  const getSection = (section: string): SectionText | undefined => {
    if (!sections.has(section)) sections.set(section, findSection(text, section))
    return sections.get(section)
  }
  return ([section, name]) => {
    const place = isWord(section) ? getSection(section) : undefined
    if (place === undefined) return undefined
    if (name === undefined) return { start: place.start, text: text.slice(place.start, place.end) }
    if (!isWord(name) || place.entries === undefined) return undefined
    const { indent } = place.entries
    const start = findLine(text, `${indent}${name}:`, place.entries.start)
    if (start === undefined || place.end < start) return undefined
    return { start, text: text.slice(start, findEntryEnd(text, start, indent)) }
  }
}

/** A section of a text: its lines, and the first line of its entries with their indentation, unless it has no such lines. */
interface SectionText {
  readonly start: number
  readonly end: number
  readonly entries: { readonly start: number; readonly indent: string } | undefined
}

function findSection(text: string, section: string): SectionText | undefined {
  const start = findLine(text, `${section}:`, 0)
  if (start === undefined) return undefined
  const end = findEntryEnd(text, start, '')
  firstEntry.lastIndex = start + section.length + 1
  const indent = firstEntry.exec(text)?.[1]
  if (indent === undefined || indent === '') return { start, end, entries: undefined }
  return { start, end, entries: { start: firstEntry.lastIndex - indent.length - 1, indent } }
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
