import type { Place, Related } from '../../diagnostics/diagnostic.ts'
import { callerName } from '../../mesh/caller.ts'
import type { Allow, Jwt, Port, Service } from '../../mesh/mesh.ts'
import type { Sourced } from '../../mesh/sourced.ts'
import { at, keyOf, keyParty, writtenAt } from '../places.ts'
import { defineRule } from '../rule.ts'

/**
 * Several Services may select the same pods. What a proxy is told of its pods, it is told once: who they are, which tokens they
 * understand, and of each port of the container how it speaks and who may call. It does not know by which Service it was called.
 */
export const sharedPods = defineRule<{ service: string; other: string; differs: string; help: string }>(
  {
    code: 'MESH3021',
    severity: 'error',
    summary: 'Services that select the same pods agree about what holds for the pods',
    covers: ['IST0110', 'IST0116', 'IST0137', 'KIA0003'],
    message: p => `\`${p.service}\` and \`${p.other}\` select the same pods, ${p.differs}`,
    help: p => p.help,
  },
  function* ({ services }, report) {
    for (const first of services) {
      const { samePods } = first
      if (samePods.length === 1 || samePods[0] !== first) continue
      for (const { place, service, other, differs, help, related } of disagreements(first)) {
        const params = { service: service.key, other: other.key, differs, help }
        yield report(place, params, [related])
      }
    }
  },
)

interface Disagreement {
  readonly place: Place
  readonly service: Service
  readonly other: Service
  readonly differs: string
  readonly help: string
  readonly related: Related
}

const apart = 'or give `workload.labels` that only the pods of one of them carry'

/** Each service is held against the first that says something, since all must say the same. */
function* disagreements(first: Service): Iterable<Disagreement> {
  const versioned = first.samePods.find(({ versions }) => versions.length > 0)
  const ports = new Map<number, { readonly service: Service; readonly port: Port }>()
  for (const port of first.ports) ports.set(port.target.value, { service: first, port })
  for (const service of first.samePods.slice(1)) {
    yield* otherAccount(service, first)
    if (versioned !== undefined) yield* otherVersions(service, versioned)
    yield* otherTokens(service, first)
    for (const port of service.ports) {
      const known = ports.get(port.target.value)
      if (known === undefined) ports.set(port.target.value, { service, port })
      // Two ports of one service are another rule's.
      else if (known.service !== service) yield* otherPort({ service, port }, known)
    }
  }
}

function* otherAccount(service: Service, other: Service): Iterable<Disagreement> {
  const { value } = other.serviceAccount
  if (service.serviceAccount.value === value) return
  const written = writtenAt(service.serviceAccount)
  yield {
    place: written?.key === 'serviceAccount' ? at(written) : keyOf(service.origin),
    service,
    other,
    differs: `which cannot run as \`${service.serviceAccount.value}\` and as \`${value}\``,
    help: `say one \`workload.serviceAccount\` of both, such as \`${value}\`, ${apart}`,
    related: keyParty(other.origin, `its pods run as \`${value}\``),
  }
}

function* otherVersions(service: Service, other: Service): Iterable<Disagreement> {
  if (service.versions.length === 0 || labelsOfVersions(service) === labelsOfVersions(other)) return
  yield {
    place: keyOf(service.origin.at('versions')),
    service,
    other,
    differs: 'and tell versions of them apart by other labels',
    help: `say \`versions\` with the same labels of both, or of one of them only, ${apart}`,
    related: keyParty(other.origin.at('versions'), `the versions of \`${other.key}\``),
  }
}

const labelsOfVersions = ({ versions }: Service): string =>
  JSON.stringify(
    versions.map(({ labels }) => JSON.stringify(labels.map(([key, { value }]) => [key, value]))).sort(),
  )

function* otherTokens(service: Service, other: Service): Iterable<Disagreement> {
  if (tokensOf(service.jwt) === tokensOf(other.jwt)) return
  yield {
    place: service.jwt === undefined ? keyOf(service.origin) : keyOf(service.jwt.origin),
    service,
    other,
    differs: 'which understand the same tokens on every port',
    help: `say the same \`jwt\` of both, ${apart}`,
    related:
      other.jwt === undefined
        ? keyParty(other.origin, 'it has no `jwt`')
        : keyParty(other.jwt.origin, `the \`jwt\` of \`${other.key}\``),
  }
}

const tokensOf = (jwt: Jwt | undefined): string | undefined =>
  jwt &&
  JSON.stringify([jwt.issuer, jwt.jwks, jwt.header, jwt.forward].map(part => part?.value)) +
    wordsOf(jwt.audiences)

interface PortOf {
  readonly service: Service
  readonly port: Port
}

/** Two Services lead to one port of the container. */
function* otherPort({ service, port }: PortOf, known: PortOf): Iterable<Disagreement> {
  const other = known.service
  const target = port.target.value
  const party = (message: string) => keyParty(known.port.origin, message)
  const common = { service, other, place: keyOf(port.origin) }
  const help = 'say the same of both, or let them lead to two ports of the container'
  const differs = differenceOf(port, known.port)
  if (differs !== undefined) {
    const related = party(`the port of \`${other.key}\` that leads there`)
    yield { ...common, differs: `and lead to their port ${target} ${differs}`, help, related }
    return
  }
  const here = termsAt(service, port)
  const there = termsAt(other, known.port)
  const missing = [...there].find(([term]) => !here.has(term))
  const surplus = [...here].find(([term]) => !there.has(term))
  const [lets, refuses, allow] =
    missing === undefined ? [service, other, surplus?.[1]] : ([other, service, missing[1]] as const)
  if (allow === undefined) return
  const caller = callerName(allow.from)
  yield {
    ...common,
    differs: `and lead to their port ${target}, where \`${lets.key}\` lets \`${caller}\` in and \`${refuses.key}\` does not on these terms`,
    help: 'a proxy does not know which Service was called: `allow` the same callers in both, or let them lead to two ports of the container',
    related: { at: at(allow.origin), message: `\`${lets.key}\` allows it here` },
  }
}

function differenceOf(port: Port, other: Port): string | undefined {
  if (port.protocol.value !== other.protocol.value)
    return `as \`${port.protocol.value}\` and as \`${other.protocol.value}\``
  if (port.number.value !== other.number.value)
    return `by two numbers, ${port.number.value} and ${other.number.value}`
  return port.mtls?.value === other.mtls?.value ? undefined : `with ${mtlsOf(port)} and with ${mtlsOf(other)}`
}

const mtlsOf = ({ mtls }: Port): string => (mtls === undefined ? 'no `mtls`' : `\`mtls: ${mtls.value}\``)

/** Who may call a port and how, as a policy tells one from another. */
function termsAt({ allow }: Service, port: Port): ReadonlyMap<string, Allow> {
  const reaching = allow.filter(({ ports }) => ports.length === 0 || ports.some(named => named.port === port))
  return new Map(
    reaching.map(rule => {
      const { from, methods, paths, jwtRequired, claims } = rule
      const terms = [
        from.kind === 'service' ? from.service.principal.value : callerName(from),
        wordsOf(methods),
        wordsOf(paths),
        jwtRequired !== undefined || claims.length > 0,
        claims.map(([claim, values]) => [claim, wordsOf(values)]),
      ]
      return [JSON.stringify(terms), rule]
    }),
  )
}

/** Values in an order of their own. */
const wordsOf = (values: readonly Sourced<unknown>[]): string =>
  JSON.stringify(values.map(({ value }) => JSON.stringify(value)).sort())
