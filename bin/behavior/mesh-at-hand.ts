import { makeModelReader, readModel } from '../../compiler/behavior/index.ts'
import type { ManifestObject } from '../../compiler/behavior/manifest-object.ts'
import { memo } from '../../compiler/behavior/memo.ts'
import type { BehaviorModel } from '../../compiler/behavior/model.ts'
import type { At } from '../../compiler/behavior/result.ts'
import { indexLines } from '../../compiler/diagnostics/lines.ts'
import { list } from '../../compiler/diagnostics/suggest.ts'
import { makeTextVisible } from '../../compiler/diagnostics/visible.ts'
import type { SourceMapEntry } from '../../compiler/emit/print.ts'
import { type CompiledObject, listCompiledObjects } from '../../compiler/manifests/compiled-objects.ts'
import { describeAssumedGateway } from '../../compiler/manifests/left-out.ts'
import { findObjectsBeside } from '../../compiler/manifests/objects-beside.ts'
import type { Mesh } from '../../compiler/mesh/mesh.ts'
import { isWithin } from '../../compiler/provenance/paths.ts'
import { explainPart, type Reason } from '../../compiler/provenance/reasons.ts'
import type { Context } from '../cli/command.ts'
import { Failure } from '../cli/failure.ts'
import { completeManifests } from '../manifests/complete-manifests.ts'
import { type ReadManifests, readManifests } from '../manifests/read-manifests.ts'
import { compileClean } from '../project/compile-clean.ts'
import type { Compiled } from '../project/compile-environments.ts'
import { listEnvironments, openProject } from '../project/project.ts'

/** The mesh that a question is about. */
export interface MeshAtHand {
  /** The environment, or the folder. */
  readonly name: string
  readonly model: BehaviorModel
  /** True for manifests that somebody else wrote, which may leave out whom their policies name: a spec names whom it means. */
  readonly isForeign: boolean
  /** The assumptions about manifests that leave something out, a sentence each; of a spec, about its surroundings alone. */
  readonly assumed: readonly string[]
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

/**
 * The mesh that a call names; undefined where its spec has errors, which are shown.
 *
 * @param words the arguments that name manifests beside `--manifests`
 */
export async function loadMesh(
  context: Context,
  words: readonly string[] = [],
): Promise<MeshAtHand | undefined> {
  const { options } = context
  const places = [...words, ...options.words('manifests')]
  const name = options.word('env')
  if (places.length > 0) {
    if (name !== undefined)
      throw new Failure(`\`${places[0]}\` and \`--env ${name}\` name two meshes`, 'give one of them')
    return askManifests(readManifests(places, options.word('mesh-config')), context)
  }
  if (options.has('mesh-config'))
    throw new Failure(
      '`--mesh-config` is for manifests',
      'a spec says the settings of its mesh under `istio`',
    )
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
  const beside = findObjectsBeside(compiled.compilation, compiled.sources)
  const model = readModel([...objects, ...beside.objects])
  const assumed = beside.gateways.map(describeAssumedGateway)
  for (const words of assumed) context.terminal.note(`note: assumed: ${makeTextVisible(words)}`)
  const compiledObjects = new Map<ManifestObject, CompiledObject>(objects.map(object => [object, object]))
  const findLines = indexLines(compiled.sources)
  const makeReasons = memo((object: CompiledObject) => {
    const scalars = object.listScalars?.() ?? []
    const reasons = new Map<string, Pick<Place, 'spec' | 'decision'> | undefined>()
    return (at: At) => {
      const key = at.path.join('\n')
      if (!reasons.has(key)) reasons.set(key, reasonFor(scalars, at, compiled, findLines))
      return reasons.get(key)
    }
  })
  return {
    name: compiled.environment.name,
    model,
    isForeign: false,
    assumed,
    specNames: indexSpecNames(compiled.compilation.mesh),
    placeOf: at =>
      placeIn(at, source => {
        const object = compiledObjects.get(source)
        return object === undefined ? undefined : makeReasons(object)(at)
      }),
  }
}

/** The mesh of manifests that somebody else wrote, with what they leave out; what is supposed is told. */
async function askManifests(
  { name, objects, notes }: ReadManifests,
  { terminal }: Context,
): Promise<MeshAtHand> {
  const { model, assumed } = completeManifests(makeModelReader(), objects)
  for (const note of notes) terminal.note(`note: ${note}`)
  for (const words of assumed) terminal.note(`note: assumed: ${makeTextVisible(words)}`)
  return {
    name,
    model,
    isForeign: true,
    assumed,
    specNames: new Map(),
    placeOf: at => placeIn(at, () => undefined),
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

/** The place of the spec that most values of a part have behind them, or what meshc decided. */
function reasonFor(
  object: readonly SourceMapEntry[],
  { path }: At,
  { compilation }: Compiled,
  findLines: ReturnType<typeof indexLines>,
): Pick<Place, 'spec' | 'decision'> | undefined {
  const within = (length: number) => object.filter(entry => isWithin(entry.path, path.slice(0, length)))
  let part = within(path.length)
  for (let length = path.length - 1; part.length === 0 && length >= 0; length--) part = within(length)
  const { scalars, shared } = explainPart(part, object, compilation.layers)
  const reasons = [...scalars.flatMap(({ reasons }) => reasons), ...shared]
  const counts = new Map<string, { readonly reason: Reason; count: number }>()
  for (const reason of reasons) {
    const key = reason.kind === 'spec' ? reason.path.join('.') : reason.name
    const count = counts.get(key)
    if (count === undefined) counts.set(key, { reason, count: 1 })
    else count.count++
  }
  const ordered = [...counts.values()].toSorted(
    (a, b) => Number(b.reason.kind === 'spec') - Number(a.reason.kind === 'spec') || b.count - a.count,
  )
  // Where a reason stands is asked last: to find that takes longer than all the rest.
  const reason = ordered.find(({ reason }) => reason.kind !== 'spec' || reason.definitions.length > 0)?.reason
  if (reason === undefined) return undefined
  if (reason.kind !== 'spec') return { decision: reason.name }
  const { file: spec, start } = reason.definitions[0]!
  const lines = findLines(spec)
  if (lines === undefined) return undefined
  return { spec: { file: spec, line: lines.positionOf(start).line } }
}
