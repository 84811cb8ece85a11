import { once } from '../basics/once.ts'
import type { ManifestObject } from '../behavior/manifest-object.ts'
import type { SpecPath } from '../diagnostics/diagnostic.ts'
import { nameOfObject } from '../manifests/name-of-object.ts'
import { isEqual } from '../source/is-equal.ts'
import type { Side, SideFile } from './side.ts'

/**
 * A side whose objects share their values with equal objects of another side. A shared value is known to be equal, and is analyzed
 * once.
 */
export function withSharedValues(side: Side, otherSide: Side): Side {
  const [manifestObjects, otherManifestObjects] = [listLists(side), listLists(otherSide)]
  const candidates = [
    ...otherSide.files.flatMap(({ objects }) => (manifestObjects.has(objects) ? [] : objects)),
    ...otherSide.beside,
  ].map(({ value }) => value)
  const known = new Set(candidates)
  const byName = once(() => new Map(candidates.map(value => [nameOfObject(value), value])))
  const shared = (object: ManifestObject): ManifestObject => {
    if (known.has(object.value)) return object
    const same = byName().get(nameOfObject(object.value))
    return same !== undefined && isEqual(object.value, same) ? new SharedObject(object, same) : object
  }
  return {
    ...side,
    files: side.files.map(file =>
      otherManifestObjects.has(file.objects) ? file : withObjects(file, shared),
    ),
    beside: side.beside.map(shared),
  }
}

/** A file that both sides have just so has one list of objects. */
const listLists = ({ files }: Side) => new Set(files.map(({ objects }) => objects))

/** An object of this side whose value is shared with the equal object of the other side. */
class SharedObject implements ManifestObject {
  readonly value: unknown
  private readonly ownObject: ManifestObject

  constructor(manifestObject: ManifestObject, value: unknown) {
    this.value = value
    this.ownObject = manifestObject
  }

  get file(): string {
    return this.ownObject.file
  }

  get line(): number {
    return this.ownObject.line
  }

  lineOf(path: SpecPath): number {
    return this.ownObject.lineOf(path)
  }
}

const withObjects = (file: SideFile, change: (object: ManifestObject) => ManifestObject): SideFile => ({
  path: file.path,
  objects: file.objects.map(change),
  isForCluster: file.isForCluster,
  get isMade() {
    return file.isMade
  },
})
