import { list } from '../../compiler/diagnostics/suggest.ts'
import { type Command, type ExitCode, environmentOption, projectOption } from '../command.ts'
import {
  type Compiled,
  type CompiledEnvironments,
  compileEnvironments,
  howToMend,
  tally,
} from '../compile-environments.ts'
import type { Console } from '../console.ts'
import { differenceOf } from '../output/difference.ts'
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
  readonly output: Output
}

/** Everything that a build puts into out/, and what was found on the way. */
interface Outputs {
  /** The folder of the project. */
  readonly root: string
  readonly outputs: readonly EnvironmentOutput[]
  readonly result: CompiledEnvironments
}

const outputOf = ({ environment, compilation, sources }: Compiled): EnvironmentOutput => ({
  environment,
  output: { version, sources, files: () => compilation.files() },
})

/** Where the spec is gone, no file belongs. */
const outputOfNothing = (environment: Environment): EnvironmentOutput => ({
  environment,
  output: { version, sources: [], files: () => [] },
})

function check({ root, outputs, result }: Outputs, { format, console }: Told): ExitCode {
  const differences = outputs.map(({ environment, output }) => {
    console.progress(`comparing ${environment.output}`)
    return { environment, ...differenceOf(new OutputFolder(root, environment.output), output) }
  })
  const isFresh = differences.every(
    ({ stale, missing, extra }) => stale.length + missing.length + extra.length === 0,
  )
  if (format === 'json') {
    console.printJson({
      ok: isFresh,
      environments: differences.map(({ environment, ...difference }) => ({
        environment: environment.name,
        output: environment.output,
        ...difference,
      })),
      diagnostics: diagnosticsJson(result),
    })
    return isFresh ? 0 : 1
  }
  for (const { environment, stale, missing, extra } of differences) {
    const { name, output } = environment
    const paths = [
      ...stale.map(path => `stale    ${output}/${path}`),
      ...missing.map(path => `missing  ${output}/${path}`),
      ...extra.map(path => `extra    ${output}/${path}`),
    ]
    if (paths.length === 0) say(`${output} is up to date`, { format, console })
    else {
      const counts = `${stale.length} stale, ${missing.length} missing, ${extra.length} extra`
      console.problem({
        message: `\`${output}\` is not what the spec makes: ${counts}`,
        help: `run \`${stale.length + missing.length > 0 ? `meshc build --env ${name}` : 'meshc build'}\` and commit what it writes`,
        paths,
      })
    }
  }
  return isFresh ? 0 : 1
}

async function write({ root, outputs, result }: Outputs, { format, console }: Told): Promise<ExitCode> {
  const staged: { readonly environment: Environment; readonly output: StagedOutput }[] = []
  try {
    for (const { environment, output } of outputs) {
      console.progress(`writing ${environment.output}`)
      const folder = new OutputFolder(root, environment.output)
      staged.push({ environment, output: await stageOutput(folder, output) })
    }
    for (const { output } of staged) output.commit()
  } catch (error) {
    for (const { output } of staged) output.discard()
    throw error
  }
  if (format === 'json') {
    console.printJson({
      ok: true,
      environments: staged.map(({ environment, output: { changes } }) => ({
        environment: environment.name,
        output: environment.output,
        ...changes,
      })),
      diagnostics: diagnosticsJson(result),
    })
    return 0
  }
  const seconds = (performance.now() / 1000).toFixed(2)
  for (const { environment, output } of staged) {
    const { written, removed, unchanged } = output.changes
    const parts = [
      `wrote ${counted(written.length, 'file')}`,
      ...(removed.length > 0 ? [`removed ${removed.length}`] : []),
      ...(unchanged > 0 ? [`${unchanged} unchanged`] : []),
    ]
    say(`${parts.join(', ')} in ${environment.output} (${seconds} s)`, { format, console })
  }
  if (result.diagnostics.length > 0) console.note(tally(result))
  return 0
}

/** A result; beside a report, which has stdout for itself, it is a remark. */
function say(text: string, { format, console }: Told): void {
  if (format === 'text') console.print(text)
  else console.note(text)
}
