import { fstatSync, writeSync } from 'node:fs'
import type { FrameOptions } from '../../compiler/diagnostics/frames.ts'
import type { LocatedDiagnostic } from '../../compiler/diagnostics/locate.ts'
import { makeRenderer } from '../../compiler/diagnostics/render.ts'
import type { Source } from '../../compiler/diagnostics/source.ts'
import { makeTextVisible } from '../../compiler/diagnostics/visible.ts'
import { describeSystemError, isSystemError } from '../files/system-error.ts'
import { readClock } from './clock.ts'
import type { Failure } from './failure.ts'
import { printJson } from './json-text.ts'
import { makePrintable } from './printable.ts'

/** More diagnostics than this are counted, not shown; `--format json` has them all. */
const mostDiagnostics = 100
const mostPaths = 20
/** Work that is done sooner, in milliseconds, is not announced. */
const patience = 400

/** The errors of a stream without a reader; a closed terminal reports EIO. */
const goneReader = ['EPIPE', 'ECONNRESET', 'ERR_STREAM_DESTROYED']

const descriptors = { stdout: 1, stderr: 2 } as const
type StreamName = keyof typeof descriptors
type StreamState = 'open' | 'unread' | 'refused'

/**
 * The terminal of a command: results on stdout, everything else on stderr. If a reader closes its end, meshc only stops writing to
 * it. If a stream cannot take the output, for example on a full disk, the call fails.
 */
export class Terminal {
  private readonly states: Record<StreamName, StreamState> = { stdout: 'open', stderr: 'open' }
  /** The streams that were used: to open one costs some milliseconds. */
  private readonly streams: { [Name in StreamName]?: (typeof process)[StreamName] } = {}
  /** The streams that are devices, and those that are not: a loop reads this for each step that it shows. */
  private readonly devices: { [Name in StreamName]?: boolean } = {}
  private hasProgress = false
  private keptNotes: string[] | undefined

  /** True if a stream refused something that was written to it, so that it is lost. */
  get hasLostOutput(): boolean {
    return Object.values(this.states).includes('refused')
  }

  /** True if the reader of the results went away. */
  get isUnread(): boolean {
    return this.states.stdout === 'unread'
  }

  /** True if stdout takes colours. */
  get color(): boolean {
    return wantsColor(this.isTerminal('stdout'))
  }

  /** The options for showing lines of source on stdout. */
  get frames(): FrameOptions {
    return { color: this.color, columns: this.getColumns('stdout') }
  }

  /** A result for people. */
  print(text: string): void {
    this.printDocument(makePrintable(text, this.color))
  }

  /** A result for a program, which gets it as it is. */
  printDocument(text: string): void {
    this.clearProgress()
    this.write('stdout', `${text}\n`)
  }

  /** The one JSON document of a command that was given `--json`. */
  printJson(value: unknown): void {
    this.printDocument(printJson(value))
  }

  /** A remark in addition to the result. */
  note(text: string): void {
    this.keptNotes?.push(text)
    this.clearProgress()
    this.write('stderr', `${makePrintable(text, this.hasColorfulErrors)}\n`)
  }

  /** Prints a problem: the fault, the remedy, and its paths. */
  problem({ message, help, paths }: Pick<Failure, 'message' | 'help' | 'paths'>): void {
    const hasColor = this.hasColorfulErrors
    const strong = (style: string, text: string) => (hasColor ? `\u001b[${style}m${text}\u001b[0m` : text)
    const shown = paths.slice(0, mostPaths).map(path => `  ${makeTextVisible(path)}`)
    const rest = paths.length - shown.length
    this.note(
      [
        `${strong('1;31', 'error')}${strong('1', `: ${makeTextVisible(message)}`)}`,
        ...shown,
        ...(rest > 0 ? [`  and ${rest} more`] : []),
        ...(help === undefined
          ? []
          : [`  ${strong('1;34', '=')} ${strong('1', 'help:')} ${makeTextVisible(help)}`]),
      ].join('\n'),
    )
  }

  /** Diagnostics as a person reads them, a blank line after each. */
  diagnostics(diagnostics: readonly LocatedDiagnostic[], sources: Iterable<Source>): void {
    const render = makeRenderer(sources, {
      color: this.hasColorfulErrors,
      columns: this.getColumns('stderr'),
    })
    for (const diagnostic of diagnostics.slice(0, mostDiagnostics)) this.note(`${render(diagnostic)}\n`)
    const rest = diagnostics.length - mostDiagnostics
    if (rest > 0) this.note(`and ${rest} more: \`--format json\` lists them all\n`)
  }

