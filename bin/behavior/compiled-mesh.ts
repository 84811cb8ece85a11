import { memo } from '../../compiler/basics/memo.ts'
import { readModel } from '../../compiler/behavior/index.ts'
import type { ManifestObject } from '../../compiler/behavior/manifest-object.ts'
import type { BehaviorModel } from '../../compiler/behavior/model.ts'
import { indexLines } from '../../compiler/diagnostics/lines.ts'
import type { Source } from '../../compiler/diagnostics/source.ts'
import { type CompiledObject, listCompiledObjects } from '../../compiler/manifests/compiled-objects.ts'
import { describeAssumedGateway } from '../../compiler/manifests/left-out.ts'
import { findObjectsBeside } from '../../compiler/manifests/objects-beside.ts'
import { listSpecFacts, type SpecFacts } from '../../compiler/map/list-facts.ts'
import { isRemote, listInstances } from '../../compiler/mesh/clusters.ts'
import type { Mesh } from '../../compiler/mesh/mesh.ts'
import { findPathOwner, listPathOwners } from '../../compiler/mesh/path-owner.ts'
import { printMatch } from '../../compiler/mesh/string-match.ts'
import { makeObjectExplainer, type ObjectReasons } from '../../compiler/provenance/place-reasons.ts'
import type { Definition } from '../../compiler/source/layers.ts'
import type { LoadedManifests } from '../manifests/load-manifests.ts'
import type { Compiled } from '../project/compile-environments.ts'
import { findPlace, type MeshAtHand, type OwnedPath } from './mesh.ts'

/** A mesh that a command has loaded, with all that a picture of it tells. */
export interface LoadedMesh extends MeshAtHand {
  /** The objects that the model was read of. */
  readonly objects: readonly ManifestObject[]
  /** The manifests as they are written; undefined for the mesh of a spec. */
  readonly manifests: Pick<LoadedManifests, 'written' | 'files'> | undefined
  /** Lists the reasons for an object; undefined for an object that meshc has not emitted. */
  listReasons(object: ManifestObject): ObjectReasons | undefined
  readonly listFacts: () => SpecFacts
}

/** Makes the mesh of a spec that compiles. It needs no module of Node. */
export function makeCompiledMesh(compiled: Compiled): LoadedMesh {
  const objects = listCompiledObjects(compiled.compilation, compiled.environment.output)
  const beside = findObjectsBeside(compiled.compilation, compiled.sources)
  const model = readModel([...objects, ...beside.objects])
  const assumed = beside.gateways.map(describeAssumedGateway)
  const compiledObjects = new Map<ManifestObject, CompiledObject>(objects.map(object => [object, object]))
  const findLine = makeLineFinder(compiled.sources)
  const explainObject = makeObjectExplainer(compiled.compilation.layers, findLine)
  const listReasons = memo((source: ManifestObject) => {
    const entries = compiledObjects.get(source)?.listScalars?.()
    return entries && explainObject(entries)
  })
  return {
    name: compiled.environment.name,
    model,
    isForeign: false,
    assumed,
    specNames: indexSpecNames(compiled.compilation.mesh),
    objects: [...objects, ...beside.objects],
    manifests: undefined,
    listReasons,
    listFacts: () => listSpecFacts(compiled.compilation.mesh, compiled.compilation.layers, findLine),
    findPathOwner: (host, path) => findOwnedPath(compiled.compilation, host, path, findLine),
    ...describeClusters(compiled.compilation.mesh, model),
    placeOf: at => findPlace(at, listReasons),
  }
}

/** Describes which clusters run the workloads of a mesh over several. */
function describeClusters(
  mesh: Mesh,
  { workloads }: BehaviorModel,
): Pick<MeshAtHand, 'remoteWorkloads' | 'instances'> {
  if (mesh.cluster?.network === undefined) return { remoteWorkloads: new Map(), instances: new Map() }
  const remote = mesh.services.filter(service => isRemote(mesh, service))
  const remoteWorkloads = workloads.flatMap(({ name, namespace, labels }) => {
    const service = remote.find(
      service =>
        service.namespace.value === namespace &&
        service.selector.every(([key, { value }]) => labels[key] === value),
    )
    if (service === undefined) return []
    return [[`${namespace}/${name}`, service.clusters.map(({ value }) => value)] as const]
  })
  const instances = mesh.services.flatMap(service =>
    service.ports.map(
      port => [`${service.host.value}:${port.number.value}`, listInstances(mesh, service, port)] as const,
    ),
  )
  return { remoteWorkloads: new Map(remoteWorkloads), instances: new Map(instances) }
}

function findOwnedPath(
  { mesh, layers }: Compiled['compilation'],
  host: string,
  path: string,
  findLine: ReturnType<typeof makeLineFinder>,
): OwnedPath | undefined {
  for (const gateway of mesh.gateways) {
    const owner = findPathOwner(listPathOwners(gateway, host), { exact: path })
    if (owner === undefined) continue
    const [definition] = layers.definitionsOf(owner.origin.path)
    const line = definition && findLine(definition)
    return {
      host: owner.host,
      path: printMatch(owner.path),
      team: owner.team.value,
      ...(definition !== undefined && line !== undefined && { file: definition.file, line }),
    }
  }
  return undefined
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
export function makeLineFinder(sources: readonly Source[]) {
  const findLines = indexLines(sources)
  return ({ file, start }: Definition) => findLines(file)?.positionOf(start).line
}
