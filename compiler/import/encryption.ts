import type { MtlsMode, PeerAuthentication, ServicePort } from '../behavior/model.ts'
import type { Claim, Field, Proposal, Unsaid } from './claim.ts'
import type { ForeignMesh, ForeignService } from './foreign-mesh.ts'
import { areOfSamePods, hasSidecars, isWithoutSidecars, selectsAll } from './foreign-mesh.ts'
import { findContainerPort, findPortPath } from './services.ts'

/** Claims the PeerAuthentications: of the mesh, of namespaces, and of ports of services. */
export function claimEncryption(mesh: ForeignMesh): Proposal {
  const { peerAuthentications, settings } = mesh.model
  const claims: Claim[] = []
  const unsaid: Unsaid[] = []
  const ineffective: string[] = []
  const root = findRootPolicy(mesh.model)
  const isRootSaid = root === undefined || root.mode !== 'DISABLE'
  claims.push({
    objects: root === undefined || !isRootSaid || mesh.part !== undefined ? [] : [root],
    fields: root?.mode === 'STRICT' ? [] : [{ path: ['mtls'], value: 'permissive' }],
  })
  if (root !== undefined && !isRootSaid && mesh.part === undefined)
    unsaid.push({ object: root, reason: offReason })
  const seen = new Set([settings.rootNamespace])
  for (const policy of peerAuthentications) {
    if (policy === root) continue
    const { namespace, mode } = policy
    if (!isWide(policy)) {
      const claim = makePortClaim(mesh, policy)
      if (typeof claim === 'string') unsaid.push({ object: policy, reason: claim })
      else claims.push(claim)
    } else if (seen.has(namespace)) {
      claims.push({ objects: [policy], fields: [] })
      ineffective.push(
        `PeerAuthentication ${namespace}/${policy.name}: an older one of its namespace is in force`,
      )
    } else {
      seen.add(namespace)
      const isOff = isWithoutSidecars(mesh, namespace)
      if (!isOff && !hasSidecars(mesh, namespace))
        unsaid.push({
          object: policy,
          reason: 'the pods of its namespace have no sidecars of this control plane',
        })
      else if (mode === 'DISABLE') unsaid.push({ object: policy, reason: offReason })
      else
        claims.push({
          objects: [policy],
          fields: [
            mode === 'UNSET'
              ? { path: ['namespaces', namespace], value: {} }
              : { path: ['namespaces', namespace, 'mtls'], value: modeWords[mode] },
            ...(isOff ? [{ path: ['namespaces', namespace, 'injection'], value: 'off' }] : []),
          ],
        })
    }
  }
  return { claims, unsaid, ineffective }
}

const offReason = 'it switches mutual TLS off'

const modeWords = { STRICT: 'strict', PERMISSIVE: 'permissive' } as const

/** The PeerAuthentication of the mesh: the oldest of the root namespace without a selector. */
export const findRootPolicy = ({
  peerAuthentications,
  settings,
}: ForeignMesh['model']): PeerAuthentication | undefined =>
  peerAuthentications.find(policy => policy.namespace === settings.rootNamespace && isWide(policy))

/** The mode of a namespace: the mode of its own policy, or of the mesh's. */
function findMode(model: ForeignMesh['model'], namespace: string): MtlsMode {
  const policy = model.peerAuthentications.find(policy => policy.namespace === namespace && isWide(policy))
  if (policy !== undefined && policy.mode !== 'UNSET') return policy.mode
  const root = findRootPolicy(model)
  return root === undefined || root.mode === 'UNSET' ? 'PERMISSIVE' : root.mode
}

/** The words for ports: `strict` is the mode of the namespace. */
const portWords: Readonly<Partial<Record<MtlsMode, string>>> = { PERMISSIVE: 'permissive', DISABLE: 'off' }

const isWide = ({ selector, portLevel }: PeerAuthentication) =>
  Object.keys(selector).length === 0 && portLevel.size === 0

function makePortClaim(mesh: ForeignMesh, policy: PeerAuthentication): Claim | string {
  const { rootNamespace } = mesh.model.settings
  if (policy.mode !== 'UNSET' && policy.mode !== findMode(mesh.model, policy.namespace))
    return 'it is about all ports of some pods'
  const services = mesh.services.filter(
    service => policy.namespace === service.service.namespace && selectsAll(policy, service, rootNamespace),
  )
  if (!areOfSamePods(services)) return `its pods are those of ${services.length} services`
  const fields: Field[] = []
  for (const [number, mode] of policy.portLevel) {
    const word = portWords[mode]
    const places = services.flatMap(service => {
      const port = findPortByTarget(service, number)
      return port === undefined ? [] : [[...findPortPath(service, port), 'mtls']]
    })
    if (places.length === 0 || word === undefined) return `no port of \`${services[0]!.key}\` is meant`
    fields.push(...places.map(path => ({ path, value: word })))
  }
  return { objects: [policy], fields }
}

const findPortByTarget = ({ service, pods }: ForeignService, target: number): ServicePort | undefined =>
  service.ports.find(port => findContainerPort(port, pods[0]!) === target)
