import type { Rewrite, StringMatch } from '../mesh/mesh.ts'
import type { Sourced } from '../mesh/sourced.ts'

/** The paths that a service receives after a proxy has rewritten some paths. An empty list means every path. */
export function rewritePaths(
  paths: readonly Sourced<StringMatch>[],
  rewrite: Rewrite | undefined,
): readonly Sourced<StringMatch>[] {
  const to = rewrite?.path
  if (to === undefined) return paths
  const replacing = to.value.replace(/\*$/, '')
  const isWhole = paths.length > 0 && paths.every(({ value }) => 'exact' in value)
  return [to.map((): StringMatch => (isWhole ? { exact: replacing } : { prefix: replacing }))]
}
