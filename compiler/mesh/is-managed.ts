import type { Mesh } from './mesh.ts'
import type { Sourced } from './sourced.ts'

/** Tells whether the spec writes objects in a namespace. */
export const isManaged = ({ managed }: Pick<Mesh, 'managed'>, namespace: Sourced<string>): boolean =>
  managed.kind === 'mesh' || managed.names.some(({ value }) => value === namespace.value)
