import type { Place, Related } from '../../../diagnostics/diagnostic.ts'
import { nameCaller } from '../../../mesh/caller.ts'
import type { Allow, Port, Rate, RateLimit, Service } from '../../../mesh/mesh.ts'
import { listRequiredIssuers, requiresToken } from '../../../mesh/required-token.ts'
import { serializeTokens, serializeWords } from '../../../mesh/serialize-tokens.ts'
import { makeKeyParty, placeAt, placeAtKey } from '../../../mesh/spec-place.ts'
import { findWrittenPlace, makeParty, placeIn } from '../../places.ts'
import { defineRule } from '../../rule.ts'

/**
 * Several Services may select the same pods. A proxy gets one configuration for its pods: their identity, the tokens
 * that they understand, and the protocol and the callers of each port of the container. It does not know which
 * Service a caller used.
 */
export const sharedPods = defineRule<{ service: string; sharing: string; differs: string; help: string }>(
  {
    code: 'MESH3021',
    severity: 'error',
    summary: 'Services that select the same pods agree on the settings of these pods',
    reads: [
      'issuers',
      'services.*.allow',
      'services.*.deny',
      'services.*.authorize',
      'services.*.jwt',
      'services.*.port',
      'services.*.ports',
      'services.*.rateLimit',
      'services.*.versions',
      'services.*.workload',
    ],
    covers: ['IST0110', 'IST0116', 'IST0137', 'KIA0003'],
    message: p => `\`${p.service}\` and \`${p.sharing}\` select the same pods, ${p.differs}`,
    help: p => p.help,
  },
  function* ({ services }, report) {
    for (const first of services) {
      const { samePods } = first
      if (samePods.length === 1 || samePods[0] !== first) continue
      for (const { place, service, sharing, differs, help, related } of listDisagreements(first)) {
        const params = { service: service.key, sharing: sharing.key, differs, help }
        yield report(place, params, related)
      }
    }
  },
)

interface Disagreement {
  readonly place: Place
  readonly service: Service
  readonly sharing: Service
  readonly differs: string
  readonly help: string
  readonly related: readonly Related[]
}

const apart = 'or set `workload.labels` that only the pods of one of them carry'

/** Each service is compared with the first that has the setting, since all must agree. */
function* listDisagreements(first: Service): Iterable<Disagreement> {
  const versioned = first.samePods.find(({ versions }) => versions.length > 0)
  const ports = new Map<number, { readonly service: Service; readonly port: Port }>()
  for (const port of first.ports) ports.set(port.target.value, { service: first, port })
  for (const service of first.samePods.slice(1)) {
    yield* compareAccounts(service, first)
    yield* compareSidecars(service, first)
    yield* compareMachines(service, first)
    yield* compareClusters(service, first)
    if (versioned !== undefined) yield* compareServiceVersions(service, versioned)
    yield* compareTokens(service, first)
    const asking = first.samePods.find(({ authorize }) => authorize !== undefined)
    if (asking !== undefined) yield* compareAuthorizers(service, asking)
    const limiting = first.samePods.find(({ rateLimit }) => rateLimit !== undefined)
    if (limiting !== undefined) yield* compareLimits(service, limiting)
    for (const port of service.ports) {
      const earlier = ports.get(port.target.value)
      if (earlier === undefined) ports.set(port.target.value, { service, port })
      // Another rule reports two ports of one service.
      else if (earlier.service !== service) yield* comparePorts({ service, port }, earlier)
    }
  }
}

function* compareAccounts(service: Service, sharing: Service): Iterable<Disagreement> {
  const { value } = sharing.serviceAccount
  if (service.serviceAccount.value === value) return
  const written = findWrittenPlace(service.serviceAccount)
  yield {
    place: written?.key === 'serviceAccount' ? placeAt(written) : placeAtKey(service.origin),
    service,
    sharing,
    differs: `which cannot run as \`${service.serviceAccount.value}\` and as \`${value}\``,
    help: `set one \`workload.serviceAccount\` for both, such as \`${value}\`, ${apart}`,
    related: [makeKeyParty(sharing.origin, `its pods run as \`${value}\``)],
  }
}

function* compareSidecars(service: Service, sharing: Service): Iterable<Disagreement> {
  if (service.sidecar.value === sharing.sidecar.value) return
  const [bare, injected] = service.sidecar.value === 'off' ? [service, sharing] : [sharing, service]
  yield {
    place: placeIn(service.origin, service.sidecar),
    service,
    sharing,
    differs: 'but only one of them gives these pods a sidecar',
    help: `set \`workload.sidecar: off\` for both, or remove it, ${apart}`,
    related:
      service === bare
        ? [makeKeyParty(injected.origin, 'it has no `sidecar: off`')]
        : makeParty(bare.sidecar, `its pods have no sidecar`),
  }
}

