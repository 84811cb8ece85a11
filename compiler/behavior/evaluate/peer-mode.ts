import { isSubset } from '../is-subset.ts'
import type { Labels, MtlsMode, PeerAuthentication } from '../model.ts'
import type { At } from '../result.ts'
import type { IndexedModel } from './indexed-model.ts'

/** The encryption that a workload asks of clients at one of its ports, and the policies that say so. */
interface PeerMode {
  readonly mode: Exclude<MtlsMode, 'UNSET'>
  readonly at: readonly At[]
}

/**
 * Port before workload before namespace before mesh; the oldest of a kind; without any: permissive. See
 * ComposePeerAuthentication in pilot/pkg/security/authn/policy_applier.go of istio/istio.
 */
export function findPeerMode(
  indexed: IndexedModel,
  { namespace, labels }: { readonly namespace: string; readonly labels: Labels },
  port: number,
): PeerMode {
  const { rootNamespace } = indexed.model.settings
  const all = indexed.remember(`peer authentications ${namespace}`, () =>
    indexed.model.peerAuthentications.filter(
      policy => policy.namespace === namespace || policy.namespace === rootNamespace,
    ),
  )
  const ofMesh = all.find(policy => policy.namespace === rootNamespace && hasNoSelector(policy))
  const ofNamespace = all.find(policy => policy.namespace !== rootNamespace && hasNoSelector(policy))
  const ofWorkload = all.find(
    policy =>
      policy.namespace !== rootNamespace && !hasNoSelector(policy) && isSubset(policy.selector, labels),
  )
  let mode: PeerMode = { mode: 'PERMISSIVE', at: [] }
  for (const policy of [ofMesh, ofNamespace, ofWorkload])
    if (policy !== undefined && policy.mode !== 'UNSET')
      mode = { mode: policy.mode, at: [{ object: policy, path: ['spec', 'mtls', 'mode'] }] }
  const atPort = ofWorkload?.portLevel.get(port)
  if (ofWorkload === undefined || atPort === undefined || atPort === 'UNSET') return mode
  return { mode: atPort, at: [{ object: ofWorkload, path: ['spec', 'portLevelMtls', String(port), 'mode'] }] }
}

/** Finds the mode of a namespace as far as clients guess it. See GetNamespaceMutualTLSMode. */
export function findNamespaceMode(indexed: IndexedModel, namespace: string): Exclude<MtlsMode, 'UNSET'> {
  return findPeerMode(indexed, { namespace, labels: noLabels }, 0).mode
}

const noLabels: Labels = {}

const hasNoSelector = ({ selector }: PeerAuthentication) => Object.keys(selector).length === 0
