import { coversCaller } from '../mesh/caller.ts'
import { coversHost } from '../mesh/gateway-hosts.ts'
import type { Allow, Exposure, Mesh, Service, StringMatch } from '../mesh/mesh.ts'
import { requiresToken } from '../mesh/required-token.ts'
import { makeExamplePath } from './example-path.ts'
import { makeExampleHost, makeExampleUrl } from './example-url.ts'

/** A request from outside that shows whether the way in works: it changes nothing, and needs no token and no certificate. */
interface Knock {
  readonly url: string
  readonly method: 'GET' | 'HEAD'
  /** The service that answers; undefined if a healthy mesh denies the request. */
  readonly service: string | undefined
}

/** A service that a gateway shows to the outside. */
interface Door {
  readonly service: Service
  readonly exposure: Exposure
}

/** The first request that gets in, or else the first that is denied; undefined where neither is sure. */
export function findKnock({ services }: Mesh): Knock | undefined {
  const doors = services
    .filter(takesPlainRequests)
    .flatMap(service => service.exposures.map(exposure => ({ service, exposure })))
    .filter(
      door =>
        door.exposure.rewrite === undefined &&
        !asksForCertificate(door.exposure) &&
        isMostSpecific(door, services),
    )
  for (const { service, exposure } of doors) {
    const admitted = admittedAt(service, exposure)
    if (admitted !== undefined) return admitted
  }
  const closed = doors.find(
    ({ service, exposure }) => !service.allow.some(allow => isOpenTo(exposure, allow)),
  )
  return (
    closed && {
      url: makeExampleUrl(closed.service, closed.exposure, makeExamplePath(closed.exposure.paths[0]?.value)),
      method: 'GET',
      service: undefined,
    }
  )
}

/** Tells whether a gateway asks its clients for certificates, and so may refuse one without. */
const asksForCertificate = ({ gateway }: Exposure): boolean =>
  gateway.certificates.some(({ clients }) => clients !== undefined)

/** Tells whether no narrower host of the gateway takes the requests for the example host. */
function isMostSpecific({ service, exposure }: Door, services: Mesh['services']): boolean {
  if (!exposure.host.value.startsWith('*')) return true
  const host = makeExampleHost(exposure.host.value, service)
  return !services.some(({ exposures }) =>
    exposures.some(
      narrower =>
        narrower.gateway === exposure.gateway &&
        narrower.host.value !== exposure.host.value &&
        coversHost(exposure.host.value, narrower.host.value) &&
        coversHost(narrower.host.value, host),
    ),
  )
}

/** Tells whether a service gets requests unchanged: no route of its own and no fault changes them, and none is refused. */
const takesPlainRequests = ({ routes, fault, deny, authorize, exposures }: Service) =>
  fault === undefined &&
  deny.length === 0 &&
  authorize === undefined &&
  exposures.every(
    ({ gateway }) =>
      gateway.deny.length === 0 &&
      gateway.authorize === undefined &&
      gateway.certificates.every(({ clients }) => clients === undefined),
  ) &&
  routes.length <= 1 &&
  routes.every(({ redirect, rewrite }) => redirect === undefined && rewrite === undefined)

function admittedAt(service: Service, exposure: Exposure): Knock | undefined {
  const { allow, key } = service
  for (const { methods, paths } of allow.filter(allow => isOpenTo(exposure, allow))) {
    const method = (['GET', 'HEAD'] as const).find(word => includesMethod(methods, word))
    const matches = [exposure.paths, paths].map(matches => matches.map(({ value }) => value))
    const path = ['/', ...matches.flat().map(makeExamplePath)].find(path =>
      matches.every(ones => ones.length === 0 || ones.some(match => takes(match, path))),
    )
    if (method !== undefined && path !== undefined)
      return { url: makeExampleUrl(service, exposure, path), method, service: key }
  }
  return undefined
}

/** Tells whether an edge lets requests of the gateway in without a token. */
const isOpenTo = ({ gateway, port }: Exposure, allow: Allow) =>
  coversCaller(allow.from, { kind: 'gateway', gateway, origin: gateway.origin }) &&
  !requiresToken(allow) &&
  allow.headers.length === 0 &&
  (allow.ports.length === 0 || allow.ports.some(givenPort => givenPort.port === port))

const includesMethod = (methods: Allow['methods'], method: string) =>
  methods.length === 0 || methods.some(({ value }) => value === method)

function takes(match: StringMatch, path: string): boolean {
  if ('exact' in match) return match.exact === path
  if ('prefix' in match) return path.startsWith(match.prefix)
  return 'present' in match
}
