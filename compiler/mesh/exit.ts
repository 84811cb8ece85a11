import type { External, Gateway, Mesh, Through } from './mesh.ts'
import { because, type Sourced, text } from './sourced.ts'

/** An external system that callers reach through an egress gateway. */
export type PassingExternal = External & { readonly through: Through }

/** Lists the external systems that callers reach through a gateway, sorted by key. */
export const listPassing = (
  { externals }: Pick<Mesh, 'externals'>,
  gateway: Gateway,
): readonly PassingExternal[] =>
  gateway.isEgress.value
    ? externals.filter(isPassing).filter(({ through }) => through.gateway === gateway)
    : []

const isPassing = (external: External): external is PassingExternal => external.through !== undefined

/** The host of the Service in front of the proxies of an egress gateway. */
export const getExitHost = ({ workload, workloadNamespace }: Gateway): Sourced<string> =>
  because(text`${workload}.${workloadNamespace}.svc.cluster.local`, 'policy:cluster-domain')
