import type { ManifestObject } from '../../compiler/behavior/manifest-object.ts'
import type { BehaviorModel } from '../../compiler/behavior/model.ts'
import type { At } from '../../compiler/behavior/result.ts'
import type { Instances } from '../../compiler/mesh/clusters.ts'
import { chooseReason, type ObjectReasons, type Place } from '../../compiler/provenance/place-reasons.ts'

/** The mesh that a question is about. */
export interface MeshAtHand {
  /** The environment, or the folder. */
  readonly name: string
  readonly model: BehaviorModel
  /** True for manifests of another author, which may omit callers that their policies name; a spec names its callers. */
  readonly isForeign: boolean
  /** The assumptions about omitted parts of manifests, a sentence each; for a spec, only about its surroundings. */
  readonly assumed: readonly string[]
  /** The services that a spec calls otherwise than their only name: `name.namespace`, by the word of the spec. */
  readonly specNames: ReadonlyMap<string, string>
  /** Finds the team that owns a path of a host at a gateway; undefined if no spec sets one. */
  findPathOwner?(host: string, path: string): OwnedPath | undefined
  /** The clusters that run a workload, by `namespace/name`, if the cluster of this mesh does not run it. */
  readonly remoteWorkloads: ReadonlyMap<string, readonly string[]>
  /** The clusters whose instances get the requests to a port, by `host:port`; empty if there is only one cluster. */
  readonly instances: ReadonlyMap<string, readonly Instances[]>
  /** Finds the place of a part of a manifest; undefined if no manifest has it. */
  placeOf(at: At): Place | undefined
}

/** Lists the clusters whose instances get the requests to a cluster of Envoy, `outbound|80||cart.shop.svc.cluster.local`. */
export function findInstances({ instances }: MeshAtHand, cluster: string | undefined): readonly Instances[] {
  const [, port, , host] = cluster?.split('|') ?? []
  return instances.get(`${host}:${port}`) ?? []
}

/** A path of a host, the team that owns it, and the line of the spec that sets it. */
export interface OwnedPath {
  readonly host: string
  readonly path: string
  readonly team: string
  readonly file?: string
  readonly line?: number
}

/** Finds the place of a part of a manifest, with its reason. */
export function findPlace(
  { object, path: within }: At,
  listReasons: (object: ManifestObject) => ObjectReasons | undefined,
): Place | undefined {
  const { source } = object
  if (source === undefined) return undefined
  const reasons = listReasons(source)
  // The settings of a mesh are a part of an IstioOperator.
  const path = object.kind === 'MeshConfig' && within.length > 0 ? ['spec', 'meshConfig', ...within] : within
  return { file: source.file, line: source.lineOf(path), ...(reasons && chooseReason(reasons, path)) }
}
