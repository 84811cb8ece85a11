import { groupBy } from '../basics/group-by.ts'
import type { Difference } from '../behavior/compare/difference.ts'
import type { ModelObject } from '../behavior/model.ts'
import { type Claim, type Field, isOfService, makeModelKey } from './claim.ts'
import type { ForeignMesh } from './foreign-mesh.ts'
import type { Settled } from './settle.ts'
import { isKindWritten } from './written-kinds.ts'

/**
 * Lists the claims of Services that the spec cannot express: it would emit an object with the name of one that has to stay, or a
 * PeerAuthentication for a whole namespace that has one.
 */
export function listBlocked(
  { refused }: Settled,
  claims: readonly Claim[],
): readonly (readonly [Claim, string])[] {
  const services = claims.filter(isOfService)
  return [...refused].flatMap(([{ objects }, reason]) =>
    objects.flatMap(({ kind, namespace, name }) =>
      services
        .filter(
          ({ objects: [service] }) =>
            service?.namespace === namespace && (service.name === name || kind === 'PeerAuthentication'),
        )
        .map(claim => [claim, reason] as const),
    ),
  )
}

/** Lists the claims about services and namespaces that are not in the spec, each with the reason. */
export function listOrphans(claims: readonly Claim[]): readonly (readonly [Claim, string])[] {
  const services = new Set(
    claims.filter(isOfService).flatMap(({ fields }) => fields.map(({ path }) => path[1])),
  )
  const namespaces = new Set(claims.flatMap(({ fields }) => fields.flatMap(nameNamespace)))
  return claims.flatMap((claim): readonly (readonly [Claim, string])[] => {
    const isOrphan = (section: string, known: ReadonlySet<unknown>) =>
      claim.fields.some(({ path }) => path[0] === section && !known.has(path[1]))
    if (isOrphan('services', services)) return [[claim, 'its service is not in the spec']]
    return isOrphan('namespaces', namespaces) ? [[claim, 'its namespace is not in the spec']] : []
  })
}

/** The namespace that a field adds to the spec. Labels alone do not add one. */
const nameNamespace = ({ path: [section, key, field], value }: Field): readonly unknown[] => {
  if (section === 'namespaces') return field === 'labels' ? [] : [key]
  return field === 'namespace' ? [value] : []
}

/**
 * Lists the claims that differences refute: claims with an object that decides about a request whose result differs; otherwise claims
 * for its destination; finally the destination itself.
 */
export function listRefuted(
  differences: readonly Difference[],
  claims: readonly Claim[],
  { serviceByHost }: ForeignMesh,
): readonly (readonly [Claim, string])[] {
  const byName = new Map(
    claims.flatMap(claim => claim.objects.map(object => [makeModelKey(object), claim] as const)),
  )
  // A Sidecar that no manifest has exists because of the Sidecars of other pods.
  const ofSidecars = claims.filter(({ objects }) => objects.some(({ kind }) => kind === 'Sidecar'))
  const byKey = groupBy(claims, ({ fields }) => fields.map(({ path }) => path.slice(0, 2).join('/')))
  const byHost = groupBy(claims, ({ objects }) => objects.flatMap(listObjectHosts))
  return differences.flatMap(({ causes, change, destinations }) => {
    const deciding = [...causes.before, ...causes.after].flatMap(
      ({ object }) => byName.get(makeModelKey(object)) ?? (object.kind === 'Sidecar' ? ofSidecars : []),
    )
    const near = destinations.flatMap(({ host }) => [
      ...(byKey.get(`services/${serviceByHost.get(host)?.key}`) ?? []),
      ...(byHost.get(host) ?? []),
    ])
    const nearest = [...deciding, ...near].toSorted((a, b) => countLoss(a) - countLoss(b)).slice(0, 1)
    const reason = `requests fare otherwise with the words of the language (${change})`
    const refuted = nearest.length > 0 ? nearest : listAround(claims, destinations)
    return refuted.map(claim => [claim, reason] as const)
  })
}

/** The hosts that an object is about. */
const listObjectHosts = (object: ModelObject): readonly string[] => [
  ...('hosts' in object && Array.isArray(object.hosts) ? (object.hosts as readonly string[]) : []),
  ...('host' in object ? [String(object.host)] : []),
]

/** Lists the Services in the namespaces of destinations, or all Services if the spec has none there. */
function listAround(
  claims: readonly Claim[],
  destinations: readonly { readonly host: string }[],
): readonly Claim[] {
  const services = claims.filter(isOfService)
  const around = services.filter(({ objects: [service] }) =>
    destinations.some(({ host }) => host.split('.')[1] === service?.namespace),
  )
  return around.length > 0 ? around : services
}

/** Counts the objects that are lost with a claim: all claims for a gateway or Service depend on its own claim. */
const countLoss = ({ objects }: Claim): number =>
  Math.max(0, ...objects.map(object => (!isKindWritten(object) ? 2 : object.kind === 'Gateway' ? 1 : 0)))
