import { listNetworks } from '../../../mesh/clusters.ts'
import { placeAtKey } from '../../../mesh/spec-place.ts'
import { defineRule } from '../../rule.ts'

/** Without an east-west gateway, istiod leaves the pods of other networks out. */
export const joinedNetworks = defineRule<{ cluster: string; networks: number }>(
  {
    code: 'MESH3477',
    severity: 'error',
    summary: 'An east-west gateway joins the networks of the clusters',
    reads: ['clusters.*.network', 'gateways.*.eastWest'],
    message: p => `the clusters have ${p.networks} networks, and \`${p.cluster}\` has no east-west gateway`,
    help: () => 'declare one: `gateways: { east-west: { eastWest: true } }`',
  },
  function* ({ cluster, clusters, gateways }, report) {
    const networks = listNetworks({ clusters })
    if (cluster === undefined || networks.length < 2) return
    if (gateways.some(({ isEastWest }) => isEastWest.value)) return
    const params = { cluster: cluster.name.value, networks: networks.length }
    yield report(placeAtKey(cluster.origin.at('network')), params)
  },
)
