import { type FrameOptions, makeFrameRenderer, makePainter } from './frames.ts'
import type { LocatedDiagnostic } from './locate.ts'
import type { Source } from './source.ts'
import { makeTextVisible } from './visible.ts'

/**
 * Shows diagnostics in the form of rustc: the message, the place, the marked lines, and the help. Characters of a user's text that a
 * terminal would interpret are never printed.
 *
 * @param sources the texts that the diagnostics point into; without its text, a place is shown without its line
 */
export function makeRenderer(
  sources: Iterable<Source>,
  options: FrameOptions,
): (diagnostic: LocatedDiagnostic) => string {
  const getFrames = makeFrameRenderer(sources, options)
  const paint = makePainter(options.color)
  return ({ code, severity, message, at, related, help }) => {
    const shown = related.slice(0, mostRelated).map(otherRelated => ({ ...otherRelated, isPrimary: false }))
    const frames = getFrames([{ at, message: '', isPrimary: true }, ...shown], severity)
    const { margin } = frames
    const rows = [
      `${paint(severity, `${severity}[${code}]`)}${paint('strong', `: ${makeTextVisible(message)}`)}`,
    ]
    rows.push(...frames.rows)
    const note = (title: string, text: string) => `${margin} ${paint('frame', '=')} ${title}${text}`
    if (related.length > mostRelated)
      rows.push(note(paint('strong', 'note:'), ` and ${related.length - mostRelated} more places`))
    if (help !== undefined) {
      const [first = '', ...rest] = help.split('\n')
      rows.push(
        note(paint('strong', 'help:'), ` ${makeTextVisible(first)}`),
        ...rest.map(line => `${margin}         ${makeTextVisible(line)}`),
      )
    }
    if (code.startsWith('MESH')) rows.push(note('', `see \`meshc explain ${code}\``))
    return rows.join('\n')
  }
}

/** More related places than this are counted, not shown. */
const mostRelated = 10
