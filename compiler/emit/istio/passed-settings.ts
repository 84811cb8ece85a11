import type { HelmIstiodValues } from '../../../schema/generated/helm-istiod.ts'
import type { OperatorValues } from '../../../schema/generated/istio-operator.ts'
import type { MeshConfig } from '../../../schema/generated/mesh-config.ts'
import type { Mesh, PassedTree } from '../../mesh/mesh.ts'
import { mergeTree } from '../merge-tree.ts'
import { type Sourceable, unwrapValue } from '../sourceable.ts'

/** Adds the fields of MeshConfig that the spec passes through. */
export const addMeshConfig = ({ istio }: Mesh, config: Sourceable<MeshConfig>): Sourceable<MeshConfig> =>
  addTree(config, istio.meshConfig)

/** Adds the values of the chart `istiod` that the spec passes through. */
export const addIstiodValues = (
  { istio }: Mesh,
  values: Sourceable<HelmIstiodValues>,
): Sourceable<HelmIstiodValues> => addTree(values, istio.values)

/** Adds the same values as an IstioOperator has them: below `pilot`, unless all charts read them. */
export function addOperatorValues(
  { istio }: Mesh,
  values: Sourceable<OperatorValues>,
): Sourceable<OperatorValues> {
  if (istio.values === undefined) return values
  const { origin, value } = istio.values
  const entries = Object.entries(value)
  const shared = Object.fromEntries(entries.filter(([key]) => sharedValues.has(key)))
  const rest = Object.fromEntries(entries.filter(([key]) => !sharedValues.has(key)))
  const merged = addTree(unwrapValue(values), { origin, value: shared })
  if (Object.keys(rest).length === 0) return merged
  return { ...merged, pilot: addTree(merged.pilot ?? {}, { origin, value: rest }) }
}

/** The values that are no part of `pilot`. See istio operator/pkg/apis/values_types.proto, `Values` */
const sharedValues: ReadonlySet<string> = new Set([
  'experimental',
  'gatewayClasses',
  'global',
  'ownerName',
  'sidecarInjectorWebhook',
])

/** Merges a tree whose fields MESH4020 holds against Istio's own types: it stays of the type that it had. */
const addTree = <Tree>(tree: Tree, passed: PassedTree | undefined): Tree =>
  passed === undefined ? tree : (mergeTree(tree, passed.value, passed.origin) as Tree)
