import { makeModelReader } from '../../compiler/behavior/index.ts'
import { list } from '../../compiler/diagnostics/suggest.ts'
import { makeTextVisible } from '../../compiler/diagnostics/visible.ts'
import { noFacts } from '../../compiler/map/list-facts.ts'
import type { Context } from '../cli/command.ts'
import { Failure } from '../cli/failure.ts'
import { completeManifests } from '../manifests/complete-manifests.ts'
import { type ReadManifests, readManifests } from '../manifests/read-manifests.ts'
import { compileClean } from '../project/compile-clean.ts'
import { listEnvironments, openProject } from '../project/project.ts'
import { type LoadedMesh, makeCompiledMesh } from './compiled-mesh.ts'
import { findPlace } from './mesh.ts'

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
  const mesh = makeCompiledMesh(compiled)
  for (const words of mesh.assumed) context.terminal.note(`note: assumed: ${makeTextVisible(words)}`)
  return mesh
}

/** The mesh of manifests that somebody else wrote, with what they leave out; what is supposed is told. */
async function askManifests(manifests: ReadManifests, { terminal }: Context): Promise<LoadedMesh> {
  const { name, objects, notes } = manifests
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
    manifests,
    listReasons: () => undefined,
    listFacts: () => noFacts,
    placeOf: at => findPlace(at, () => undefined),
  }
}
