import type { Mesh, RawObject } from '../mesh/mesh.ts'
import type { SpecNode } from '../mesh/sourced.ts'

/** An EnvoyFilter that passes through: meshc has no schema for its fields, so it reads them with care. */
interface EnvoyFilter {
  readonly object: RawObject
  readonly spec: Fields
  /** The place of the object's `spec` in the spec file. */
  readonly origin: SpecNode
}

/** Fields of an object that no schema has looked at. */
export type Fields = Readonly<Record<string, unknown>>

/** The fields of a value, if it has any. */
export const readFields = (value: unknown): Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {}

/** The entries of a value, if it is a list. */
export const readEntries = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])

/** The EnvoyFilters among the raw objects of a mesh. */
export function* listEnvoyFilters({ raw }: Mesh): Iterable<EnvoyFilter> {
  for (const object of raw) {
    if (object.kind !== 'EnvoyFilter' || !object.apiVersion.startsWith('networking.istio.io/')) continue
    yield { object, spec: readFields(object.object['spec']), origin: object.origin.at('spec') }
  }
}

/** The provider that a raw policy asks about requests; undefined for every other object. */
export function findCustomProvider({ apiVersion, kind, object }: RawObject): string | undefined {
  const { action, provider } = readFields(object['spec'])
  const { name } = readFields(provider)
  const isCustom =
    kind === 'AuthorizationPolicy' && apiVersion.startsWith('security.istio.io/') && action === 'CUSTOM'
  return isCustom && typeof name === 'string' ? name : undefined
}
