import type { Violation } from '../../../schema/conform.ts'
import type { HelmGatewayValues } from '../../../schema/generated/helm-gateway.ts'
import type { HelmIstiodValues } from '../../../schema/generated/helm-istiod.ts'
import type { GatewayKubernetesSettings, OperatorValues } from '../../../schema/generated/istio-operator.ts'
import type { MeshConfig } from '../../../schema/generated/mesh-config.ts'
import { componentValues } from '../../mesh/gateway-values.ts'
import { listInstalledGateways } from '../../mesh/installed-gateways.ts'
import type { InstalledGateway, Mesh, PassedTree } from '../../mesh/mesh.ts'
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

/** Adds the values of the chart `gateway` that the spec passes through. */
export const addGatewayValues = <Values extends Sourceable<HelmGatewayValues>>(
  { installation }: InstalledGateway,
  values: Values,
): Values => addTree(values, installation.values)

/** Adds those of the same values for which a component of an IstioOperator has fields. */
export function addComponentValues(
  { installation: { values } }: InstalledGateway,
  settings: Sourceable<GatewayKubernetesSettings>,
): Sourceable<GatewayKubernetesSettings> {
  if (values === undefined) return settings
  const entries = componentValues.flatMap(key =>
    key in values.value ? [[key, values.value[key]] as const] : [],
  )
  return addTree(settings, { ...values, value: Object.fromEntries(entries) })
}

/**
 * Tells whether a violation of a target schema is about settings that pass through. The target schemas have only the fields
 * that meshc writes; MESH4020 holds the settings against Istio's own types.
 */
export function isOfPassed(mesh: Mesh, kind: string, { path, unknownField }: Violation): boolean {
  const keys = [...path, ...(unknownField === undefined ? [] : [unknownField])]
  return listPassedTrees(mesh, kind).some(({ around, tree }) => {
    if (!around.every((key, index) => key === '*' || key === keys[index]) || keys.length === around.length)
      return false
    return keys.slice(around.length).reduce<unknown>(readKey, tree) !== undefined
  })
}

/** Lists the trees that pass through into objects of a kind, each with its path there; a star is any key. */
function listPassedTrees(mesh: Mesh, kind: string) {
  const { meshConfig, values } = mesh.istio
  const isOperator = kind === 'IstioOperator'
  const { shared, rest } = splitValues(values?.value ?? {})
  const around = kind === 'Application' ? ['source', 'helm', 'valuesObject'] : []
  return [
    {
      around,
      tree: isOperator
        ? { meshConfig: meshConfig?.value, values: { ...shared, pilot: rest } }
        : { ...values?.value, meshConfig: meshConfig?.value },
    },
    ...listInstalledGateways(mesh).map(({ installation }) => ({
      around: isOperator ? ['components', 'ingressGateways', '*', 'k8s'] : around,
      tree: installation.values?.value,
    })),
  ]
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

/** Merges a tree whose fields MESH4020 checks against Istio's types: the type of the result does not change. */
const addTree = <Tree>(tree: Tree, passed: PassedTree | undefined): Tree =>
  passed === undefined ? tree : (mergeTree(tree, passed.value, passed.origin) as Tree)
