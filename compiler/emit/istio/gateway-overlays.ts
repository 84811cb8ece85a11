import type { EnvironmentVariable, Overlay, OverlayPatch } from '../../../schema/generated/istio-operator.ts'
import { isRecord } from '../../../schema/json-schema.ts'
import { compare } from '../../diagnostics/compare.ts'
import { accountPath, deploymentPaths, spreadPath } from '../../mesh/gateway-values.ts'
import type { InstalledGateway } from '../../mesh/mesh.ts'
import { because, from, type Sourced } from '../../mesh/sourced.ts'
import { mergeTree } from '../merge-tree.ts'
import type { Sourceable } from '../sourceable.ts'
import { makeSpread } from './gateway-proxies.ts'

type Patch = Extract<Sourceable<OverlayPatch>, Sourced<unknown>>

/** Lists the changes of the objects of a gateway that its component in an IstioOperator has no fields for. */
export function listGatewayOverlays(gateway: InstalledGateway): readonly Sourceable<Overlay>[] {
  const { workload, serviceAccount, installation } = gateway
  const { spread, values } = installation
  const constraints = makeSpread(gateway)
  const makePassed = (path: string, ...keys: readonly string[]) => {
    const value = keys.reduce<unknown>((map, key) => (isRecord(map) ? map[key] : undefined), values?.value)
    if (values === undefined || value === undefined || value === null) return []
    const origin = keys.reduce((node, key) => node.at(key), values.origin)
    return [because({ path: from(origin, path), value: mergeTree(undefined, value, origin) }, origin)]
  }
  const ofDeployment = [
    ...(spread === undefined || constraints === undefined
      ? []
      : [because({ path: spreadPath, value: constraints }, spread)]),
    ...Object.entries(deploymentPaths).flatMap(([key, path]) => makePassed(path, key)),
  ]
  const ofAccount = makePassed(accountPath, 'serviceAccount', 'annotations')
  // An object is changed because of each of its patches.
  const change = (apiVersion: string, kind: string, name: Sourced<string>, patches: readonly Patch[]) =>
    patches.length === 0 ? [] : [because({ apiVersion, kind, name, patches }, ...patches)]
  return [
    ...change('apps/v1', 'Deployment', workload, ofDeployment),
    ...change('v1', 'ServiceAccount', serviceAccount, ofAccount),
  ]
}

/** Lists the variables of the proxies of a gateway that pass through, sorted by name. */
export function listGatewayVariables({
  installation: { values },
}: InstalledGateway): readonly Sourceable<EnvironmentVariable>[] {
  const variables = values?.value['env']
  if (values === undefined || !isRecord(variables)) return []
  const origin = values.origin.at('env')
  return Object.entries(variables)
    .filter(([, value]) => value !== null)
    .toSorted(([a], [b]) => compare(a, b))
    .map(([name, value]) => ({
      name: from(origin.at(name), name),
      value: from(origin.at(name), String(value)),
    }))
}
