import { once } from '../../compiler/basics/once.ts'
import type { Difference } from '../../compiler/behavior/compare/difference.ts'
import { compare, makeModelReader } from '../../compiler/behavior/index.ts'
import type { Compilation } from '../../compiler/compilation.ts'
import { compile } from '../../compiler/compile.ts'
import { type ImportedMesh, placeBeside } from '../../compiler/import/import-mesh.ts'
import { type MergedSpec, mergeImport, UneditableError } from '../../compiler/import/merge-import.ts'
import { readSpec } from '../../compiler/read-spec.ts'
import { isMap, type SpecMap } from '../../compiler/source/document.ts'
import type { Workspace } from '../../compiler/source/load.ts'
import type { Context, ExitCode } from '../cli/command.ts'
import { Failure } from '../cli/failure.ts'
import { readLimits } from '../cli/limits.ts'
import { readManifestState, readStateOfRevision } from '../manifests/manifest-state.ts'
import { compileClean } from '../project/compile-clean.ts'
import { listEnvironments, openProject } from '../project/project.ts'
import { writeTexts } from '../project/write-texts.ts'
import { importManifests, makeHead } from './import-manifests.ts'
import { reviewObjects } from './import-text.ts'
import { mergeJson } from './merge-json.ts'
import { type MergeReport, mergeText } from './merge-text.ts'

/**
 * Brings a later change of manifests into the spec that was imported from them. Ends with 0 if all of the change is in the spec,
 * and the spec differs from the manifests in nothing that is new; or if the rest is accepted.
 */
export function runMerge(context: Context): ExitCode {
  const { options, terminal, words } = context
  const project = openProject(options.word('project'))
  const [name = '', ...others] = options.words('env')
  if (name === '' || name.includes('=') || others.length > 0 || words.length === 0)
    throw new Failure(
      '`--merge` takes one environment and its manifests',
      'for example `meshc import clusters/prod --env prod --merge`',
    )
  if (options.words('namespace').length > 0 || options.word('mesh') !== undefined)
    throw new Failure(
      'the spec says already what it manages, and the name of the mesh',
      'leave `--namespace` and `--mesh` out',
    )
  const [environment] = listEnvironments(project, [name])
  const { entry } = environment!
  const spec = readSpec(entry, project.workspace)?.layers.value
  // A spec that cannot be read has errors, which are shown.
  if (spec === undefined) {
    compileClean(project, [environment!], context)
    return 1
  }
  const meshConfig = options.word('mesh-config')
  const states = [
    readStateOfRevision(words, options.word('base') ?? 'HEAD', meshConfig),
    readManifestState(words, meshConfig),
  ].map(({ manifests }) => manifests)
  const { mesh, manages = 'mesh', surroundings } = spec
  const head = makeHead({ mesh, environment: name, manages, surroundings })
  const part = makeMeshPart(spec)
  const read = makeModelReader()
  const notes = new Set<string>()
  const [before, after] = states.map(manifests => {
    terminal.progress(`${name}: importing ${manifests.name}`)
    return importManifests({ name, manifests, head, part, read }, context, notes).imported
  })
  const merged = mergeOrFail(() =>
    mergeImport(entry, project.workspace, head, before!.settled, after!.settled),
  )
  const limits = readLimits(options)
  terminal.progress(`${name}: comparing the spec with the manifests`)
  const compareWith = (imported: ImportedMesh, files: MergedSpec['files'], when: string) => {
    const { claims } = imported.settled
    const compilation = compileOrFail(entry, overlay(project.workspace, imported, files), when)
    const made = placeBeside({ compilation, claims }, imported.before)
    return { made, comparison: compare(read(imported.before), read(made), limits) }
  }
  const old = compareWith(before!, [], 'before the change of the manifests')
  const now = compareWith(after!, merged.files, 'with the change of the manifests')
  const expected = new Set(old.comparison.differences.map(nameDifference))
  const { differences, unknown } = now.comparison
  const added = differences.filter(difference => !expected.has(nameDifference(difference)))
  writeTexts(project, new Map(merged.files.map(file => [file.name, file.text])))
  const report: MergeReport = {
    entry,
    merged,
    since: states[0]!.name,
    remaining: differences.length,
    added: added.length,
    unknown: unknown.length,
    pairs: now.comparison.pairs.all,
    isMerged: merged.conflicts.length + added.length + unknown.length === 0,
    review: once(() => reviewObjects(name, [states[1]!.name, entry], [after!.before, now.made], limits)),
  }
  if (options.has('json')) terminal.printJson(mergeJson(report))
  else terminal.print(mergeText(report, terminal.color))
  return report.isMerged || options.has('accept') ? 0 : 1
}

function compileOrFail(entry: string, workspace: Workspace, when: string): Compilation {
  const result = compile(entry, workspace)
  if (result.ok) return result.value
  const [first] = result.diagnostics.filter(({ severity }) => severity === 'error')
  throw new Failure(
    `\`${entry}\` does not compile ${when}: ${first?.code}: ${first?.message}`,
    'nothing is written; bring the change into the spec by hand',
  )
}

function makeMeshPart({ manages, surroundings }: SpecMap) {
  if (!isMap(manages)) return undefined
  return {
    namespaces: new Set(manages['namespaces'] as readonly string[]),
    folders: (surroundings ?? []) as readonly string[],
  }
}

function mergeOrFail(run: () => MergedSpec): MergedSpec {
  try {
    return run()
  } catch (error) {
    if (!(error instanceof UneditableError)) throw error
    throw new Failure(
      `\`${error.message}\` cannot be edited without a loss`,
      'nothing is written; write its anchors and aliases out, or bring the change in by hand',
    )
  }
}

/** The workspace of a spec with other texts of its files, and with the surroundings of an import. */
function overlay(
  workspace: Workspace,
  { surroundings }: ImportedMesh,
  files: MergedSpec['files'],
): Workspace {
  const texts = new Map([...surroundings, ...files].map(({ name, text }) => [name, text]))
  return {
    read: path => {
      const text = texts.get(path)
      return text === undefined ? workspace.read(path) : { text }
    },
    list: folder => workspace.list(folder),
    listBelow: folder => {
      const inside = surroundings.map(({ name }) => name).filter(name => name.startsWith(`${folder}/`))
      return inside.length > 0 ? inside : workspace.listBelow(folder)
    },
  }
}

/** Names a difference without its example: two differences of one name are the same to a reader. */
const nameDifference = ({ section, change, callers, destinations }: Difference): string =>
  JSON.stringify([section, change, callers, destinations])
