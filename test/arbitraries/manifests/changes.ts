import fc from 'fast-check'
import { getFields, readList } from './fields.ts'
import type { Json, KubernetesObject } from './kubernetes-object.ts'
import { manifests } from './manifests.ts'

/** Manifests before and after a change. */
interface ChangedManifests {
  readonly before: readonly KubernetesObject[]
  readonly after: readonly KubernetesObject[]
  readonly meshConfig: Json
}

/**
 * Changes one to three objects. An object is removed or added, gets the spec of an object of its kind in
 * another mesh, or gets another value of the same key.
 */
export const changedManifests = (): fc.Arbitrary<ChangedManifests> =>
  fc
    .tuple(
      manifests(),
      manifests(),
      fc.array(fc.tuple(fc.nat(), fc.nat(), fc.nat()), { minLength: 1, maxLength: 3 }),
    )
    .map(([{ objects, meshConfig }, drawnManifests, edits]) => ({
      before: objects,
      after: edits.reduce(
        (now, [way, where, what]) => changeObjects(now, drawnManifests.objects, way, where, what),
        objects,
      ),
      meshConfig,
    }))

/**
 * Changes one of some objects.
 *
 * @param way its remainder by four selects the change: remove the object, add another, replace its spec, or
 * replace one value
 */
export function changeObjects(
  objects: readonly KubernetesObject[],
  kubernetesObjects: readonly KubernetesObject[],
  way: number,
  where: number,
  what: number,
): readonly KubernetesObject[] {
  const index = where % objects.length
  const object = objects[index]!
  const replaced = (by: readonly KubernetesObject[]) => objects.toSpliced(index, 1, ...by)
  const alike = kubernetesObjects.filter(({ kind }) => kind === object.kind)
  switch (way % 4) {
    case 0:
      return replaced([])
    case 1: {
      const added = kubernetesObjects[what % kubernetesObjects.length]!
      const isThere = objects.some(
        ({ kind, metadata }) =>
          kind === added.kind &&
          metadata.namespace === added.metadata.namespace &&
          metadata.name === added.metadata.name,
      )
      return isThere ? objects : [...objects, elsewhere(added)]
    }
    case 2: {
      const { spec } = alike[what % Math.max(1, alike.length)] ?? object
      return spec === undefined ? objects : replaced([{ ...object, spec }])
    }
    default: {
      const pool = listLeaves(objects)
      const leaves = listLeaves([object]).filter(({ path }) => path[0] === 'spec')
      if (leaves.length === 0 || object.kind === 'ServiceEntry') return objects
      const leaf = leaves[what % leaves.length]!
      const candidates = pool.filter(
        ({ path, value }) => findKey(path) === findKey(leaf.path) && value !== leaf.value,
      )
      if (candidates.length === 0) return objects
      // Values with the same key have the same type, so the result is still an object of its kind.
      const next = withLeaf(
        object,
        leaf.path,
        candidates[where % candidates.length]!.value,
      ) as KubernetesObject
      return hasPortsOnce(next) ? replaced([next]) : objects
    }
  }
}

/** Gives a pod of another mesh an address that no pod here has, as a cluster would. */
function elsewhere(object: KubernetesObject): KubernetesObject {
  const address = object.status?.['podIP']
  if (typeof address !== 'string') return object
  return { ...object, status: { ...object.status, podIP: address.replace('10.245.0.', '10.245.1.') } }
}

/** Checks whether an API server accepts the ports of a Service. */
function hasPortsOnce({ kind, spec }: KubernetesObject): boolean {
  const ports = kind === 'Service' ? readList(spec?.['ports']).map(getFields) : []
  return ['port', 'name'].every(key => new Set(ports.map(port => port[key])).size === ports.length)
}

/** Returns the last key of a path that is a name. For the items of a list, it is the key of the list. */
const findKey = (path: Leaf['path']) => path.findLast(step => typeof step === 'string')

interface Leaf {
  readonly path: readonly (string | number)[]
  readonly value: unknown
}

function listLeaves(values: readonly unknown[]): readonly Leaf[] {
  const foundLeaves: Leaf[] = []
  const visit = (value: unknown, path: readonly (string | number)[]) => {
    if (Array.isArray(value)) for (const [index, inner] of value.entries()) visit(inner, [...path, index])
    else if (typeof value === 'object' && value !== null)
      for (const [key, inner] of Object.entries(value)) visit(inner, [...path, key])
    else foundLeaves.push({ path, value })
  }
  for (const value of values) visit(value, [])
  return foundLeaves
}

function withLeaf(value: unknown, path: readonly (string | number)[], leaf: unknown): unknown {
  const [key, ...rest] = path
  if (key === undefined) return leaf
  if (Array.isArray(value)) return value.with(Number(key), withLeaf(value[Number(key)], rest, leaf))
  if (typeof value !== 'object' || value === null) return leaf
  return { ...value, [key]: withLeaf(Object.entries(value).find(([name]) => name === key)?.[1], rest, leaf) }
}
