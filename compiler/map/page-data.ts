import type { Request } from '../behavior/request.ts'
import type { Place } from '../provenance/place-reasons.ts'
import type { NamedValue } from './answers.ts'
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
  /** The facts that a spec tells of nodes, by the id of the node: owner, objective. */
  readonly facts: Readonly<Record<string, readonly NamedValue[]>>
  /** The objects that the engine reads. */
  readonly objects: readonly PageObject[]
  /** The files that places name, by number. */
  readonly files: readonly string[]
  /** The reasons behind values, and the lists of them that values have, by number. */
  readonly reasons: readonly PackedReason[]
  readonly reasonLists: readonly (readonly number[])[]
}

/** An object of the mesh, with the lines of its parts and the reasons behind them. `packObject` makes it. */
export interface PageObject {
  readonly value: unknown
  /** The number of its file. */
  readonly file: number
  /** Its line, then the difference from part to part, in the order of the parts. */
  readonly lines: PackedNumbers
  /** The number of the reasons of all its values, then of each scalar; absent for manifests that others wrote. */
  readonly reasons?: PackedNumbers
}

/** Numbers; a number that comes several times in a row stands with its count. */
export type PackedNumbers = readonly (number | readonly [number, number])[]

/** The place of the spec behind a value (the number of its file, and a line), or the name of what meshc decided. */
export type PackedReason = readonly [number, number] | readonly [] | string

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
  readonly edits: readonly Place[]
}
