import { listQuoted } from '../../compiler/diagnostics/suggest.ts'
import { makeTextVisible } from '../../compiler/diagnostics/visible.ts'
import type { Terminal } from '../cli/terminal.ts'
import type { FileMemory } from '../output/file-memory.ts'
import { findInterruptedBuild } from '../output/interrupted.ts'
import { type Output, OutputFolder } from '../output/output-folder.ts'
import { type StagedOutput, stageOutput } from '../output/stage.ts'
import { version } from '../package.ts'
import { listBuiltFiles } from './built-files.ts'
import type { Compiled } from './compile-environments.ts'
import { type Environment, listGoneEnvironments, type Project } from './project.ts'

/** The content of the folder of an environment. */
export interface EnvironmentOutput {
  readonly environment: Environment
  /** The compiled environment; undefined if the spec was removed. */
  readonly compiled?: Compiled
  readonly output: Output
}

/** The outputs that a build puts into out/. */
export interface Outputs {
  /** The folder of the project. */
  readonly root: string
  readonly outputs: readonly EnvironmentOutput[]
}

const getOutput = (compiled: Compiled): EnvironmentOutput => ({
  environment: compiled.environment,
  compiled,
  output: {
    version,
    sources: compiled.sources,
    files: () => listBuiltFiles(compiled),
    neighbors: new Set(compiled.compilation.neighbors.map(({ path }) => path)),
  },
})

/** No file belongs to a spec that is gone. */
const outputOfNothing = (environment: Environment): EnvironmentOutput => ({
  environment,
  output: { version, sources: [], files: () => [], neighbors: new Set() },
})

/**
 * Makes the outputs of compiled environments for out/.
 *
 * @param isAll whether these are all environments, so that the output of others is removed
 */
export function makeOutputs(project: Project, compiled: readonly Compiled[], isAll: boolean): Outputs {
  const gone = isAll ? listGoneEnvironments(project) : []
  return { root: project.root, outputs: [...compiled.map(getOutput), ...gone.map(outputOfNothing)] }
}

/** The output that a build has written for an environment. */
interface WrittenOutput extends Omit<EnvironmentOutput, 'output'>, Pick<StagedOutput, 'changes'> {}

/**
 * Writes all outputs into out/, or none. An environment that gets or loses clusters is first replaced as a whole.
 *
 * @param memory the files as the build before in this process has seen them
 */
export async function writeOutputs(
  { root, outputs }: Outputs,
  terminal: Terminal,
  memory?: FileMemory,
): Promise<readonly WrittenOutput[]> {
  const interrupted = findInterruptedBuild(root)
  if (interrupted !== undefined) {
    const { replaced, waiting } = interrupted
    const remark = `an earlier build was killed: it had replaced ${listQuoted(replaced)}, but not ${listQuoted(waiting)}`
    terminal.note(`note: ${makeTextVisible(remark)}; \`meshc build\` of all makes them of one spec again`)
  }
  // The folder of an environment that got or lost clusters contains those of the clusters, and is replaced as a whole.
  const [outer, inner] = splitNested(outputs)
  return [
    ...(outer.length === 0 ? [] : await replaceOutputs(root, outer, terminal, memory)),
    ...(await replaceOutputs(root, inner, terminal, memory)),
  ]
}

/** Splits outputs into those whose folders contain others, and the rest. */
function splitNested(outputs: readonly EnvironmentOutput[]): [EnvironmentOutput[], EnvironmentOutput[]] {
  const isAround = ({ environment: { output } }: EnvironmentOutput) =>
    outputs.some(({ environment }) => environment.output.startsWith(`${output}/`))
  return [outputs.filter(isAround), outputs.filter(output => !isAround(output))]
}

async function replaceOutputs(
  root: string,
  outputs: readonly EnvironmentOutput[],
  terminal: Terminal,
  memory: FileMemory | undefined,
): Promise<readonly WrittenOutput[]> {
  const staged: (Omit<EnvironmentOutput, 'output'> & { readonly output: StagedOutput })[] = []
  try {
    for (const { output, ...rest } of outputs) {
      terminal.progress(`writing ${rest.environment.output}`)
      staged.push({
        ...rest,
        output: await stageOutput(new OutputFolder(root, rest.environment.output), output, {
          memory,
        }),
      })
    }
    for (const { output } of staged) output.commit()
  } catch (error) {
    for (const { output } of staged) output.revert()
    throw error
  } finally {
    // The claims are closed only now: until all folders are replaced, the files beside them show the progress of a killed build.
    for (const { output } of staged) output.close()
  }
  return staged.map(({ output: { changes }, ...rest }) => ({ ...rest, changes }))
}
