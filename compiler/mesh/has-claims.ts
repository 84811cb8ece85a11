import type { Mesh } from './mesh.ts'

/** Tells whether a mesh claims something of its manifests: they are read for its proof before they are printed. */
export const hasClaims = ({ expectations, surroundings }: Mesh): boolean =>
  expectations.length > 0 || surroundings.policies.length > 0