function* compareClusters(service: Service, sharing: Service): Iterable<Disagreement> {
  const serialize = ({ clusters }: Service) =>
    clusters
      .map(({ value }) => value)
      .sort()
      .join()
  if (serialize(service) === serialize(sharing)) return
  const getPlace = ({ clusters, origin }: Service) => (clusters.length === 0 ? origin : origin.at('clusters'))
  yield {
    place: placeAtKey(getPlace(service)),
    service,
    sharing,
    differs: 'but run in different clusters',
    help: `set the same \`clusters\` for both, ${apart}`,
    related: [makeKeyParty(getPlace(sharing), `the clusters of \`${sharing.key}\``)],
  }
}

function* compareMachines(service: Service, sharing: Service): Iterable<Disagreement> {
  if (serializeMachines(service) === serializeMachines(sharing)) return
  const describe = ({ key, machines, origin }: Service) =>
    machines === undefined
      ? makeKeyParty(origin, `\`${key}\` has no \`machines\``)
      : makeKeyParty(machines.origin, `the machines of \`${key}\``)
  yield {
    place: describe(service).at,
    service,
    sharing,
    differs: 'but run on different machines',
    help: `set the same \`workload.machines\` for both, ${apart}`,
    related: [describe(sharing)],
  }
}

const serializeMachines = ({ machines }: Service): string =>
  machines === undefined
    ? ''
    : JSON.stringify(
        machines.registered?.value ??
          machines.entries.map(({ address, locality, weight }) => [
            address.value,
            locality?.value,
            weight?.value,
          ]),
      )

function* compareServiceVersions(service: Service, sharing: Service): Iterable<Disagreement> {
  if (service.versions.length === 0 || serializeVersions(service) === serializeVersions(sharing)) return
  yield {
    place: placeAtKey(service.origin.at('versions')),
    service,
    sharing,
    differs: 'but give their versions different labels',
    help: `set \`versions\` with the same labels for both, or only for one of them, ${apart}`,
    related: [makeKeyParty(sharing.origin.at('versions'), `the versions of \`${sharing.key}\``)],
  }
}

const serializeVersions = ({ versions }: Service): string =>
  JSON.stringify(
    versions.map(({ labels }) => JSON.stringify(labels.map(([key, { value }]) => [key, value]))).sort(),
  )

function* compareTokens(service: Service, sharing: Service): Iterable<Disagreement> {
  if (serializeTokens(service.jwt) === serializeTokens(sharing.jwt)) return
  yield {
    place: service.jwt === undefined ? placeAtKey(service.origin) : placeAtKey(service.jwt.origin),
    service,
    sharing,
    differs: 'but declare different tokens for them',
    help: `set the same \`jwt\` for both, ${apart}`,
    related: [
      sharing.jwt === undefined
        ? makeKeyParty(sharing.origin, 'it has no `jwt`')
        : makeKeyParty(sharing.jwt.origin, `the \`jwt\` of \`${sharing.key}\``),
    ],
  }
}

function* compareAuthorizers(service: Service, sharing: Service): Iterable<Disagreement> {
  if (service.authorize === undefined || sharing.authorize === undefined) return
  if (service.authorize.by.value === sharing.authorize.by.value) return
  yield {
    place: placeAt(service.authorize.by.place!),
    service,
    sharing,
    differs: 'but ask different authorizers',
    help: `name one authorizer for both: Istio refuses requests where the policies of a workload name several, ${apart}`,
    related: [makeKeyParty(sharing.authorize.origin, `the \`authorize\` of \`${sharing.key}\``)],
  }
}

function* compareLimits(service: Service, sharing: Service): Iterable<Disagreement> {
  if (service.rateLimit === undefined || sharing.rateLimit === undefined) return
  if (serializeLimit(service.rateLimit) === serializeLimit(sharing.rateLimit)) return
  yield {
    place: placeAtKey(service.rateLimit.origin),
    service,
    sharing,
    differs: 'but limit the rate of their requests differently',
    help: `set \`rateLimit\` in one of them, which holds for all requests of the pods, ${apart}`,
    related: [makeKeyParty(sharing.rateLimit.origin, `the \`rateLimit\` of \`${sharing.key}\``)],
  }
}

const serializeLimit = ({ counted, whole, perHeader }: RateLimit): string =>
  JSON.stringify([
    counted?.by.value,
    whole && serializeRate(whole),
    perHeader.map(({ header, rate }) => [header.value, serializeRate(rate)]),
  ])

const serializeRate = ({ requests, burst }: Rate) => [requests.value, burst?.value]

interface ServicePort {
  readonly service: Service
  readonly port: Port
}

