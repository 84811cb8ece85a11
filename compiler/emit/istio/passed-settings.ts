import type { Violation } from '../../../schema/conform.ts'
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
  const { shared, rest } = splitValues(value)
  const merged = addTree(unwrapValue(values), { origin, value: shared })
  if (Object.keys(rest).length === 0) return merged
  return { ...merged, pilot: addTree(merged.pilot ?? {}, { origin, value: rest }) }
}

/**
 * Tells whether a violation of a target schema is about settings that pass through. The target schemas have only the fields
 * that meshc writes; MESH4020 holds the settings against Istio's own types.
 */
export function isOfPassed({ istio }: Mesh, kind: string, { path, unknownField }: Violation): boolean {
  const { meshConfig, values } = istio
  if (meshConfig === undefined && values === undefined) return false
  const isOperator = kind === 'IstioOperator'
  const { shared, rest } = splitValues(values?.value ?? {})
  const tree = isOperator
    ? { meshConfig: meshConfig?.value, values: { ...shared, pilot: rest } }
    : { ...values?.value, meshConfig: meshConfig?.value }
  const around = kind === 'Application' ? ['source', 'helm', 'valuesObject'] : []
  const keys = [...path, ...(unknownField === undefined ? [] : [unknownField])]
  if (!around.every((key, index) => key === keys[index]) || keys.length === around.length) return false
  return keys.slice(around.length).reduce<unknown>(readKey, tree) !== undefined
}

const readKey = (value: unknown, key: string): unknown =>
  typeof value === 'object' && value !== null && Object.hasOwn(value, key)
    ? (value as Readonly<Record<string, unknown>>)[key]
    : undefined

/** Splits values into those that all charts read, and those of `pilot`. */
function splitValues(values: PassedTree['value']) {
  const entries = Object.entries(values)
  return {
    shared: Object.fromEntries(entries.filter(([key]) => sharedValues.has(key))),
    rest: Object.fromEntries(entries.filter(([key]) => !sharedValues.has(key))),
  }
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
