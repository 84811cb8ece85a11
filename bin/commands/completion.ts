import { readFileSync } from 'node:fs'
import { findNearestName, listQuoted } from '../../compiler/diagnostics/suggest.ts'
import { listNames } from '../answers/index.ts'
import { listSpellings, takesValue } from '../cli/call.ts'
import type { Command, Option, Values } from '../cli/command.ts'
import { Failure } from '../cli/failure.ts'
import { attempt } from '../files/system-error.ts'
import { locatePackageFile } from '../package.ts'

const shells = ['bash', 'zsh', 'fish'] as const

/** Prints the script with which a shell completes calls of meshc. The script calls this command for the candidates. */
export const completion: Command = {
  name: 'completion',
  argument: '<shell>',
  argumentValues: [shells],
  summary: `Print the completion script of a shell: ${shells.join(', ')}`,
  options: [
    { flag: '--words <lines>', summary: 'Print the candidates for the last of these words, one per line' },
  ],
  example: 'source <(meshc completion bash)',
  exitCodes: {
    0: 'the script is printed',
    2: 'the shell is unknown, or the call is wrong',
  },
  run({ argument, options, terminal, commands }) {
    const shell = shells.find(shell => shell === argument)
    if (shell === undefined) {
      const near = findNearestName(String(argument), shells)
      const help = near === undefined ? `there is ${listQuoted(shells)}` : `did you mean \`${near}\`?`
      throw new Failure(`there is no completion for \`${argument}\``, help)
    }
    const words = options.word('words')
    if (words === undefined) terminal.printDocument(getScript(shell))
    else {
      const candidates = candidatesFor(words.replace(/\n$/, '').split('\n'), commands)
      if (candidates.length > 0) terminal.printDocument(candidates.join('\n'))
    }
    return 0
  },
}

const getScript = (shell: string) =>
  attempt('the script cannot be read', () =>
    readFileSync(locatePackageFile(`templates/completion/meshc.${shell}`), 'utf8').trimEnd(),
  )

/**
 * Lists the candidates for the last word of a call, a line each: a word and, after a tab, its description; `:files` or `:folders` if
 * the shell completes paths.
 */
function candidatesFor(words: readonly string[], commands: readonly Command[]): readonly string[] {
  const last = words.at(-1) ?? ''
  const lines = (entries: Iterable<readonly [string, string]>) =>
    [...entries].filter(([word]) => word.startsWith(last)).map(([word, summary]) => `${word}\t${summary}`)
  if (words.length <= 2) return lines(commands.map(({ name, summary }) => [name, summary]))
  const command = commands.find(({ name }) => name === words[1])
  if (command === undefined) return []
  const { options } = command
  const before = words.slice(2, -1)
  // Some shells make a word of the sign in `--env=prod`.
  const awaiting = optionNamed(options, before.at(-1) === '=' ? before.at(-2) : before.at(-1))
  if (awaiting !== undefined && takesValue(awaiting)) return valuesFor(awaiting.values, last)
  if (last.startsWith('-')) {
    const given = new Set(before)
    const free = options.filter(option => option.isRepeatable === true || !given.has(getLongFlag(option)))
    return lines([
      ...free.map(option => [getLongFlag(option), option.summary] as const),
      ['--help', 'Show the help of the command'],
    ])
  }
  const isValue = (index: number) => {
    const option = optionNamed(options, before[index - 1])
    return option !== undefined && takesValue(option)
  }
  const given = before.filter((word, index) => !word.startsWith('-') && word !== '=' && !isValue(index))
  if (command.argument?.startsWith('[...') === true) return valuesFor(command.argumentValues?.[0], last)
  if (given.length >= (command.argument?.split(' ').length ?? 0))
    return lines(options.map(option => [getLongFlag(option), option.summary]))
  return valuesFor(command.argumentValues?.[given.length], last)
}

const getLongFlag = (option: Option): string => listSpellings(option).at(-1)!
const optionNamed = (options: readonly Option[], word: string | undefined) =>
  options.find(option => word !== undefined && listSpellings(option).includes(word))

function valuesFor(values: Values | undefined, last: string): readonly string[] {
  if (values === undefined) return []
  if (values === 'files' || values === 'folders') return [`:${values}`]
  const words =
    typeof values === 'function' ? values() : typeof values === 'string' ? listNames(values) : values
  return words.filter(word => word.startsWith(last))
}
