import { controlPlaneReplicas, gatewayReplicas, type ReplicaBounds } from '../../../mesh/default-sizes.ts'
import type { Gateway } from '../../../mesh/mesh.ts'
import { Action, Guarded } from '../../template.ts'

/** Values of Istio's chart `istiod` as a template of the chart has them: their replicas follow its own values. */
export const guardIstiod = (values: object): Guarded =>
  new Guarded(
    [replicasAction('istio.controlPlane', '$.Values.istio.controlPlane', controlPlaneReplicas)],
    { ...values, autoscaleMin: readReplicas('min'), autoscaleMax: readReplicas('max') },
    [],
  )

/** The same of values of Istio's chart `gateway`. */
export const guardGateway = <Values extends { readonly autoscaling: object }>(
  values: Values,
  { name }: Gateway,
): Guarded => {
  const owner = `index ($.Values.gateways | default dict) ${JSON.stringify(name.value)}`
  const autoscaling = {
    ...values.autoscaling,
    minReplicas: readReplicas('min'),
    maxReplicas: readReplicas('max'),
  }
  return new Guarded(
    [replicasAction(`gateways.${name.value}`, owner, gatewayReplicas)],
    { ...values, autoscaling },
    [],
  )
}

const readReplicas = (bound: 'min' | 'max') => new Action(`$replicas.${bound}`)

const replicasAction = (owner: string, setting: string, [min, max]: ReplicaBounds) =>
  `$replicas := include "meshc.replicas" (dict "owner" "${owner}" "said" (${setting}) "min" ${min} "max" ${max}) | fromJson`
