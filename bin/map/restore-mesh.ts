import { memo } from '../../compiler/basics/memo.ts'
import { readModel } from '../../compiler/behavior/index.ts'
import type { ManifestObject } from '../../compiler/behavior/manifest-object.ts'
import { unpackObject, unpackReasons } from '../../compiler/map/pack-object.ts'
import type { PageMesh } from '../../compiler/map/page-data.ts'
import { findPlace, type MeshAtHand } from '../behavior/mesh.ts'

/** Restores the mesh of a page, as a command has it. */
export function restoreMesh({
  name,
  isForeign,
  assumed,
  specNames,
  remoteWorkloads,
  instances,
  objects: packed,
  files,
  reasons,
  reasonLists,
}: PageMesh): MeshAtHand {
  const objects = packed.map(object => unpackObject(object, files))
  const packedObjects = new Map<ManifestObject, (typeof packed)[number]>(
    objects.map((object, index) => [object, packed[index]!]),
  )
  const listReasons = memo((object: ManifestObject) => {
    const packedObject = packedObjects.get(object)
    return packedObject && unpackReasons(packedObject, files, reasons, reasonLists)
  })
  return {
    name,
    model: readModel(objects),
    isForeign,
    assumed,
    specNames: new Map(specNames),
    remoteWorkloads: new Map(remoteWorkloads),
    instances: new Map(instances),
    placeOf: at => findPlace(at, listReasons),
  }
}
