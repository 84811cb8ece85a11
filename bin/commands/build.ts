import { list } from '../../compiler/diagnostics/suggest.ts'
import { visible } from '../../compiler/diagnostics/visible.ts'
import { type Command, type ExitCode, environmentOption, projectOption } from '../command.ts'
import {
  type Compiled,
  type CompiledEnvironments,
  compileEnvironments,
  howToMend,
  tally,
} from '../compile-environments.ts'
import type { Console } from '../console.ts'
import { type HandEdit, handEditsOf, handEditText } from '../hand-edits.ts'
import type { EditedFile } from '../output/comparison.ts'
import { differenceOf, isFresh } from '../output/difference.ts'
import { type Output, OutputFolder } from '../output/output-folder.ts'
import { type StagedOutput, stageOutput } from '../output/stage.ts'
import { version } from '../package.ts'
import { type Environment, environmentsOf, goneEnvironments, openProject } from '../project.ts'
import { diagnosticsJson, type Format, formatOf, formatOptions, printReport } from '../report/format.ts'
import { counted } from '../report/report.ts'

/** Compiles environments into out/. */
export const build: Command = {
  name: 'build',
  summary: 'Compile the specs into out/',
  options: [
    environmentOption,
    { flag: '--check', summary: 'Write nothing; say what in out/ is stale' },
    { flag: '--keep-edits', summary: 'Write nothing where a file in out/ was edited by hand' },
    { flag: '--verify', summary: 'Hold every manifest against the schema of its kind' },
    ...formatOptions,
    projectOption,
  ],
  example: 'meshc build --env prod',
  async run(context) {
    const { options, console } = context
    const format = formatOf(options)
    const project = openProject(options.word('project'))
    const environments = environmentsOf(project, options.words('env'))
    const result = compileEnvironments(project.workspace, environments, console)
    printReport(format, result, console)
    if (result.failed.length > 0) return refuse(result, { format, console })
    if (options.has('verify')) {
      // Loaded only now: the schemas of what meshc writes are the larger half of the program.
      const { faultsOf } = await import('../verify.ts')
      const faults = result.compiled.flatMap(compiled => {
        console.progress(`verifying ${compiled.environment.name}`)
        return faultsOf(compiled)
      })
      if (faults.length > 0) return confess(faults, result, { format, console })
    }
    const gone = options.words('env').length === 0 ? goneEnvironments(project) : []
    const outputs = [...result.compiled.map(outputOf), ...gone.map(outputOfNothing)]
    const { root } = project
    if (options.has('keepEdits') && !options.has('check')) {
      const refused = refuseEdits({ root, outputs, result }, { format, console })
      if (refused !== undefined) return refused
    }
    return options.has('check')
      ? check({ root, outputs, result }, { format, console })
      : write({ root, outputs, result }, { format, console })
  },
}

/** How a build says what it did. */
interface Told {
  readonly format: Format
  readonly console: Console
}

/** No environment is written unless all are clean. */
function refuse(result: CompiledEnvironments, { format, console }: Told): ExitCode {
  if (format === 'json') {
    console.printJson({ ok: false, environments: [], diagnostics: diagnosticsJson(result) })
    return 1
  }
  const clean = result.compiled.map(({ environment }) => environment.name)
  const also =
    clean.length === 0 ? '' : `, not even ${list(clean)}, which ${clean.length === 1 ? 'is' : 'are'} clean`
  console.problem({
    message: `${tally(result)}; nothing was written${also}`,
    help: howToMend(result),
    paths: [],
  })
  return 1
}

/** A manifest that breaks its schema is never the user's fault. */
function confess(
  faults: readonly string[],
  result: CompiledEnvironments,
  { format, console }: Told,
): ExitCode {
  if (format === 'json')
    console.printJson({
      ok: false,
      environments: [],
      diagnostics: diagnosticsJson(result),
      violations: faults,
    })
  else {
    console.problem({
      message: `${counted(faults.length, 'violation')} of a target schema: a defect of meshc; nothing was written`,
      help: 'report it with the spec; without `--verify` the manifests are written as they are',
      paths: faults,
    })
  }
  return 1
}

/** What belongs into the folder of an environment. */
interface EnvironmentOutput {
  readonly environment: Environment
  /** Undefined where the spec is gone. */
  readonly compiled?: Compiled
  readonly output: Output
}

/** Everything that a build puts into out/, and what was found on the way. */
interface Outputs {
  /** The folder of the project. */
  readonly root: string
  readonly outputs: readonly EnvironmentOutput[]
  readonly result: CompiledEnvironments
}

const outputOf = (compiled: Compiled): EnvironmentOutput => ({
  environment: compiled.environment,
  compiled,
  output: { version, sources: compiled.sources, files: () => compiled.compilation.files() },
})

/** Where the spec is gone, no file belongs. */
const outputOfNothing = (environment: Environment): EnvironmentOutput => ({
  environment,
  output: { version, sources: [], files: () => [] },
})

