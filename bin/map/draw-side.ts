import { groupBy } from '../../compiler/basics/group-by.ts'
import { memo } from '../../compiler/basics/memo.ts'
import { once } from '../../compiler/basics/once.ts'
import { makeModelReader } from '../../compiler/behavior/index.ts'
import type { ManifestObject } from '../../compiler/behavior/manifest-object.ts'
import { nameOfObject } from '../../compiler/manifests/name-of-object.ts'
import { noFacts } from '../../compiler/map/list-facts.ts'
import type { MeshToDraw } from '../../compiler/map/make-page-mesh.ts'
import { makeObjectExplainer } from '../../compiler/provenance/place-reasons.ts'
import type { Side } from '../../compiler/review/side.ts'
import { makeLineFinder } from '../behavior/compiled-mesh.ts'

/** Makes a mesh that can be drawn of a side of a comparison. */
export function makeSideToDraw(name: string, side: Side, commandOptions: string): MeshToDraw {
  const { files, beside, spec, isPlain } = side
  const objects = [
    ...files.filter(({ isForCluster }) => isForCluster).flatMap(file => file.objects),
    ...beside,
  ]
  return {
    name,
    isForeign: isPlain === true,
    assumed: [],
    commandOptions,
    model: makeModelReader()(objects),
    objects,
    specNames: new Map(),
    remoteWorkloads: new Map(),
    instances: new Map(),
    listReasons: makeReasonLister(side),
    listFacts: spec?.listFacts ?? (() => noFacts),
  }
}

/** Makes the function that lists the reasons behind the objects that the spec of a side makes. */
function makeReasonLister({ files, spec, isPlain }: Side): MeshToDraw['listReasons'] {
  if (spec === undefined || isPlain === true) return () => undefined
  const explainObject = makeObjectExplainer(spec.layers, makeLineFinder(spec.sources))
  const paths = new Map<ManifestObject, string>(
    files
      .filter(({ isForCluster, isMade }) => isForCluster && isMade)
      .flatMap(({ path, objects }) => objects.map(object => [object, path] as const)),
  )
  const entries = once(() => groupBy([...spec.sourceMap()], ({ file, object }) => [`${file} ${object}`]))
  return memo((object: ManifestObject) => {
    const path = paths.get(object)
    const scalars = path === undefined ? undefined : entries().get(`${path} ${nameOfObject(object.value)}`)
    return scalars && explainObject(scalars)
  })
}
