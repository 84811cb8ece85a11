import type { LitLines } from '../share/messages.ts'

/** A stretch of lines of a file, counted from 1, that is lit. */
interface Stretch {
  readonly file: string
  readonly line: number
  readonly endLine: number
  readonly isNear: boolean
}

/** Makes the lit lines of each file: a line that is near and far is near. */
export function makeLitLines(stretches: Iterable<Stretch>): Readonly<Record<string, LitLines>> {
  const files = new Map<string, Map<number, boolean>>()
  for (const { file, line, endLine, isNear } of stretches) {
    const lines = files.get(file) ?? new Map<number, boolean>()
    files.set(file, lines)
    for (let at = line; at <= endLine; at++) lines.set(at, isNear || lines.get(at) === true)
  }
  const select = (lines: ReadonlyMap<number, boolean>, isNear: boolean) =>
    [...lines].flatMap(([line, near]) => (near === isNear ? [line] : [])).sort((a, b) => a - b)
  return Object.fromEntries(
    [...files].map(([file, lines]) => [file, { near: select(lines, true), far: select(lines, false) }]),
  )
}
