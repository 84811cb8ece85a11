import type { Mesh } from '../../mesh/mesh.ts'
import type { Sourced } from '../../mesh/sourced.ts'

/** Lists the Secrets for the images of Istio; undefined without Secrets. */
export const listPullSecrets = ({ istio: { pullSecrets } }: Mesh): readonly Sourced<string>[] | undefined =>
  pullSecrets.length === 0 ? undefined : pullSecrets
