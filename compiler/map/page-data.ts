import type { Instances } from '../mesh/clusters.ts'
import type { NamedValue } from './answers.ts'
import type { MeshMap } from './mesh-map.ts'

/** All that the page of a map holds, as JSON. */
export interface PageData {
  /** The version of meshc that made the page. */
  readonly meshc: string
  /** The environments, at least one, each with a name of its own. */
  readonly environments: readonly PageEnvironment[]
}

/** An environment: its mesh, the effects of a change, or both. */
export type PageEnvironment = EnvironmentOf<PageMesh>

/** An environment whose meshes have some of the parts of a `PageMesh`. */
export type EnvironmentOf<Mesh> =
  | { readonly mesh: Mesh; readonly change?: ChangeOf<Mesh> }
  /** Without a mesh: the change removes the environment. */
  | { readonly mesh?: Mesh; readonly change: ChangeOf<Mesh> }

interface ChangeOf<Mesh> {
  /** The mesh before the change; `mesh` of the environment is the one after it. */
  readonly before: Mesh
  /** Sentences about facts that no request shows: a new environment, a removed expectation. */
  readonly notices: readonly string[]
  readonly differences: readonly PageDifference[]
}

/** Gives the mesh that represents an environment: the one after the change, or before it if there is no other. */
export const getShownMesh = <Mesh>({ mesh, change }: EnvironmentOf<Mesh>): Mesh => mesh ?? change!.before

/** A mesh that the page can draw and ask. */
export interface PageMesh {
  /** The environment, or the folder. */
  readonly name: string
  /** True for manifests that others wrote. */
  readonly isForeign: boolean
  /** Sentences about the assumptions. */
  readonly assumed: readonly string[]
  /** The pairs of names that a spec calls otherwise than the manifests. */
  readonly specNames: readonly (readonly [string, string])[]
  /** The clusters that run workloads which the cluster of the mesh does not run, by `namespace/name`. */
  readonly remoteWorkloads: readonly (readonly [string, readonly string[]])[]
  /** The clusters whose instances get the requests to a port, by `host:port`. */
  readonly instances: readonly (readonly [string, readonly Instances[]])[]
  /** The options that name the mesh in a command: `--env prod`. */
  readonly commandOptions: string
  readonly map: MeshMap
  /** The facts about nodes in a spec, by the id of the node: owner, objective. */
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

/** Numbers. A number that occurs several times in a row is stored with its count. */
export type PackedNumbers = readonly (number | readonly [number, number])[]

/**
 * The place in the spec that sets a value (the number of its file, and a line; empty if the text is not available), or the name of a
 * decision of meshc; null: no text sets it.
 */
export type PackedReason = readonly [number, number] | readonly [] | string | null

/** A difference of a change for requests, or a set of requests for which the difference is unknown. */
export interface PageDifference {
  readonly kind: 'opened' | 'closed' | 'changed' | 'unknown'
  /** The callers and destinations: `cart → orders:8080`. */
  readonly title: string
  /** The sentence about the difference: `403 before, 200 after`. */
  readonly says: string
  /** The requests, each a line, then the advice. */
  readonly details: readonly string[]
  /** The ids of the nodes that call, and of those that are called, on either side. */
  readonly from: readonly string[]
  readonly to: readonly string[]
  /** An example request in words, and its results. */
  readonly witness?: { readonly request: string; readonly before: string; readonly after: string }
  /** The edits behind it. */
  readonly edits: readonly PageEdit[]
}

/** An edit of a spec or a manifest, in words, and its line. */
export interface PageEdit {
  readonly words: string
  readonly file: string
  /** The line, counted from 1. */
  readonly line: number
  readonly side: 'before' | 'after'
}
