import type { Request } from '../behavior/request.ts'
import type { MeshMap } from './mesh-map.ts'

/** All that the page of a map holds, as JSON. */
export interface PageData {
  /** The version of meshc that made the page. */
  readonly meshc: string
  /** The mesh, or the mesh after a change. */
  readonly mesh: PageMesh
  /** The mesh before a change, and what the change does. */
  readonly change?: { readonly before: PageMesh; readonly differences: readonly PageDifference[] }
}

/** A mesh that the page can draw and ask. */
export interface PageMesh {
  /** The environment, or the folder. */
  readonly name: string
  /** True for manifests that others wrote. */
  readonly isForeign: boolean
  /** The sentences on what was assumed. */
  readonly assumed: readonly string[]
  /** The pairs of names that a spec calls otherwise than the manifests. */
  readonly specNames: readonly (readonly [string, string])[]
  /** The options that name the mesh in a command: `--env prod`. */
  readonly commandOptions: string
  readonly map: MeshMap
  /** The objects that the engine reads. */
  readonly objects: readonly PageObject[]
  /** The files that places name, by number. */
  readonly files: readonly string[]
}

/** An object of the mesh, with the lines behind it. */
export interface PageObject {
  readonly value: unknown
  /** The number of its file. */
  readonly file: number
  /** The lines of its parts, see `packLines`. */
  readonly lines: readonly number[]
  /** The places of the spec behind its parts, see `packPlaces`; absent for manifests that others wrote. */
  readonly places?: readonly (number | string)[]
}

/** A difference that a change makes for requests. */
export interface PageDifference {
  readonly kind: 'opened' | 'closed' | 'moved' | 'unknown'
  /** One sentence: `orders can now be called by cart`. */
  readonly title: string
  readonly details: readonly string[]
  /** The ids of the nodes that call, and of those that are called. */
  readonly from: readonly string[]
  readonly to: readonly string[]
  readonly witness?: Request
  /** The places of the edits behind it. */
  readonly edits: readonly PagePlace[]
}

/** A line of a manifest, and what is behind it. */
export interface PagePlace {
  readonly file: string
  readonly line: number
  readonly spec?: { readonly file: string; readonly line: number }
  /** The name of the default or policy of meshc behind it. */
  readonly decision?: string
}
