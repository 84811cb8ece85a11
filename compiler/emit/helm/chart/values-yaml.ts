import { because, decided, type Reason } from '../../../mesh/sourced.ts'
import { type OnScalar, printYaml } from '../../yaml.ts'
import { isSection, isWritten, type Section, type Setting } from './settings.ts'

/**
 * The values that a chart comes with, each under a comment as helm-docs reads it.
 *
 * @param onScalar hears of every scalar; without it nothing is traced and nothing is paid
 */
export function printValues({ entries, reasons = [] }: Section, onScalar?: OnScalar): string {
  let text = ''
  let line = 1
  for (const [key, entry] of Object.entries(entries)) {
    if (text !== '') write('\n')
    writeEntry([key], entry, reasons, [])
  }
  return text

  /** @param keyLines the lines of the keys above */
  function writeEntry(
    path: readonly string[],
    entry: Setting | Section,
    above: readonly Reason[],
    keyLines: readonly number[],
  ): void {
    if (!isWritten(entry)) return
    const indent = '  '.repeat(path.length - 1)
    const key = path.at(-1)!
    if (!isSection(entry)) {
      write(`${indent}# -- ${entry.description}\n`)
      writeValue(path, `${indent}${printYaml({ [key]: entry.value })}`, entry.value, above, keyLines)
      return
    }
    const within = [...above, ...(entry.reasons ?? [])]
    const isEmpty = !Object.values(entry.entries).some(isWritten)
    // helm-docs takes a map with nothing in it for a value, which has a description.
    if (entry.comment !== undefined) write(`${indent}# ${isEmpty ? '-- ' : ''}${entry.comment}\n`)
    const empty = `${indent}${printYaml({ [key]: {} })}`
    if (isEmpty) writeValue(path, empty, undefined, within, keyLines)
    else {
      const here = [...keyLines, line]
      write(empty.replace(/ \{\}\n$/, '\n'))
      for (const [name, inner] of Object.entries(entry.entries))
        writeEntry([...path, name], inner, within, here)
    }
  }

  function writeValue(
    path: readonly string[],
    printed: string,
    sourced: Setting['value'],
    above: readonly Reason[],
    keyLines: readonly number[],
  ): void {
    if (onScalar !== undefined) {
      const { value, origins } = because(sourced ?? decided('policy:chart', '{}'), ...above)
      onScalar({ line, endLine: line, keyLines: [...keyLines, line], path, value, origins })
    }
    write(printed)
  }

  function write(piece: string): void {
    text += piece
    line += piece.split('\n').length - 1
  }
}
