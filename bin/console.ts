import type { LocatedDiagnostic } from '../compiler/diagnostics/locate.ts'
import { renderer } from '../compiler/diagnostics/render.ts'
import type { Source } from '../compiler/diagnostics/source.ts'
import { visible } from '../compiler/diagnostics/visible.ts'
import { clock } from './clock.ts'
import type { Failure } from './failure.ts'
import { jsonText } from './json-text.ts'
import { printable } from './printable.ts'

/** More diagnostics than this are counted, not shown; `--format json` has them all. */
const mostDiagnostics = 100
const mostPaths = 20
/** Work that is done sooner, in milliseconds, is not announced. */
const patience = 400

/** Where a command speaks: results on stdout, everything else on stderr. */
export class Console {
  private readonly colorful: { readonly out: boolean; readonly error: boolean }
  private readonly isTerminal: boolean
  private hasProgress = false

  constructor(environment: NodeJS.ProcessEnv = process.env) {
    this.isTerminal = process.stderr.isTTY === true && environment['TERM'] !== 'dumb'
    this.colorful = {
      out: wantsColor(environment, process.stdout.isTTY),
      error: wantsColor(environment, process.stderr.isTTY),
    }
  }

  /** Whether stdout takes colours. */
  get color(): boolean {
    return this.colorful.out
  }

  /** A result for people. */
  print(text: string): void {
    this.printDocument(printable(text, this.colorful.out))
  }

  /** A result for a program, which gets it as it is. */
  printDocument(text: string): void {
    this.clearProgress()
    process.stdout.write(`${text}\n`)
  }

  /** The one JSON document of a command that was given `--json`. */
  printJson(value: unknown): void {
    this.printDocument(jsonText(value))
  }

  /** A remark beside the result. */
  note(text: string): void {
    this.clearProgress()
    process.stderr.write(`${printable(text, this.colorful.error)}\n`)
  }

  /** What is wrong, what to do about it, and the paths it is about. */
  problem({ message, help, paths }: Pick<Failure, 'message' | 'help' | 'paths'>): void {
    const strong = (style: string, text: string) =>
      this.colorful.error ? `\u001b[${style}m${text}\u001b[0m` : text
    const shown = paths.slice(0, mostPaths).map(path => `  ${visible(path)}`)
    const rest = paths.length - shown.length
    this.note(
      [
        `${strong('1;31', 'error')}${strong('1', `: ${visible(message)}`)}`,
        ...shown,
        ...(rest > 0 ? [`  and ${rest} more`] : []),
        ...(help === undefined ? [] : [`  ${strong('1;34', '=')} ${strong('1', 'help:')} ${visible(help)}`]),
      ].join('\n'),
    )
  }

  /** Diagnostics as a person reads them, a blank line after each. */
  diagnostics(diagnostics: readonly LocatedDiagnostic[], sources: Iterable<Source>): void {
    const render = renderer(sources, { color: this.colorful.error })
    for (const diagnostic of diagnostics.slice(0, mostDiagnostics)) this.note(`${render(diagnostic)}\n`)
    const rest = diagnostics.length - mostDiagnostics
    if (rest > 0) this.note(`and ${rest} more: \`--format json\` lists them all\n`)
  }

  /** Says on a terminal what takes long, until something else is printed. */
  progress(text: string): void {
    if (!this.isTerminal || clock() < patience) return
    process.stderr.write(`\r\u001b[2K${printable(visible(text), false)}…`)
    this.hasProgress = true
  }

  private clearProgress(): void {
    if (!this.hasProgress) return
    process.stderr.write('\r\u001b[2K')
    this.hasProgress = false
  }
}

/** FORCE_COLOR before NO_COLOR, as Node does; see https://no-color.org. */
function wantsColor(environment: NodeJS.ProcessEnv, isTerminal: boolean): boolean {
  const { FORCE_COLOR: force, NO_COLOR: no, TERM: terminal } = environment
  if (force !== undefined) return force !== '0' && force !== 'false'
  if (no !== undefined && no !== '') return false
  return isTerminal === true && terminal !== 'dumb'
}
