import type { Match, Mesh, Rewrite } from '../mesh/mesh.ts'

/** A rewrite with the paths of its match. */
export interface Rewriting {
  readonly rewrite: Rewrite
  readonly paths: Match['paths']
  /** What names the paths, if anything does. */
  readonly parent: Match['origin'] | undefined
}

/** Every rewrite of a mesh, of routes and of exposures. */
export function* rewritesOf({ services }: Mesh): Iterable<Rewriting> {
  for (const { routes, exposures } of services) {
    for (const { rewrite, when } of routes) {
      if (rewrite !== undefined) yield { rewrite, paths: when?.paths ?? [], parent: when?.origin }
    }
    for (const { rewrite, paths } of exposures) {
      if (rewrite !== undefined) yield { rewrite, paths, parent: undefined }
    }
  }
}
