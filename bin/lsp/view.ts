import type { Limits } from '../../compiler/behavior/budget.ts'
import { type CompileResult, compile } from '../../compiler/compile.ts'
import { type Layers, mergeLayers } from '../../compiler/source/layers.ts'
import { load, type Workspace } from '../../compiler/source/load.ts'
import type { Environment } from '../project/project.ts'

/** An environment as an editor has it. */
export interface View {
  readonly environment: Environment
  /** The result of compiling the texts as they are. */
  readonly result: CompileResult
  /** The files as they could last be read: while one is typed, it may be no YAML for a moment. */
  readonly layers: Layers
  /** The files that cannot be read now. */
  readonly broken: ReadonlySet<string>
  /** The workspace it was compiled from, and the day. */
  readonly workspace: Workspace
  readonly today: string
  /** Starts the limits of one question about the mesh. */
  readonly startLimits: () => Limits
}

/**
 * @param lastGood the last valid text of a file, if any
 * @param startLimits starts the limits of one question about the mesh
 */
export function getView(
  environment: Environment,
  workspace: Workspace,
  today: string,
  lastGood: (file: string) => { readonly text: string } | undefined,
  startLimits: () => Limits,
): View {
  const { entry } = environment
  const result = compile(entry, workspace, today, startLimits())
  const readable = new Set(
    result.layers.documents.flatMap(({ source, isYaml }) => (isYaml ? [source.name] : [])),
  )
  const specs = result.sources.filter(({ name }) => !name.endsWith('.liquid'))
  const broken = new Set(specs.flatMap(({ name }) => (readable.has(name) ? [] : [name])))
  const mended: Workspace = {
    read: path => (broken.has(path) ? lastGood(path) : undefined) ?? workspace.read(path),
    list: folder => workspace.list(folder),
    listBelow: folder => workspace.listBelow(folder),
  }
  const layers = broken.size === 0 ? result.layers : mergeLayers(load(entry, mended).layers).layers
  return { environment, result, layers, broken, workspace, today, startLimits }
}
