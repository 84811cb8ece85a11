import type { SpreadConstraint } from '../../../schema/generated/common-types.ts'
import { internalAnnotations } from '../../mesh/internal-annotations.ts'
import type { InstalledGateway } from '../../mesh/mesh.ts'
import { printProxyConfig, proxyConfigAnnotation } from '../../mesh/proxy-config.ts'
import { because, decided } from '../../mesh/sourced.ts'
import { labelRecord } from '../manifest.ts'
import type { Sourceable } from '../sourceable.ts'

/** Makes the annotations of the Service of a gateway, sorted by key; undefined without annotations. */
export function makeServiceAnnotations({ installation }: InstalledGateway) {
  const { internal, serviceAnnotations } = installation
  if (internal === undefined)
    return serviceAnnotations.length > 0 ? labelRecord(serviceAnnotations) : undefined
  const [key, value] = internalAnnotations[internal.value]
  const annotation = [key, because(value, internal, 'policy:internal-gateway')] as const
  const all = [annotation, ...serviceAnnotations.filter(([name]) => name !== key)]
  return because(labelRecord(all.toSorted(([a], [b]) => (a < b ? -1 : 1))), internal)
}

/** Makes the annotations of the pods of a gateway; undefined if the spec does not set the topology in front of them. */
export function makePodAnnotations({ installation }: InstalledGateway) {
  const config = printProxyConfig(installation)
  return config && { [proxyConfigAnnotation]: config }
}

/** Makes the constraints that spread the pods of a gateway over zones; undefined if the spec sets none. */
export function makeSpread(gateway: InstalledGateway): readonly Sourceable<SpreadConstraint>[] | undefined {
  const { spread } = gateway.installation
  if (spread === undefined) return undefined
  return [
    because(
      {
        maxSkew: 1,
        topologyKey: 'topology.kubernetes.io/zone',
        whenUnsatisfiable: spread.map(word => (word === 'required' ? 'DoNotSchedule' : 'ScheduleAnyway')),
        labelSelector: { matchLabels: labelRecord(gateway.selector) },
      } as const,
      spread,
    ),
  ]
}

/** Makes the budget for drains of nodes. A drain takes one of several pods at a time; the one of a gateway that has no other, it may take, too. */
export function makeDisruptionBudget({ installation }: InstalledGateway) {
  const { maxUnavailable, minAvailable } = installation.disruptions
  if (minAvailable !== undefined) return { minAvailable }
  return { maxUnavailable: maxUnavailable ?? decided('policy:install', 1) }
}

/** Makes the settings of the Service of a gateway other than its ports. */
export function makeServiceSettings({ installation }: InstalledGateway) {
  const { serviceType, externalTrafficPolicy, sourceRanges } = installation
  return {
    type: serviceType,
    externalTrafficPolicy: externalTrafficPolicy?.map(word => (word === 'local' ? 'Local' : 'Cluster')),
    loadBalancerSourceRanges: sourceRanges.length > 0 ? sourceRanges : undefined,
  } as const
}
