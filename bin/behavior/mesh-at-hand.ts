import { makeModelReader, readModel } from '../../compiler/behavior/index.ts'
import type { ManifestObject } from '../../compiler/behavior/manifest-object.ts'
import { memo } from '../../compiler/behavior/memo.ts'
import { Lines } from '../../compiler/diagnostics/lines.ts'
import type { Source } from '../../compiler/diagnostics/source.ts'
import { list } from '../../compiler/diagnostics/suggest.ts'
import { makeTextVisible } from '../../compiler/diagnostics/visible.ts'
import { type CompiledObject, listCompiledObjects } from '../../compiler/manifests/compiled-objects.ts'
import { describeAssumedGateway } from '../../compiler/manifests/left-out.ts'
import { findObjectsBeside } from '../../compiler/manifests/objects-beside.ts'
import { listSpecFacts, type SpecFacts } from '../../compiler/map/list-facts.ts'
import type { Mesh } from '../../compiler/mesh/mesh.ts'
import { listObjectReasons, type ObjectReasons } from '../../compiler/provenance/place-reasons.ts'
import type { Definition } from '../../compiler/source/layers.ts'
import type { Context } from '../cli/command.ts'
import { Failure } from '../cli/failure.ts'
import { completeManifests } from '../manifests/complete-manifests.ts'
import { type ReadManifests, readManifests } from '../manifests/read-manifests.ts'
import { compileClean } from '../project/compile-clean.ts'
import { listEnvironments, openProject } from '../project/project.ts'
import { findPlace, type MeshAtHand } from './mesh.ts'

/** A mesh that a command has loaded, with all that a picture of it tells. */
interface LoadedMesh extends MeshAtHand {
  /** The objects that the model was read of. */
  readonly objects: readonly ManifestObject[]
  /** Lists the reasons behind an object; undefined for one that meshc has not made. */
  listReasons(object: ManifestObject): ObjectReasons | undefined
  readonly specFacts: SpecFacts
}

/**
 * The mesh that a call names; undefined where its spec has errors, which are shown.
 *
 * @param words the arguments that name manifests beside `--manifests`
 */
export async function loadMesh(
  context: Context,
  words: readonly string[] = [],
): Promise<LoadedMesh | undefined> {
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
  const listReasons = memo((source: ManifestObject) => {
    const entries = compiledObjects.get(source)?.entries?.()
    return entries && listObjectReasons(entries, compiled.compilation.layers, findLine)
  })
  return {
    name: compiled.environment.name,
    model,
    isForeign: false,
    assumed,
    specNames: indexSpecNames(compiled.compilation.mesh),
    objects: [...objects, ...beside.objects],
    listReasons,
    specFacts: listSpecFacts(compiled.compilation.mesh, compiled.compilation.layers, findLine),
    placeOf: at => findPlace(at, listReasons),
  }
}

/** The mesh of manifests that somebody else wrote, with what they leave out; what is supposed is told. */
async function askManifests(
  { name, objects, notes }: ReadManifests,
  { terminal }: Context,
): Promise<LoadedMesh> {
  const { model, assumed, objects: completed } = completeManifests(makeModelReader(), objects)
  for (const note of notes) terminal.note(`note: ${note}`)
  for (const words of assumed) terminal.note(`note: assumed: ${makeTextVisible(words)}`)
  return {
    name,
    model,
    isForeign: true,
    assumed,
    specNames: new Map(),
    objects: completed,
    listReasons: () => undefined,
    specFacts: { owners: new Map(), facts: {} },
    placeOf: at => findPlace(at, () => undefined),
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

/** Makes the finder of the line of a definition in the texts that were read. */
export const makeLineFinder = (sources: readonly Source[]) => {
  const linesOf = memo((file: string) => {
    const text = sources.find(source => source.name === file)?.text
    return text === undefined ? undefined : new Lines(text)
  })
  return ({ file, start }: Definition) => linesOf(file)?.positionOf(start).line
}
