import { commands } from '../commands/index.ts'
import { isSystemError } from '../files/system-error.ts'
import { version } from '../package.ts'
import { type Call, failUnknownWord, parseCall } from './call.ts'
import type { Command, ExitCode } from './command.ts'
import { makeDefect } from './defect.ts'
import { Failure } from './failure.ts'
import { printHelp } from './help.ts'
import { Terminal } from './terminal.ts'

/** Runs the command that the arguments of this process call, and sets its exit code. */
export function runMeshc(): void {
  const terminal = new Terminal()
  const call = parseCall(process.argv.slice(2), commands)
  void handleCall(call, terminal).then(code => {
    process.exitCode = code
  })
  // The loss of output on a stream is known last.
  process.on('exit', () => {
    if (terminal.hasLostOutput) process.exitCode = codeOfFailure(call)
  })
}

async function handleCall(call: Call, terminal: Terminal): Promise<ExitCode> {
  const { command, options } = call
  try {
    if (options.has('help')) {
      printHelp(command, commands, terminal)
      return 0
    }
    if (options.has('version')) {
      terminal.print(`meshc/${version} ${process.platform}-${process.arch} node-${process.version}`)
      return 0
    }
    return await runCommand(call, terminal)
  } catch (error) {
    const failure = error instanceof Failure ? error : getFailure(error, terminal)
    const { message, help, paths } = failure
    if (options.has('json') || options.words('format').includes('json'))
      terminal.printJson({ ok: false, failure: { message, ...(help !== undefined && { help }), paths } })
    else terminal.problem(failure)
    return codeOfFailure(call)
  }
}

async function runCommand(call: Call, terminal: Terminal): Promise<ExitCode> {
  const { command, words, options } = call
  if (command === undefined && words[0] === 'help') {
    printHelp(words[1] === undefined ? undefined : commandNamed(words[1]), commands, terminal)
    return 0
  }
  if (command === undefined && words[0] !== undefined) commandNamed(words[0])
  if (call.fault !== undefined) throw call.fault
  if (command === undefined) {
    printHelp(undefined, commands, terminal)
    return 0
  }
  const expected = command.argument?.split(' ') ?? []
  const isEndless = command.argument?.startsWith('[...') === true
  const tooMany = isEndless ? undefined : words[expected.length]
  if (tooMany !== undefined) throw failExtraWord(command, expected.length, tooMany)
  const missing = expected[words.length]
  if (missing?.startsWith('<'))
    throw new Failure(`\`${command.name}\` needs a ${missing}`, `for example \`${command.example}\``)
  return await command.run({ argument: words[0], words, options, terminal, commands })
}

/** A word behind the arguments of a command. Behind a command without arguments, it may be an environment. */
function failExtraWord({ name, example, options }: Command, expected: number, word: string): Failure {
  if (expected > 0) {
    const count = expected === 1 ? 'one argument' : `${expected} arguments`
    return new Failure(
      `\`${name}\` takes only ${count}: \`${word}\` is too much`,
      `for example \`${example}\``,
    )
  }
  const hasEnvironments = options.some(({ flag }) => flag.startsWith('--env '))
  return new Failure(
    `\`${name}\` takes no argument \`${word}\``,
    hasEnvironments ? `name an environment with \`--env ${word}\`` : `see \`meshc ${name} --help\``,
  )
}

function commandNamed(name: string): Command {
  const foundCommand = commands.find(command => command.name === name)
  if (foundCommand !== undefined) return foundCommand
  throw failUnknownWord(
    'command',
    name,
    commands.map(command => command.name),
  )
}

function codeOfFailure({ command }: Call): ExitCode {
  return command?.failureCode ?? 2
}

/** An unforeseen error is a defect: the message has one line, and the details on request. */
function getFailure(error: unknown, terminal: Terminal): Failure {
  if (isSystemError(error) && error.syscall === 'uv_cwd')
    return new Failure('the current folder is gone', 'change into a folder that is there')
  if (process.env['MESHC_TRACE'] === '1')
    terminal.note(error instanceof Error ? (error.stack ?? error.message) : String(error))
  return makeDefect(error)
}
