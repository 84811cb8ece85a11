import { isCollection, isMap, isNode, type Node, parseDocument } from 'yaml'
import type { SpecPath } from '../../compiler/diagnostics/diagnostic.ts'
import type { Span } from '../../compiler/diagnostics/source.ts'

/**
 * Finds the position of a value, or of its key, in a file: the whole text of a scalar, or the first line of a
 * map or list.
 */
type FindSpan = (file: string, path: SpecPath, part?: 'key') => Span

/** Finds spans with a parser that the compiler does not use. */
export function spansIn(texts: Readonly<Record<string, string>>): FindSpan {
  const documents = new Map<string, ReturnType<typeof parseDocument>>()
  return (file, path, part) => {
    const document = documents.get(file) ?? parseDocument(texts[file] ?? '')
    documents.set(file, document)
    const result: unknown =
      part === 'key' ? keyIn(document.getIn(path.slice(0, -1), true), path) : document.getIn(path, true)
    if (!isNode(result) || !result.range) throw new Error(`${file} says nothing at ${path.join('.')}`)
    const [start, end] = result.range
    if (!isCollection(result)) return { start, end }
    const [line = ''] = (texts[file] ?? '').slice(start, end).split('\n')
    return { start, end: start + line.length }
  }
}

function keyIn(map: unknown, path: SpecPath): Node | undefined {
  const pair = isMap<Node>(map) ? map.items.find(({ key }) => String(key) === String(path.at(-1))) : undefined
  return pair?.key
}
