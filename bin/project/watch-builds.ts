import { dirname } from 'node:path'
import { printCount } from '../../compiler/diagnostics/counted.ts'
import { readClock } from '../cli/clock.ts'
import type { ExitCode, Options } from '../cli/command.ts'
import { Failure } from '../cli/failure.ts'
import { readLimits } from '../cli/limits.ts'
import type { Terminal } from '../cli/terminal.ts'
import { watchFiles } from '../files/watch.ts'
import { FileMemory } from '../output/file-memory.ts'
import { printReport } from '../report/format.ts'
import { refreshSchema } from '../schema/schema-file.ts'
import { schemaFile } from '../schema/schema-path.ts'
import { compileEnvironments, describeTally, readSpecs } from './compile-environments.ts'
import { warnOfEdits } from './hand-edits.ts'
import { makeOutputs, writeOutputs } from './outputs.ts'
import { type Environment, listEnvironments, type Project } from './project.ts'

/** Paths that a line names before it counts them. */
const mostPaths = 3

/** Builds, and builds again the parts that a change concerns, until a signal or a reader's exit ends it. A line a build. */
export async function watchBuilds(project: Project, options: Options, terminal: Terminal): Promise<ExitCode> {
  const refused = ['fix', 'check', 'keep-edits', 'verify', 'json', 'format'].find(name => options.has(name))
  if (refused !== undefined)
    throw new Failure(`\`--watch\` and \`--${refused}\` are given both`, 'give one of the two')
  const names = options.words('env')
  /** The sources of each environment when it was last compiled. */
  const sources = new Map<string, readonly string[]>()
  /** The environments that the last build should have written, had not one been wrong or something been in the way. */
  let waiting: ReadonlySet<string> = new Set()
  const memory = new FileMemory()

  const concerned = (environment: Environment, changed: readonly string[] | undefined) => {
    const read = sources.get(environment.name)
    if (changed === undefined || read === undefined || waiting.has(environment.name)) return true
    // A pattern may include a new file.
    const folders = new Set(read.map(file => dirname(file)))
    return changed.some(path => read.includes(path) || folders.has(dirname(path)))
  }

  /** Gives back the files that were read; undefined if no reader takes the output. */
  const build = async (changed?: readonly string[]): Promise<readonly string[] | undefined> => {
    const began = readClock()
    const took = () => `${(readClock() - began).toFixed(0)} ms`
    try {
      const environments = listEnvironments(project, names).filter(givenEnvironment =>
        concerned(givenEnvironment, changed),
      )
      waiting = new Set(environments.map(({ name }) => name))
      const result = compileEnvironments(project.workspace, environments, terminal, readLimits(options))
      for (const { name } of result.environments) sources.set(name, [...result.sources.keys()])
      for (const { environment, compilation, sources: specs } of result.compiled)
        sources.set(environment.name, [
          ...specs.map(({ name }) => name),
          ...new Set(compilation.surroundings.map(({ file }) => file)),
        ])
      printReport('text', result, terminal, project.root)
      if (result.failed.length > 0) terminal.print(`${took()}: ${describeTally(result)}; nothing was written`)
      else {
        const written = await writeOutputs(
          makeOutputs(project, result.compiled, names.length === 0),
          terminal,
          memory,
        )
        waiting = new Set()
        const paths = written.flatMap(({ environment, changes }) =>
          [...changes.written, ...changes.removed].map(path => `${environment.output}/${path}`),
        )
        if (refreshSchema(project, readSpecs(result)) === 'written') paths.push(schemaFile)
        terminal.print(
          `${took()}: ${paths.length === 0 ? 'nothing to write' : `wrote ${listFewPaths(paths)}`}`,
        )
        for (const { compiled, changes } of written) warnOfEdits(compiled, changes.edited, terminal)
      }
    } catch (error) {
      // An obstacle can disappear during the watch.
      if (!(error instanceof Failure)) throw error
      terminal.problem(error)
    }
    // A stream reports a closed reader after the write.
    await new Promise(resolve => setImmediate(resolve))
    return terminal.isUnread ? undefined : [...new Set([...sources.values()].flat())]
  }

  const read = await build()
  if (read === undefined) return 0
  terminal.note('watching spec/; Ctrl+C ends it')
  await watchFiles(project.root, read, build)
  return 0
}

function listFewPaths(paths: readonly string[]): string {
  const shown = paths.length <= mostPaths + 1 ? paths : paths.slice(0, mostPaths)
  const rest = paths.length - shown.length
  return `${shown.join(', ')}${rest === 0 ? '' : ` and ${printCount(rest, 'more file')}`}`
}
