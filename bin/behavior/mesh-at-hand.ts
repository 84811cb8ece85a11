import { makeModelReader } from '../../compiler/behavior/index.ts'
import { listQuoted, suggestName } from '../../compiler/diagnostics/suggest.ts'
import { makeTextVisible } from '../../compiler/diagnostics/visible.ts'
import { noFacts } from '../../compiler/map/list-facts.ts'
import type { Context } from '../cli/command.ts'
import { Failure } from '../cli/failure.ts'
import { completeManifests } from '../manifests/complete-manifests.ts'
import { type LoadedManifests, loadManifests } from '../manifests/load-manifests.ts'
import { compileClean } from '../project/compile-clean.ts'
import { describeEnvironments, findEnvironmentOfCluster } from '../project/environments.ts'
import { type Environment, listEnvironments, openProject } from '../project/project.ts'
import { type LoadedMesh, makeCompiledMesh } from './compiled-mesh.ts'
import { findPlace } from './mesh.ts'

/** A caller in a command: `web`, or `web@eu1` for the caller in a cluster. */
interface CallerWord {
  readonly word: string | undefined
  readonly cluster: string | undefined
}

/** Splits the name of a caller from that of its cluster; undefined, for an outside client, stays undefined. */
export function splitCaller(text: string | undefined): CallerWord {
  const [, word = text, cluster] = /^(.*)@([^@]*)$/.exec(text ?? '') ?? []
  return { word, cluster }
}

/**
 * The mesh of a command; undefined if its spec has errors, which are shown.
 *
 * @param words the arguments that name manifests in addition to `--manifests`
 * @param cluster the cluster of the caller
 */
export async function loadMesh(
  context: Context,
  words: readonly string[] = [],
  cluster?: string,
): Promise<LoadedMesh | undefined> {
  const { options } = context
  const places = [...words, ...options.words('manifests')]
  const name = options.word('env')
  if (places.length > 0) {
    if (name !== undefined)
      throw new Failure(`\`${places[0]}\` and \`--env ${name}\` name two meshes`, 'give one of them')
    if (cluster !== undefined) throw new Failure('manifests are of one cluster', `leave \`@${cluster}\` out`)
    return askManifests(loadManifests(places, options.word('mesh-config')), context)
  }
  if (options.has('mesh-config'))
    throw new Failure(
      '`--mesh-config` is for manifests',
      'a spec says the settings of its mesh under `istio`',
    )
  const project = openProject(options.word('project'))
  const named = listEnvironments(project, name === undefined ? [] : [name])
  const environments = cluster === undefined ? named : selectCluster(named, cluster)
  if (environments.length > 1) {
    const help = 'name it with `--env`, or the cluster of the caller, as in `web@eu1`'
    const isOfClusters = environments.some(each => findEnvironmentOfCluster(each.name) !== undefined)
    throw new Failure(
      `a mesh is one environment, and the project has ${describeEnvironments(environments.map(environment => environment.name))}`,
      isOfClusters ? help : 'name it with `--env`',
    )
  }
  const result = compileClean(project, environments, context)
  const [compiled] = result?.compiled ?? []
  if (compiled === undefined) return undefined
  const mesh = makeCompiledMesh(compiled)
  for (const words of mesh.assumed) context.terminal.note(`note: assumed: ${makeTextVisible(words)}`)
  return mesh
}

/** Selects the environments that are the cluster of a name. */
function selectCluster(environments: readonly Environment[], cluster: string): readonly Environment[] {
  const clusters = environments.filter(({ name }) => findEnvironmentOfCluster(name) !== undefined)
  const names = [...new Set(clusters.map(({ name }) => name.split('/').at(-1)!))]
  const selected = clusters.filter(({ name }) => name.endsWith(`/${cluster}`))
  if (selected.length > 0) return selected
  const help = names.length === 0 ? 'no environment has `clusters`' : `the clusters are ${listQuoted(names)}`
  throw new Failure(`there is no cluster \`${cluster}\``, suggestName(cluster, names) ?? help)
}

/** The mesh of manifests of another author. Assumed objects replace omitted ones; a note lists them. */
async function askManifests(manifests: LoadedManifests, { terminal }: Context): Promise<LoadedMesh> {
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
    remoteWorkloads: new Map(),
    instances: new Map(),
    objects: completed,
    manifests,
    listReasons: () => undefined,
    listFacts: () => noFacts,
    placeOf: at => findPlace(at, () => undefined),
  }
}
