import { makeModelReader, readModel } from '../../compiler/behavior/index.ts'
import type { ManifestObject } from '../../compiler/behavior/manifest-object.ts'
import { memo } from '../../compiler/behavior/memo.ts'
import type { BehaviorModel } from '../../compiler/behavior/model.ts'
import type { At } from '../../compiler/behavior/result.ts'
import { Lines } from '../../compiler/diagnostics/lines.ts'
import type { Source } from '../../compiler/diagnostics/source.ts'
import { list } from '../../compiler/diagnostics/suggest.ts'
import { makeTextVisible } from '../../compiler/diagnostics/visible.ts'
import type { SourceMapEntry } from '../../compiler/emit/print.ts'
import { type CompiledObject, listCompiledObjects } from '../../compiler/manifests/compiled-objects.ts'
import { describeAssumedGateway } from '../../compiler/manifests/left-out.ts'
import { nameOfObject } from '../../compiler/manifests/name-of-object.ts'
import { findObjectsBeside } from '../../compiler/manifests/objects-beside.ts'
import type { Mesh } from '../../compiler/mesh/mesh.ts'
import { chooseReason, listObjectReasons } from '../../compiler/provenance/place-reasons.ts'
import type { Definition } from '../../compiler/source/layers.ts'
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
  const findLine = makeLineFinder(compiled.sources)
  const listReasons = memo((object: CompiledObject) =>
    listObjectReasons(listEntries(object, compiled), compiled.compilation.layers, findLine),
  )
  return {
    name: compiled.environment.name,
    model,
    isForeign: false,
    assumed,
    specNames: indexSpecNames(compiled.compilation.mesh),
    placeOf: at =>
      placeIn(at, source => {
        const object = compiledObjects.get(source)
        return object === undefined ? undefined : chooseReason(listReasons(object), at.path)
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

/** Lists the known origins of an object's values. */
function listEntries({ path, value }: CompiledObject, { compilation }: Compiled): readonly SourceMapEntry[] {
  const name = nameOfObject(value)
  return [...compilation.sourceMap(place => place.file === path && place.object === name, new Set([path]))]
}

/** Makes the finder of the line of a definition in the texts that were read. */
export const makeLineFinder = (sources: readonly Source[]) => {
  const linesOf = memo((file: string) => {
    const text = sources.find(source => source.name === file)?.text
    return text === undefined ? undefined : new Lines(text)
  })
  return ({ file, start }: Definition) => linesOf(file)?.positionOf(start).line
}
