import { cac } from 'cac'
import { list, nearest } from '../compiler/diagnostics/suggest.ts'
import { type Command, type ExitCode, Options } from './command.ts'
import { commands } from './commands/index.ts'
import { Console } from './console.ts'
import { defectOf, Failure } from './failure.ts'
import { version } from './package.ts'

const console = new Console()
const cli = cac('meshc')
for (const command of commands) offer(command)
cli.help(sections => [
  ...sections
    .filter(({ title }) => title?.startsWith('For more info') !== true)
    .map(({ title, body }) => ({ ...(title !== undefined && { title }), body: body.replace(/ +$/gm, '') })),
  {
    title: 'Exit codes',
    body: `  ${called()?.exitCodes?.summary ?? '0 clean, 1 diagnostics or stale output, 2 a wrong call or a disk that refuses'}`,
  },
])
cli.version(version)

// A reader that has seen enough, such as `head`, is no failure.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', error => {
    if ('code' in error && error.code === 'EPIPE') process.exit()
    throw error
  })
}
void main().then(code => {
  process.exitCode = code
})

async function main(): Promise<ExitCode> {
  let isJson = false
  try {
    const { options } = cli.parse(process.argv, { run: false })
    isJson = options['json'] === true || options['format'] === 'json'
    if (options['help'] === true || (options['version'] === true && cli.matchedCommand === undefined))
      return 0
    return await run()
  } catch (error) {
    const failure = error instanceof Failure ? error : failureOf(error)
    const { message, help, paths } = failure
    if (isJson)
      console.printJson({ ok: false, failure: { message, ...(help !== undefined && { help }), paths } })
    else console.problem(failure)
    return called()?.exitCodes?.failure ?? 2
  }
}

/** Tells cac what there is; what it does is ours, so that every mistake is answered alike. */
function offer({ name, argument, summary, options, example }: Command): void {
  const offered = cli.command(argument === undefined ? name : `${name} ${argument}`, summary)
  for (const { flag, summary } of options) offered.option(flag, summary)
  offered.example(`  $ ${example}`)
}

async function run(): Promise<ExitCode> {
  const { matchedCommand: matched, args, options } = cli
  const command = called()
  const known = [...cli.globalCommand.options, ...(matched?.options ?? [])].flatMap(({ names }) => names)
  const unknown = Object.keys(options).find(name => name !== '--' && !known.includes(name))
  if (command === undefined || matched === undefined) {
    if (args[0] !== undefined)
      throw unknownWord(
        'command',
        args[0],
        commands.map(({ name }) => name),
      )
    if (unknown !== undefined) throw unknownWord('option', unknown, known, asTyped)
    cli.outputHelp()
    return 0
  }
  if (unknown !== undefined) throw unknownWord('option', unknown, known, asTyped)
  const words = [...args, ...(options['--'] ?? [])]
  const tooMany = words[matched.args.length]
  if (tooMany !== undefined) {
    const help = matched.hasOption('env')
      ? `name an environment with \`--env ${tooMany}\``
      : `see \`meshc ${command.name} --help\``
    throw new Failure(`\`${command.name}\` takes no argument \`${tooMany}\``, help)
  }
  const missing = command.argument?.split(' ')[words.length]
  if (missing?.startsWith('<'))
    throw new Failure(`\`${command.name}\` needs a ${missing}`, `for example \`${command.example}\``)
  matched.checkOptionValue()
  return await command.run({ argument: words[0], words, options: new Options(options), console, commands })
}

/** The command that was called; undefined before the call is read, and for none. */
function called(): Command | undefined {
  return commands.find(({ name }) => name === cli.matchedCommand?.name)
}

function unknownWord(
  kind: string,
  word: string,
  known: readonly string[],
  asTyped = (word: string) => word,
): Failure {
  const near = nearest(word, known)
  const help =
    near === undefined ? `there is ${list(known.map(asTyped))}` : `did you mean \`${asTyped(near)}\`?`
  return new Failure(`there is no ${kind} \`${asTyped(word)}\``, help)
}

/** An option as one types it; cac keeps its name in camel case. */
function asTyped(name: string): string {
  return name.length === 1 ? `-${name}` : `--${name.replace(/[A-Z]/g, letter => `-${letter.toLowerCase()}`)}`
}

/** What cac says of a call is a mistake in it. Anything else is a defect: it is said in one line, and shown on request. */
function failureOf(error: unknown): Failure {
  if (error instanceof Error && error.name === 'CACError')
    return new Failure(error.message, 'see `meshc --help`')
  if (process.env['MESHC_TRACE'] === '1')
    console.note(error instanceof Error ? (error.stack ?? error.message) : String(error))
  return defectOf(error)
}
