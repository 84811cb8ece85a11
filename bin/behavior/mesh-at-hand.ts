import type { ManifestObject } from '../../compiler/behavior/manifest-object.ts'
import { memo } from '../../compiler/behavior/memo.ts'
import type { BehaviorModel } from '../../compiler/behavior/model.ts'
import type { At } from '../../compiler/behavior/result.ts'
import { Lines } from '../../compiler/diagnostics/lines.ts'
import { list } from '../../compiler/diagnostics/suggest.ts'
import type { SourceMapEntry } from '../../compiler/emit/print.ts'
import { listObjectsBeside } from '../../compiler/manifests/assumed-objects.ts'
import { type CompiledObject, listCompiledObjects } from '../../compiler/manifests/compiled-objects.ts'
import { nameOfObject } from '../../compiler/manifests/name-of-object.ts'
import type { Mesh } from '../../compiler/mesh/mesh.ts'
import { isWithin } from '../../compiler/provenance/paths.ts'
import { explainPart, type Reason } from '../../compiler/provenance/reasons.ts'
import type { Context, Option } from '../cli/command.ts'
import { Failure } from '../cli/failure.ts'
import { compileClean } from '../project/compile-clean.ts'
import type { Compiled } from '../project/compile-environments.ts'
import { listEnvironments, openProject } from '../project/project.ts'
import { findAssumedTrustDomain } from './assumed-trust-domain.ts'
import { readManifestFolder } from './manifest-folder.ts'

/** The mesh that a question is about. */
export interface MeshAtHand {
  /** The environment, or the folder. */
  readonly name: string
  readonly model: BehaviorModel
  /** The services that a spec calls otherwise than their only name: `name.namespace`, by the word of the spec. */
  readonly specNames: ReadonlyMap<string, string>
  /** Finds the place of a part of a manifest; undefined for what no manifest says. */
  placeOf(at: At): Place | undefined
}

/** A line of a manifest, and what is behind it. */
export interface Place {
  readonly file: string
  readonly line: number
  /** The line of the spec, for what meshc has made. */
  readonly spec?: { readonly file: string; readonly line: number }
  /** The name of what meshc decided itself. */
  readonly decision?: string
}

/** The options of commands that ask a mesh. */
export const meshOptions: readonly Option[] = [
  { flag: '--env <name>', values: 'environments', summary: 'The environment, a folder of spec/' },
  {
    flag: '--manifests <folder>',
    values: 'folders',
    summary: 'Ask the manifests in a folder instead, whoever wrote them',
  },
]

/** The mesh that the options of a call name; undefined where its spec has errors, which are shown. */
export async function loadMesh(context: Context): Promise<MeshAtHand | undefined> {
  const { options } = context
  const folder = options.word('manifests')
  const name = options.word('env')
  if (folder !== undefined) {
    if (name !== undefined) throw new Failure('`--manifests` and `--env` name two meshes', 'give one of them')
    const objects = readManifestFolder(folder)
    const { readModel } = await import('../../compiler/behavior/index.ts')
    const model = readModel(objects)
    const assumed = findAssumedTrustDomain(model)
    if (assumed !== undefined) context.terminal.note(`note: ${assumed}`)
    return {
      name: folder,
      model,
      specNames: new Map(),
      placeOf: at => placeIn(at, () => undefined),
    }
  }
  const project = openProject(options.word('project'))
  const environments = listEnvironments(project, name === undefined ? [] : [name])
  if (environments.length > 1)
    throw new Failure(
      `a mesh is one environment, and there is ${list(environments.map(environment => environment.name))}`,
      'name it with `--env`',
    )
  const result = compileClean(project, environments, context)
  const [compiled] = result?.compiled ?? []
  if (compiled === undefined) return undefined
  const objects = listCompiledObjects(compiled.compilation, compiled.environment.output)
  const { readModel } = await import('../../compiler/behavior/index.ts')
  const model = readModel([...objects, ...listObjectsBeside(compiled.compilation, compiled.sources)])
  const compiledObjects = new Map<ManifestObject, CompiledObject>(objects.map(object => [object, object]))
  const makeReasons = memo((object: CompiledObject) => {
    const entries = listEntries(object, compiled)
    const reasons = new Map<string, Pick<Place, 'spec' | 'decision'> | undefined>()
    return (at: At) => {
      const key = at.path.join('\n')
      if (!reasons.has(key)) reasons.set(key, reasonFor(entries, at, compiled))
      return reasons.get(key)
    }
  })
  return {
    name: compiled.environment.name,
    model,
    specNames: indexSpecNames(compiled.compilation.mesh),
    placeOf: at =>
      placeIn(at, source => {
        const object = compiledObjects.get(source)
        return object === undefined ? undefined : makeReasons(object)(at)
      }),
  }
}

function indexSpecNames({ services }: Mesh): ReadonlyMap<string, string> {
  const counts = new Map<string, number>()
  for (const { name } of services) counts.set(name.value, (counts.get(name.value) ?? 0) + 1)
  return new Map(
    services
      .filter(({ key, name }) => key !== name.value || counts.get(name.value)! > 1)
      .map(({ key, name, namespace }) => [key, `${name.value}.${namespace.value}`]),
  )
}

function placeIn(
  { object, path }: At,
  behind: (source: ManifestObject) => Pick<Place, 'spec' | 'decision'> | undefined,
): Place | undefined {
  const { source } = object
  if (source === undefined) return undefined
  return { file: source.file, line: source.lineOf(path), ...behind(source) }
}

/** Lists the known origins of an object's values. */
function listEntries({ path, value }: CompiledObject, { compilation }: Compiled): readonly SourceMapEntry[] {
  const name = nameOfObject(value)
  return [...compilation.sourceMap(place => place.file === path && place.object === name, new Set([path]))]
}

/** The place of the spec that most values of a part have behind them, or what meshc decided. */
function reasonFor(
  object: readonly SourceMapEntry[],
  { path }: At,
  { compilation, sources }: Compiled,
): Pick<Place, 'spec' | 'decision'> | undefined {
  const within = (length: number) => object.filter(entry => isWithin(entry.path, path.slice(0, length)))
  let part = within(path.length)
  for (let length = path.length - 1; part.length === 0 && length >= 0; length--) part = within(length)
  const { scalars, shared } = explainPart(part, object, compilation.layers)
  const reasons = [...scalars.flatMap(({ reasons }) => reasons), ...shared]
  const counts = new Map<string, { readonly reason: Reason; count: number }>()
  for (const reason of reasons) {
    if (reason.kind === 'spec' && reason.definitions.length === 0) continue
    const key = reason.kind === 'spec' ? reason.path.join('.') : reason.name
    const count = counts.get(key)
    if (count === undefined) counts.set(key, { reason, count: 1 })
    else count.count++
  }
  const ordered = [...counts.values()].toSorted(
    (a, b) => Number(b.reason.kind === 'spec') - Number(a.reason.kind === 'spec') || b.count - a.count,
  )
  const reason = ordered[0]?.reason
  if (reason === undefined) return undefined
  if (reason.kind !== 'spec') return { decision: reason.name }
  const { file: spec, start } = reason.definitions[0]!
  const text = sources.find(source => source.name === spec)?.text
  if (text === undefined) return undefined
  return { spec: { file: spec, line: new Lines(text).positionOf(start).line } }
}
