import { parseArgs } from 'node:util'
import { findNearestName, listQuoted } from '../../compiler/diagnostics/suggest.ts'
import { type Command, type Option, Options } from './command.ts'
import { Failure } from './failure.ts'

/**
 * A call as it was typed, read by the options of the command that it names. Every value is text, as it was typed.
 */
export interface Call {
  /** The command; undefined if the call names none. */
  readonly command: Command | undefined
  /** The arguments behind the command. */
  readonly words: readonly string[]
  readonly options: Options
  /** The fault of the call, if any; a call with `--help` does not report it. */
  readonly fault: Failure | undefined
}

/** The options that every call may have. */
export const globalOptions: readonly Option[] = [
  { flag: '-h, --help', summary: 'Display this message' },
  { flag: '-v, --version', summary: 'Display version number' },
]

/** The ways to write an option, the long one last: `-H, --header <header>` has two. */
export const listSpellings = ({ flag }: Option): readonly string[] => flag.replace(/ ?<.*$/, '').split(', ')
export const takesValue = ({ flag }: Option): boolean => flag.includes('<')

/** Reads the words behind `meshc`; throws nothing. */
export function parseCall(typed: readonly string[], commands: readonly Command[]): Call {
  for (const command of commands) {
    if (!typed.includes(command.name)) continue
    const { words, ...read } = readWords(typed, [...command.options, ...globalOptions])
    if (words[0] === command.name) return { ...read, command, words: words.slice(1) }
  }
  return { ...readWords(typed, globalOptions), command: undefined }
}

/** A mistake in a word with a few possible values. The failure suggests the nearest one, or lists all. */
export function failUnknownWord(kind: string, word: string, known: readonly string[]): Failure {
  const near = findNearestName(word, known)
  const help = near === undefined ? `there is ${listQuoted(known)}` : `did you mean \`${near}\`?`
  return new Failure(`there is no ${kind} \`${word}\``, help)
}

function readWords(typed: readonly string[], options: readonly Option[]): Omit<Call, 'command'> {
  const values = new Map<string, string[]>()
  const words: string[] = []
  let fault: Failure | undefined
  for (const token of getTokens(typed, options)) {
    if (token.kind === 'option-terminator') continue
    if (token.kind === 'positional') {
      words.push(token.value)
      continue
    }
    const { rawName, value, inlineValue } = token
    const option = options.find(option => listSpellings(option).includes(rawName))
    if (option === undefined) {
      fault ??= failUnknownWord('option', rawName, options.flatMap(listSpellings))
      continue
    }
    const name = getOptionName(option)
    values.set(name, [...(values.get(name) ?? []), value ?? ''])
    if (!takesValue(option)) {
      if (inlineValue) fault ??= new Failure(`\`${rawName}\` takes no value, so no \`${value}\``)
    } else if (value === undefined || value === '') fault ??= new Failure(`\`${option.flag}\` has no value`)
    else if (!inlineValue && value.startsWith('-') && value !== '-') {
      const help = `a value that begins with \`-\` is written \`--${name}=${value}\``
      fault ??= new Failure(`\`${option.flag}\` has no value before \`${value}\``, help)
    }
  }
  return { words, options: new Options(values), fault }
}

function getTokens(typed: readonly string[], knownOptions: readonly Option[]) {
  const options = knownOptions.map(option => {
    const short = listSpellings(option).find(spelling => !spelling.startsWith('--'))
    const type = takesValue(option) ? ('string' as const) : ('boolean' as const)
    return [getOptionName(option), { type, ...(short !== undefined && { short: short.slice(1) }) }] as const
  })
  const config = { options: Object.fromEntries(options), strict: false, tokens: true } as const
  return parseArgs({ args: [...typed], ...config }).tokens
}

const getOptionName = (option: Option): string => listSpellings(option).at(-1)!.slice(2)
