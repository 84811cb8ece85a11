import { isRecord } from '../../../../schema/json-schema.ts'
import { listInstalledGateways } from '../../../mesh/installed-gateways.ts'
import { internalAnnotations } from '../../../mesh/internal-annotations.ts'
import type { GatewayInstallation } from '../../../mesh/mesh.ts'
import { placeAtKey } from '../../../mesh/spec-place.ts'
import { findWrittenPlace, makeParty } from '../../places.ts'
import { defineRule } from '../../rule.ts'

/** Kubernetes refuses a Service with load balancer settings but without a load balancer. */
export const loadBalancers = defineRule<{ gateway: string; field: string; type: string }>(
  {
    code: 'MESH3315',
    severity: 'error',
    summary: 'A setting of a load balancer stands where there is one, once',
    message: p =>
      p.type === 'annotation'
        ? `\`internal\` of the gateway \`${p.gateway}\` sets the annotation \`${p.field}\`, too`
        : `\`${p.field}\` of the gateway \`${p.gateway}\` needs a load balancer, and its Service is a ${p.type}`,
    help: p =>
      p.type === 'annotation' ? 'remove one of them' : `remove \`${p.field}\`, or set \`type: LoadBalancer\``,
  },
  function* (mesh, report) {
    for (const { name, installation } of listInstalledGateways(mesh)) {
      const { serviceType, internal, serviceAnnotations } = installation
      for (const [field, value] of listUnsupportedSettings(installation)) {
        const params = { gateway: name.value, field, type: serviceType.value }
        yield report(placeAtKey(value), params, makeParty(serviceType, 'the type of its Service'))
      }
      if (internal === undefined) continue
      const [key] = internalAnnotations[internal.value]
      const written = serviceAnnotations.find(([annotation]) => annotation === key)?.[1]
      if (written === undefined) continue
      const params = { gateway: name.value, field: key, type: 'annotation' }
      yield report(placeAtKey(findWrittenPlace(written)!), params, makeParty(internal, 'its `internal`'))
    }
  },
)

/** Lists the settings that the type of the Service does not have, each with its place. */
function listUnsupportedSettings({
  serviceType,
  internal,
  externalTrafficPolicy,
  sourceRanges,
  values,
}: GatewayInstallation) {
  const type = serviceType.value
  const service = values?.value['service']
  const passed = isRecord(service) ? passedBalancing.filter(field => field in service) : []
  const ofBalancers = [
    ['internal', findWrittenPlace(internal)],
    ['sourceRanges', findWrittenPlace(sourceRanges[0])?.parent],
    ...passed.map(field => [field, values?.origin.at('service').at(field)] as const),
  ] as const
  const places = [
    ...(type === 'LoadBalancer' ? [] : ofBalancers),
    ['externalTrafficPolicy', type === 'ClusterIP' ? findWrittenPlace(externalTrafficPolicy) : undefined],
  ] as const
  return places.flatMap(([field, place]) => (place === undefined ? [] : [[field, place] as const]))
}

/** The values of the chart for the Service that only one with a load balancer has. */
const passedBalancing = ['allocateLoadBalancerNodePorts', 'loadBalancerClass', 'loadBalancerIP']
