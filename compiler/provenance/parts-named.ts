import type { SpecPath } from '../diagnostics/diagnostic.ts'
import { isMap } from '../source/document.ts'
import type { Layers } from '../source/layers.ts'
import { parseSpecPath } from './paths.ts'

/** A name that this many parts of a spec have identifies none of them. */
const mostOfOneName = 3

/**
 * Finds the parts of a spec that a line of Markdown names: by a path, by the name of an entry, or by a value such as a host. In
 * prose, a plain word is a name only in backticks or as the only text of its cell.
 */
export function makePartFinder(layers: Layers): (markdown: string, line: number) => readonly SpecPath[] {
  const { entries, values } = indexWords(layers)
  return (markdown, line) => {
    const lines = markdown.split('\n')
    const text = lines[line - 1] ?? ''
    const isCode = lines.slice(0, line - 1).filter(text => text.trim().startsWith('```')).length % 2 === 1
    const paths = new Map<string, SpecPath>()
    for (const { word, isQuoted } of wordsIn(text)) {
      const isName = isCode || isQuoted || /\W/.test(word)
      const names = isName ? splitNames(word).flatMap(name => entries.get(name) ?? []) : []
      for (const path of [...pathIn(word, isQuoted, layers), ...names, ...(values.get(word) ?? [])])
        paths.set(JSON.stringify(path), path)
    }
    return [...paths.values()]
  }
}

function* wordsIn(text: string): Iterable<{ readonly word: string; readonly isQuoted: boolean }> {
  for (const [word] of text.matchAll(/`[^`]+`|(?<=\| )[^|`]+(?= \|)/g)) {
    const quoted = word.replaceAll('`', '').trim()
    if (/^[\w./:@-]+$/.test(quoted)) yield { word: quoted, isQuoted: true }
  }
  for (const [word] of text.matchAll(/\w(?:[\w./:@-]*\w)?/g)) yield { word, isQuoted: false }
}

/** The names in a word: both parts of `namespace/name`, and the Service in its host. */
const splitNames = (word: string) =>
  word.split(/[/:]/).map(part => part.replace(/\.[\w-]+\.svc(\.cluster\.local)?$/, ''))

/** The path that is equal to a word, if the spec has a value there: `istio.version`. */
function pathIn(word: string, isQuoted: boolean, layers: Layers): readonly SpecPath[] {
  const path = isQuoted || word.includes('.') ? parseSpecPath(word) : undefined
  return path !== undefined && layers.definitionsOf(path).length > 0 ? [path] : []
}

type Words = ReadonlyMap<string, readonly SpecPath[]>

function indexWords({ value }: Layers): { readonly entries: Words; readonly values: Words } {
  const [entries, values] = [new Map<string, SpecPath[]>(), new Map<string, SpecPath[]>()]
  const note = (words: Map<string, SpecPath[]>, word: string, path: SpecPath) => {
    const here = words.get(word)
    if (here === undefined) words.set(word, [path])
    else here.push(path)
  }
  const walk = (value: unknown, path: SpecPath): void => {
    if (Array.isArray(value)) for (const [index, entry] of value.entries()) walk(entry, [...path, index])
    else if (isMap(value)) for (const [key, entry] of Object.entries(value)) walk(entry, [...path, key])
    // A text that is more than a word, as hosts, addresses and versions are, is not there by chance.
    else if (typeof value === 'string' && /^\S*\w[.:/@-]\w\S*$/.test(value)) note(values, value, path)
  }
  walk(value, [])
  for (const [word, paths] of values) if (paths.length > mostOfOneName) values.delete(word)
  for (const section of ['services', 'gateways', 'external', 'namespaces']) {
    const map = value[section]
    if (isMap(map)) for (const name of Object.keys(map)) note(entries, name, [section, name])
  }
  return { entries, values }
}
