import type { Limits } from '../behavior/budget.ts'
import type { Connection } from '../behavior/connections/connection.ts'
import { findConnections, isFollowedKind } from '../behavior/index.ts'
import type { ManifestObject } from '../behavior/manifest-object.ts'
import type { BehaviorModel } from '../behavior/model.ts'
import { indexModel } from '../behavior/symbolic/indexed-model.ts'
import type { Instances } from '../mesh/clusters.ts'
import type { ObjectReasons } from '../provenance/place-reasons.ts'
import { drawMap } from './draw-map.ts'
import type { SpecFacts } from './list-facts.ts'
import { makePackTables, type PackTables, packObject, packReasonTable } from './pack-object.ts'
import type { PageMesh } from './page-data.ts'

/** A mesh to draw: its model, and everything that its page shows about it. */
export interface MeshToDraw extends Pick<PageMesh, 'name' | 'isForeign' | 'assumed' | 'commandOptions'> {
  readonly model: BehaviorModel
  /** The objects that the model was read of. */
  readonly objects: readonly ManifestObject[]
  readonly specNames: ReadonlyMap<string, string>
  readonly remoteWorkloads: ReadonlyMap<string, readonly string[]>
  readonly instances: ReadonlyMap<string, readonly Instances[]>
  /** Lists the reasons for an object; undefined for an object of another author. */
  readonly listReasons: (object: ManifestObject) => ObjectReasons | undefined
  readonly listFacts: () => SpecFacts
}

/**
 * Makes the part of a page for one mesh: the picture, and the objects that the engine in the page reads.
 *
 * @param progress called with the host of each destination whose callers were proved
 * @param tables get the values that several objects share
 */
export function makePageMesh(
  mesh: MeshToDraw,
  limits: Limits,
  progress: (host: string) => void,
  tables: PackTables = makePackTables(),
): PageMesh {
  const { name, isForeign, assumed, commandOptions, model, objects, specNames, listReasons, listFacts } = mesh
  const { remoteWorkloads, instances } = mesh
  const { owners, facts } = listFacts()
  const followed = objects.filter(({ value }) => isFollowedKind(value))
  const packed = followed.map(object => packObject(object, listReasons(object), tables))
  return {
    name,
    isForeign,
    assumed,
    specNames: [...specNames],
    remoteWorkloads: [...remoteWorkloads],
    instances: [...instances],
    commandOptions,
    map: drawMap(indexModel(model), watchConnections(findConnections(model, limits), progress), owners),
    facts,
    objects: packed,
    reasons: packReasonTable(tables),
    files: tables.files.values,
    reasonLists: tables.reasonLists.values,
  }
}

function* watchConnections(
  connections: Iterable<Connection>,
  progress: (host: string) => void,
): Generator<Connection> {
  for (const connection of connections) {
    progress(connection.destination.host)
    yield connection
  }
}
