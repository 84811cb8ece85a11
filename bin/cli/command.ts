import { Failure } from './failure.ts'
import type { Terminal } from './terminal.ts'

/** 0: clean. 1: diagnostics, or output that is stale. 2: a mistake in the call, or the disk refused. */
export type ExitCode = 0 | 1 | 2

/** A command of meshc: everything that `bin/cli/run.ts` needs to offer it. */
export interface Command {
  readonly name: string
  /**
   * Its argument, such as `[code]` or `<code>`, or several as `<caller> <service>`, or any number as `[...manifests]`; absent without
   * one.
   */
  readonly argument?: string
  /** The words that a shell proposes for each argument. */
  readonly argumentValues?: readonly Values[]
  readonly summary: string
  readonly options: readonly Option[]
  /** A call as one would type it. */
  readonly example: string
  /** The meaning of each exit code, in the words of its help. */
  readonly exitCodes: { readonly [Code in ExitCode]?: string }
  /** The exit code for a wrong call or a disk error. Default: 2. */
  readonly failureCode?: ExitCode
  run(context: Context): ExitCode | Promise<ExitCode>
}

/** An option of a command. */
export interface Option {
  /** `--json`, or with a value `--env <name>`. */
  readonly flag: string
  readonly values?: Values
  readonly isRepeatable?: true
  readonly summary: string
}

/** The words that a shell proposes for a value. */
export type Values =
  | 'environments'
  | 'callers'
  | 'targets'
  | 'files'
  | 'folders'
  | readonly string[]
  | (() => readonly string[])

/** The context of a command: its call and its terminal. */
export interface Context {
  readonly argument: string | undefined
  /** All of its arguments: most commands have one at most. */
  readonly words: readonly string[]
  readonly options: Options
  readonly terminal: Terminal
  /** Every command that there is. */
  readonly commands: readonly Command[]
}

/** The options of a call, by their long names without dashes: `keep-edits`. */
export class Options {
  private readonly values: ReadonlyMap<string, readonly string[]>

  /** @param values the values of each option that was given, as text; of one without value, an empty text each time */
  constructor(values: ReadonlyMap<string, readonly string[]>) {
    this.values = values
  }

  /** The long names of the options that were given. */
  get names(): readonly string[] {
    return [...this.values.keys()]
  }

  /** Tells whether an option was given. */
  has(name: string): boolean {
    return this.values.has(name)
  }

  /** The value of an option; undefined if the option is absent. */
  word(name: string): string | undefined {
    const words = this.words(name)
    if (words.length > 1) throw new Failure(`\`--${name}\` is given ${words.length} times`, 'give it once')
    return words[0]
  }

  /** The values of an option that may be given several times. */
  words(name: string): readonly string[] {
    return this.values.get(name) ?? []
  }
}