function check({ root, outputs, result }: Outputs, { format, console }: Told): ExitCode {
  const differences = outputs.map(({ environment, output, compiled }) => {
    console.progress(`comparing ${environment.output}`)
    const difference = differenceOf(new OutputFolder(root, environment.output), output)
    return { environment, difference, edits: editsOf(compiled, difference.edited) }
  })
  const areFresh = differences.every(({ difference }) => isFresh(difference))
  if (format === 'json') {
    console.printJson({
      ok: areFresh,
      environments: differences.map(({ environment, difference, edits }) => ({
        environment: environment.name,
        output: environment.output,
        ...difference,
        edited: difference.edited.map(({ path }) => path),
        edits,
      })),
      diagnostics: diagnosticsJson(result),
    })
    return areFresh ? 0 : 1
  }
  for (const { environment, difference, edits } of differences) {
    const { name, output } = environment
    if (isFresh(difference)) {
      say(`${output} is up to date`, { format, console })
      continue
    }
    const { stale, edited, missing, extra, foreign, causes } = difference
    const groups: readonly (readonly [string, readonly string[]])[] = [
      ['edited', edited.map(({ path }) => path)],
      ['stale', stale],
      ['missing', missing],
      ['extra', extra],
      ['foreign', foreign],
    ]
    const counts = groups
      .filter(([, paths]) => paths.length > 0)
      .map(([word, paths]) => `${paths.length} ${word === 'edited' ? 'edited by hand' : word}`)
    const isOwn = stale.length + missing.length + edited.length > 0
    console.problem({
      message: `\`${output}\` is not what the spec makes: ${counts.join(', ')}`,
      help: `run \`${isOwn ? `meshc build --env ${name}` : 'meshc build'}\` and commit what it writes`,
      paths: groups.flatMap(([word, paths]) => paths.map(path => `${word.padEnd(9)}${output}/${path}`)),
    })
    if (causes.length > 0) console.note(`  because ${causes.map(cause => visible(cause)).join(', ')}`)
    showEdits(edits, console)
  }
  return areFresh ? 0 : 1
}

/** With `--keep-edits`: what was edited by hand is said, and nothing is written. */
function refuseEdits({ root, outputs, result }: Outputs, { format, console }: Told): ExitCode | undefined {
  const edits = outputs.flatMap(({ environment, output, compiled }) =>
    editsOf(compiled, differenceOf(new OutputFolder(root, environment.output), output).edited),
  )
  if (edits.length === 0) return undefined
  if (format === 'json')
    console.printJson({ ok: false, environments: [], edits, diagnostics: diagnosticsJson(result) })
  else {
    const files = new Set(edits.map(({ file }) => file))
    const help = 'put it into the spec; without `--keep-edits` a build replaces it'
    const message = `${counted(files.size, 'file')} in out/ ${files.size === 1 ? 'was' : 'were'} edited by hand; nothing was written`
    console.problem({ message, help, paths: [] })
    showEdits(edits, console)
  }
  return 1
}

/** What was edited by hand, line by line; of a folder whose spec is gone there is nothing to say. */
const editsOf = (compiled: Compiled | undefined, edited: readonly EditedFile[]): readonly HandEdit[] =>
  compiled === undefined ? [] : edited.flatMap(file => handEditsOf(compiled, file))

/** More edits than these are counted. */
const mostEdits = 20

function showEdits(edits: readonly HandEdit[], console: Console): void {
  for (const edit of edits.slice(0, mostEdits)) console.note(`  ${visible(handEditText(edit))}`)
  if (edits.length > mostEdits) console.note(`  and ${counted(edits.length - mostEdits, 'more line')}`)
}

async function write({ root, outputs, result }: Outputs, { format, console }: Told): Promise<ExitCode> {
  const staged: (Omit<EnvironmentOutput, 'output'> & { readonly output: StagedOutput })[] = []
  try {
    for (const { environment, output, compiled } of outputs) {
      console.progress(`writing ${environment.output}`)
      const folder = new OutputFolder(root, environment.output)
      staged.push({ environment, output: await stageOutput(folder, output), ...(compiled && { compiled }) })
    }
    for (const { output } of staged) output.commit()
  } catch (error) {
    for (const { output } of staged) output.discard()
    throw error
  }
  if (format === 'json') {
    console.printJson({
      ok: true,
      environments: staged.map(({ environment, compiled, output: { changes } }) => ({
        environment: environment.name,
        output: environment.output,
        ...changes,
        edited: changes.edited.map(({ path }) => path),
        edits: editsOf(compiled, changes.edited),
      })),
      diagnostics: diagnosticsJson(result),
    })
    return 0
  }
  const seconds = (performance.now() / 1000).toFixed(2)
  for (const { environment, compiled, output } of staged) {
    const { written, removed, unchanged, edited } = output.changes
    const parts = [
      `wrote ${counted(written.length, 'file')}`,
      ...(removed.length > 0 ? [`removed ${removed.length}`] : []),
      ...(unchanged > 0 ? [`${unchanged} unchanged`] : []),
    ]
    say(`${parts.join(', ')} in ${environment.output} (${seconds} s)`, { format, console })
    if (edited.length === 0) continue
    console.note(
      `warning: ${counted(edited.length, 'file')} edited by hand ${edited.length === 1 ? 'was' : 'were'} replaced`,
    )
    showEdits(editsOf(compiled, edited), console)
  }
  if (result.diagnostics.length > 0) console.note(tally(result))
  return 0
}

/** A result; beside a report, which has stdout for itself, it is a remark. */
function say(text: string, { format, console }: Told): void {
  if (format === 'text') console.print(text)
  else console.note(text)
}