/** Compares two Services that lead to one port of the container. */
function* comparePorts({ service, port }: ServicePort, earlier: ServicePort): Iterable<Disagreement> {
  const sharing = earlier.service
  const target = port.target.value
  const related = [makeKeyParty(earlier.port.origin, `the port of \`${sharing.key}\` that leads there`)]
  const common = { service, sharing, place: placeAtKey(port.origin) }
  const help = 'set the same for both, or give them two ports of the container'
  const differs = describeDifference(port, earlier.port)
  if (differs !== undefined) {
    yield { ...common, differs: `and lead to their port ${target} ${differs}`, help, related }
    return
  }
  const denied = serializeDenials(service, port)
  if (denied !== serializeDenials(sharing, earlier.port)) {
    const differs = `and lead to their port ${target}, where they deny different requests`
    const help =
      'a proxy does not know which Service was called: `deny` the same in both, or give them two ports of the container'
    yield { ...common, differs, help, related }
    return
  }
  if (serializeAsked(service, port) !== serializeAsked(sharing, earlier.port)) {
    const differs = `and lead to their port ${target}, where they ask an authorizer about different requests`
    const help =
      'a proxy does not know which Service was called: set the same `authorize` in both, or give them two ports of the container'
    yield { ...common, differs, help, related }
    return
  }
  const here = indexTerms(service, port)
  const there = indexTerms(sharing, earlier.port)
  const missing = [...there].find(([term]) => !here.has(term))
  const surplus = [...here].find(([term]) => !there.has(term))
  const [lets, refuses, allow] =
    missing === undefined ? [service, sharing, surplus?.[1]] : ([sharing, service, missing[1]] as const)
  if (allow === undefined) return
  const caller = nameCaller(allow.from)
  yield {
    ...common,
    differs: `and lead to their port ${target}, where \`${lets.key}\` allows \`${caller}\` something that \`${refuses.key}\` does not`,
    help: 'a proxy does not know which Service was called: `allow` the same callers in both, or give them two ports of the container',
    related: [...related, { at: placeAt(allow.origin), message: `\`${lets.key}\` allows it here` }],
  }
}

function describeDifference(port: Port, sharing: Port): string | undefined {
  if (port.protocol.value !== sharing.protocol.value)
    return `as \`${port.protocol.value}\` and as \`${sharing.protocol.value}\``
  if (port.number.value !== sharing.number.value)
    return `by two numbers, ${port.number.value} and ${sharing.number.value}`
  if (port.mtls?.value !== sharing.mtls?.value)
    return `with ${describeMtls(port)} and with ${describeMtls(sharing)}`
  return port.sidecar?.value === sharing.sidecar?.value ? undefined : 'with `sidecar: off` and without it'
}

const describeMtls = ({ mtls }: Port): string =>
  mtls === undefined ? 'no `mtls`' : `\`mtls: ${mtls.value}\``

/** Serializes the denials on a port, with the distinctions that a policy makes. */
const serializeDenials = ({ deny }: Service, port: Port): string =>
  JSON.stringify(
    deny
      .filter(({ ports }) => ports.length === 0 || ports.some(named => named.port === port))
      .map(denial =>
        JSON.stringify([
          denial.from && nameCaller(denial.from),
          [denial.methods, denial.paths].map(serializeWords),
          denial.jwtMissing?.value,
          [...denial.claims, ...denial.headers].map(([name, values]) => [name, serializeWords(values)]),
        ]),
      )
      .sort(),
  )

/** Serializes the requests on a port that an authorizer checks; empty if it checks none. */
const serializeAsked = ({ authorize }: Service, port: Port): string =>
  authorize === undefined
    ? ''
    : authorize.requests.length === 0
      ? 'all'
      : authorize.requests
          .filter(({ ports }) => ports.length === 0 || ports.some(named => named.port === port))
          .map(({ methods, exceptMethods, paths, exceptPaths, headers }) =>
            JSON.stringify([
              ...[methods, exceptMethods, paths, exceptPaths].map(serializeWords),
              headers.map(([name, values]) => [name, serializeWords(values)]),
            ]),
          )
          .sort()
          .join()

/** Indexes the callers of a port and the conditions of their calls, with the distinctions that a policy makes. */
function indexTerms(service: Service, port: Port): ReadonlyMap<string, Allow> {
  const { allow } = service
  const reaching = allow.filter(({ ports }) => ports.length === 0 || ports.some(named => named.port === port))
  return new Map(
    reaching.map(rule => {
      const { from, methods, paths, claims, headers } = rule
      const terms = [
        from.kind === 'service' ? from.service.principal.value : nameCaller(from),
        serializeWords(methods),
        serializeWords(paths),
        listRequiredIssuers(service, rule)
          .map(([{ issuer }]) => issuer.value)
          .sort(),
        requiresToken(rule),
        [...claims, ...headers].map(([name, values]) => [name, serializeWords(values)]),
      ]
      return [JSON.stringify(terms), rule]
    }),
  )
}
