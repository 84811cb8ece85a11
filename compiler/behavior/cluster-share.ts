import type { WeightedCluster } from './result.ts'

/**
 * Computes the share of the requests that one of several clusters gets, in percent. Weights are held against their sum,
 * whatever that is.
 */
export function computeShare({ weight }: Weighted, clusters: readonly Weighted[]): number {
  const total = clusters.reduce((sum, { weight }) => sum + weight, 0)
  return Number(((100 * weight) / (total || 1)).toFixed(2))
}

type Weighted = Pick<WeightedCluster, 'weight'>
