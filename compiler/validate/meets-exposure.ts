import { intersectPaths } from '../mesh/match.ts'
import type { Allow, Exposure, Passage } from '../mesh/mesh.ts'
import { rewritePaths } from './rewritten-paths.ts'

/**
 * Tells whether a rule lets some request through that the exposure sends. A service sees the path after it is
 * rewritten.
 */
export function meetsExposure({ ports, paths }: Allow, exposure: Exposure): boolean {
  const isOnPort = ports.length === 0 || ports.some(({ port }) => port === exposure.port)
  const seen = rewritePaths(exposure.paths, exposure.rewrite)
  const isOnPath = intersectPaths(paths, seen).kind !== 'never'
  return isOnPort && isOnPath
}

/** Tells whether a rule lets the connections through that a gateway passes on. */
export const meetsPassage = ({ ports }: Allow, passage: Passage): boolean =>
  ports.length === 0 || ports.some(({ port }) => port === passage.port)
