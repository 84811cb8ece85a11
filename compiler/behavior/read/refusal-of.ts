import { misfitIn } from './fields.ts'
import { kubernetesFields, metadataFields, specFields } from './kinds.ts'
import type { Finding } from './object-of.ts'
import { faultOfDestinationRule } from './refusals/destination-rule.ts'
import type { Fault } from './refusals/faults.ts'
import { faultOfGateway } from './refusals/gateway.ts'
import { faultOfMetadata } from './refusals/metadata.ts'
import {
  faultOfAuthorizationPolicy,
  faultOfPeerAuthentication,
  faultOfRequestAuthentication,
} from './refusals/security.ts'
import { faultOfServiceEntry, faultOfWorkloadEntry } from './refusals/service-entry.ts'
import { faultOfSidecar } from './refusals/sidecar.ts'
import { faultOfVirtualService } from './refusals/virtual-service.ts'
import { isMap, type ManifestMap, mapAt, textAt } from './values.ts'

/**
 * Why the admission of a cluster refuses an object, so that it is not there; undefined: it takes it. First the types of
 * what is read are held against the CRD, then the rules of Istio's webhook, `refusals/`, are asked.
 */
export function refusalOf(kind: string, value: unknown): Finding | undefined {
  return misfitOf(kind, value) ?? faultOfRules(kind, value)
}

/** What an API server says, which knows the types of fields. What istioctl is told is no object of a cluster. */
function misfitOf(kind: string, value: unknown): Finding | undefined {
  if (kind === 'IstioOperator') return undefined
  const metadata = mapAt(value, 'metadata')
  if (metadata === undefined) return { path: [], reason: '`metadata` is missing' }
  const ofKubernetes = kubernetesFields.get(kind)
  const own = Object.hasOwn(specFields, kind) ? specFields[kind] : undefined
  return (
    below('metadata', misfitIn(metadata, metadataFields)) ??
    (ofKubernetes && misfitIn(value, ofKubernetes)) ??
    (own && below('spec', misfitIn(isMap(value) ? value['spec'] : undefined, own)))
  )
}

const below = (key: string, found: Finding | undefined): Finding | undefined =>
  found && { ...found, path: [key, ...found.path] }

function faultOfRules(kind: string, value: unknown): Finding | undefined {
  const rules = rulesOfKinds.get(kind)
  if (rules === undefined) return undefined
  const metadata = mapAt(value, 'metadata') ?? {}
  const spec = mapAt(value, 'spec') ?? {}
  const namespace = textAt(metadata, 'namespace') ?? 'default'
  return below('metadata', faultOfMetadata(kind, metadata, spec)) ?? below('spec', rules(spec, namespace))
}

const rulesOfKinds: ReadonlyMap<string, (spec: ManifestMap, namespace: string) => Fault> = new Map([
  ['VirtualService', faultOfVirtualService],
  ['DestinationRule', faultOfDestinationRule],
  ['Gateway', faultOfGateway],
  ['ServiceEntry', faultOfServiceEntry],
  ['WorkloadEntry', faultOfWorkloadEntry],
  ['Sidecar', faultOfSidecar],
  ['PeerAuthentication', faultOfPeerAuthentication],
  ['RequestAuthentication', faultOfRequestAuthentication],
  ['AuthorizationPolicy', faultOfAuthorizationPolicy],
])
