import { describeUnmodelledReason } from '../unmodelled-reasons.ts'
import { findMisfit, type Misfit } from './fields.ts'
import { kubernetesFields, metadataFields, specFields } from './kinds.ts'
import { checkDestinationRule } from './refusals/destination-rule.ts'
import type { Fault } from './refusals/faults.ts'
import { checkGateway } from './refusals/gateway.ts'
import { checkMetadata } from './refusals/metadata.ts'
import {
  checkAuthorizationPolicy,
  checkPeerAuthentication,
  checkRequestAuthentication,
} from './refusals/security.ts'
import { checkServiceEntry, checkWorkloadEntry, checkWorkloadGroup } from './refusals/service-entry.ts'
import { checkSidecar } from './refusals/sidecar.ts'
import { checkVirtualService } from './refusals/virtual-service.ts'
import { isMap, type ManifestMap, mapAt, readText } from './values.ts'

/**
 * Finds the reason for which the admission of a cluster refuses an object, so that it counts as absent; undefined: it accepts
 * the object. First come the types of the CRD for the fields that the engine reads, then the rules of Istio's webhook, `refusals/`.
 */
export function findRefusal(kind: string, value: unknown): Fault {
  return findTypeFault(kind, value) ?? describeMisfitRules(kind, value)
}

/**
 * Finds the fault that an API server reports, which knows the types of fields. An input of istioctl is no
 * object of a cluster.
 */
function findTypeFault(kind: string, value: unknown): Fault {
  if (kind === 'IstioOperator') return undefined
  const metadata = mapAt(value, 'metadata')
  if (metadata === undefined) return { path: [], reason: '`metadata` is missing' }
  const ofKubernetes = kubernetesFields.get(kind)
  const specField = Object.hasOwn(specFields, kind) ? specFields[kind] : undefined
  return (
    placeBelow('metadata', describeMisfit(findMisfit(metadata, metadataFields))) ??
    (ofKubernetes && describeMisfit(findMisfit(value, ofKubernetes))) ??
    (specField &&
      placeBelow('spec', describeMisfit(findMisfit(isMap(value) ? value['spec'] : undefined, specField))))
  )
}

const describeMisfit = (misfit: Misfit | undefined): Fault =>
  misfit && { ...misfit, reason: describeUnmodelledReason(misfit.reason) }

const placeBelow = (key: string, fault: Fault): Fault => fault && { ...fault, path: [key, ...fault.path] }

function describeMisfitRules(kind: string, value: unknown): Fault {
  const rules = rulesOfKinds.get(kind)
  if (rules === undefined) return undefined
  const metadata = mapAt(value, 'metadata') ?? {}
  const spec = mapAt(value, 'spec') ?? {}
  const namespace = readText(metadata, 'namespace') ?? 'default'
  return (
    placeBelow('metadata', checkMetadata(kind, metadata, spec)) ?? placeBelow('spec', rules(spec, namespace))
  )
}

const rulesOfKinds: ReadonlyMap<string, (spec: ManifestMap, namespace: string) => Fault> = new Map([
  ['VirtualService', checkVirtualService],
  ['DestinationRule', checkDestinationRule],
  ['Gateway', checkGateway],
  ['ServiceEntry', checkServiceEntry],
  ['WorkloadEntry', checkWorkloadEntry],
  ['WorkloadGroup', checkWorkloadGroup],
  ['Sidecar', checkSidecar],
  ['PeerAuthentication', checkPeerAuthentication],
  ['RequestAuthentication', checkRequestAuthentication],
  ['AuthorizationPolicy', checkAuthorizationPolicy],
])