  /** Shows a long step on a terminal, until another text is printed. */
  progress(text: string): void {
    if (readClock() < patience || !this.isTerminal('stderr') || process.env['TERM'] === 'dumb') return
    this.write('stderr', `\r\u001b[2K${makePrintable(makeTextVisible(text), false)}…`)
    this.hasProgress = true
  }

  /** Keeps the remarks from now on, for `notes`. */
  keepNotes(): void {
    this.keptNotes ??= []
  }

  /** The remarks that were kept, in order. */
  get notes(): readonly string[] {
    return this.keptNotes ?? []
  }

  /** The style of remarks: colours, and the width that lines of source have. */
  get style(): string {
    return `${this.hasColorfulErrors} ${this.getColumns('stderr')}`
  }

  private get hasColorfulErrors(): boolean {
    return wantsColor(this.isTerminal('stderr'))
  }

  private isTerminal(name: StreamName): boolean {
    return this.isDevice(name) && this.open(name).isTTY
  }

  private isDevice(name: StreamName): boolean {
    this.devices[name] ??= isDevice(descriptors[name])
    return this.devices[name]
  }

  /** The width of a terminal; undefined for another stream. */
  private getColumns(name: StreamName): number | undefined {
    return this.isTerminal(name) ? process[name].columns : undefined
  }

  /** Opens a stream, and notices lost output from now on. */
  private open(name: StreamName): (typeof process)[StreamName] {
    const opened = this.streams[name]
    if (opened !== undefined) return opened
    const stream = process[name]
    stream.on('error', error => this.stopWriting(name, error))
    this.streams[name] = stream
    return stream
  }

  private clearProgress(): void {
    if (!this.hasProgress) return
    this.write('stderr', '\r\u001b[2K')
    this.hasProgress = false
  }

  private write(name: StreamName, text: string): void {
    if (this.states[name] !== 'open') return
    try {
      // The text that a stream still holds comes first.
      const isWaiting = (this.streams[name]?.writableLength ?? 0) > 0
      if (isWaiting || this.isDevice(name)) this.open(name).write(text)
      else {
        const rest = writeBytes(descriptors[name], Buffer.from(text))
        // A reader that is slow, at a pipe that does not wait for it: the stream does.
        if (rest.length > 0) this.open(name).write(rest)
      }
    } catch (error) {
      this.stopWriting(name, error)
    }
  }

  private stopWriting(name: StreamName, error: unknown): void {
    const code = isSystemError(error) ? error.code : undefined
    if (this.states[name] !== 'open') return
    if (code !== undefined && (goneReader.includes(code) || (code === 'EIO' && this.open(name).isTTY))) {
      this.states[name] = 'unread'
      return
    }
    this.states[name] = 'refused'
    const stream = name === 'stdout' ? 'standard output' : 'standard error'
    const help = 'the result is lost, or a part of it: make room, or write it elsewhere'
    this.problem({ message: `${stream} cannot be written: ${describeSystemError(error)}`, help, paths: [] })
  }
}

/** FORCE_COLOR before NO_COLOR, as Node does; see https://no-color.org. */
function wantsColor(isTerminal: boolean): boolean {
  const { FORCE_COLOR: force, NO_COLOR: no, TERM: terminal } = process.env
  if (force !== undefined) return force !== '0' && force !== 'false'
  if (no !== undefined && no !== '') return false
  return isTerminal === true && terminal !== 'dumb'
}

/** Tells whether a descriptor is a device, such as a terminal. A closed stream is not. */
function isDevice(descriptor: number): boolean {
  try {
    return fstatSync(descriptor).isCharacterDevice()
  } catch {
    return false
  }
}

/**
 * Writes to a file or a pipe without its stream. Opening a stream costs some milliseconds, and Node writes to a file only once, and
 * ignores that a nearly full disk took only a part. Returns the bytes that a full pipe does not take now.
 */
function writeBytes(descriptor: number, bytes: Buffer): Buffer {
  let written = 0
  try {
    while (written < bytes.length) written += writeSync(descriptor, bytes, written)
  } catch (error) {
    if (!isSystemError(error) || error.code !== 'EAGAIN') throw error
  }
  return bytes.subarray(written)
}
