import fc from 'fast-check'
import {
  type Declared,
  type DeclaredExternal,
  type DeclaredService,
  hasRoute,
  isLeftToIstio,
  seesRequests,
} from '../support/declared.ts'

/** Shares by version; null removes one. */
type Shares = Readonly<Record<string, string | null>>

interface RouteValues {
  readonly timeout?: string
  readonly traffic?: Shares
  readonly mirror?: Shares
}

interface ServiceValues extends RouteValues {
  readonly active?: string
  readonly routes?: Readonly<Record<string, RouteValues>>
}

interface ReplicaValues {
  readonly min?: number
  readonly max?: number
}

/** Values of a chart's user. A layer above the spec can express all of them, too. */
export interface ChartValues {
  readonly defaults?: { readonly timeout?: string }
  readonly services?: Readonly<Record<string, ServiceValues>>
  readonly istio?: { readonly controlPlane: { readonly replicas: ReplicaValues } }
  readonly gateways?: Readonly<Record<string, { readonly replicas: ReplicaValues }>>
  readonly external?: Readonly<Record<string, { readonly timeout?: string }>>
}

/**
 * Draws other timeouts, shares and replicas than those of a spec. One set in four has values that no spec may
 * have.
 */
export const chartValues = ({ services, externals, gateways }: Declared): fc.Arbitrary<ChartValues> =>
  fc.record(
    {
      // No value changes requests that the spec leaves to Istio.
      ...(services.every(service => !isTimed(service) || hasRoute(service)) &&
        externals.every(external => !seesItsRequests(external) || !isLeftToIstio(external.levels)) && {
          defaults: fc.record({ timeout: timeouts }),
        }),
      services: some(
        services
          .filter(({ ports }) => ports.length > 0)
          .map(service => [service.key, serviceValues(service)]),
      ),
      istio: replicas.map(replicas => ({ controlPlane: { replicas } })),
      gateways: some(gateways.map(({ name }) => [name, replicas.map(replicas => ({ replicas }))])),
      external: some(
        externals
          .filter(external => seesItsRequests(external) && !isLeftToIstio(external.levels))
          .map(({ key }) => [key, fc.record({ timeout: timeouts })]),
      ),
    },
    { requiredKeys: [] },
  )

/** Draws a value or no value for each key. */
const some = <T>(entries: readonly (readonly [string, fc.Arbitrary<T>])[]) =>
  fc.record<Record<string, T>>(Object.fromEntries(entries), { requiredKeys: [] })

const isTimed = ({ ports }: DeclaredService) => ports.some(({ protocol }) => seesRequests(protocol))

const seesItsRequests = ({ originates, protocol }: DeclaredExternal) => originates || protocol === 'http'

const replicas = fc.record<ReplicaValues>(
  { min: fc.integer({ min: 1, max: 6 }), max: fc.integer({ min: 2, max: 9 }) },
  { requiredKeys: [] },
)

const timeouts = fc.constantFrom('none', '250ms', '1s', '7s', '30s', '90s', '1500ms', '5m', '1h', '60000ms')

function serviceValues(service: DeclaredService): fc.Arbitrary<ServiceValues> {
  const { spec, versions } = service
  const names = Object.keys(versions)
  const { traffic = {}, mirror, routes = [] } = spec
  const hasTimes = isTimed(service) && hasRoute(service)
  // No value can change a share for another service.
  const isShared = names.length > 1 && !JSON.stringify([traffic, mirror, routes]).includes('"service/')
  const isMirrored =
    hasTimes && isShared && [spec, ...routes].some(({ mirror = {} }) => Object.keys(mirror).length > 0)
  const forwarding = routes.filter(({ redirect }) => redirect === undefined)
  const isInherited =
    routes.every(({ when }) => when !== undefined) || forwarding.some(route => route.traffic === undefined)
  const route = (traffic: Shares, mirror: Shares | undefined) => ({
    ...(hasTimes && { timeout: timeouts }),
    ...(isShared && { traffic: shares(names, traffic) }),
    ...(isMirrored && { mirror: copies(names, mirror ?? {}) }),
  })
  const routeValues = forwarding.map(
    ({ name, traffic = {}, mirror }) =>
      [name, fc.record<RouteValues>(route(traffic, mirror), { requiredKeys: [] })] as const,
  )
  const { traffic: ownTraffic, ...rest } = route(traffic, mirror)
  return fc.record(
    {
      ...rest,
      ...(isInherited &&
        ownTraffic !== undefined &&
        (spec.active === undefined ? { traffic: ownTraffic } : { active: fc.constantFrom(...names) })),
      ...((hasTimes || isShared) && forwarding.length > 0 && { routes: some(routeValues) }),
    },
    { requiredKeys: [] },
  )
}

/**
 * Draws shares for some versions with the whole sum, and none for the previous versions. Sometimes, the sum
 * is one percent too high.
 */
const shares = (versions: readonly string[], before: Shares): fc.Arbitrary<Shares> =>
  fc
    .record({
      among: fc.subarray([...versions], { minLength: 1 }),
      cuts: fc.array(fc.integer({ min: 0, max: 100 }), {
        minLength: versions.length,
        maxLength: versions.length,
      }),
      excess: fc.constantFrom(0, 0, 0, 0, 0, 0, 0, 1),
    })
    .map(({ among, cuts, excess }) => {
      const ends = [...cuts.slice(1, among.length).sort((a, b) => a - b), 100]
      const weights = ends.map((end, index) => end - (ends[index - 1] ?? 0))
      weights[0] = Math.min(weights[0]! + excess, 100)
      return {
        ...nothing(before),
        ...Object.fromEntries(among.map((name, index) => [name, `${weights[index]}%`])),
      }
    })

const copies = (versions: readonly string[], before: Shares): fc.Arbitrary<Shares> =>
  fc.tuple(fc.subarray([...versions]), fc.integer({ min: 0, max: 100 })).map(([among, share]) => ({
    ...nothing(before),
    ...Object.fromEntries(among.map(name => [name, `${share}%`])),
  }))

const nothing = (shares: Shares): Shares =>
  Object.fromEntries(Object.keys(shares).map(version => [version, null]))
