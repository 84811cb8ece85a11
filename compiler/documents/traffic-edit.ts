import type { MeshSpec } from '../../schema/spec/mesh.ts'
import { countHundredths } from '../mesh/hundredths.ts'
import type { Service } from '../mesh/mesh.ts'
import { isHttp } from '../mesh/port.ts'

export type ServiceSpec = NonNullable<MeshSpec['services']>[string]
type RouteSpec = NonNullable<ServiceSpec['routes']>[number]
type Shares = Readonly<Record<string, string>>

/** Fields of a service in a layer on top: null removes a field, and a map is merged into the one below. */
export type TrafficEdit = {
  readonly [Field in 'versions' | 'traffic' | 'active' | 'routes']?: ServiceSpec[Field] | null
}

/** The spec of a service with an edit on top. */
export function applyTrafficEdit(spec: ServiceSpec, edit: TrafficEdit): ServiceSpec {
  const {
    versions = spec.versions,
    traffic = spec.traffic,
    active = spec.active,
    routes = spec.routes,
  } = edit
  const { versions: _, traffic: __, active: ___, routes: ____, ...rest } = spec
  return {
    ...rest,
    ...(versions && { versions: { ...spec.versions, ...versions } }),
    ...(traffic && { traffic }),
    ...(active && { active }),
    ...(routes && { routes }),
  }
}

/** The shares of requests that match no other route, and the place to change them. */
export interface Split {
  /** The percentages by version, versions without a share among them, sorted by name. */
  readonly shares: ReadonlyMap<string, number>
  /** The index of the route that sets the shares; undefined if the service does. */
  readonly route: number | undefined
}

/** Finds the shares of the last route of a service; undefined if the route forwards no requests, or if a route names other services. */
export function findSplit(service: Service, { routes = [] }: ServiceSpec): Split | undefined {
  const last = service.routes.at(-1)
  if (last === undefined || !canShift(service)) return undefined
  const shares = new Map(service.versions.map(({ name }) => [name.value, 0]))
  for (const { version, weight } of last.shares)
    if (version !== undefined) shares.set(version.name.value, weight.value)
  const saysItself = last.origin !== undefined && Object.keys(routes.at(-1)?.traffic ?? {}).length > 0
  return { shares, route: saysItself ? routes.length - 1 : undefined }
}

/** Tells whether requests of a service can move from one version to another: its last route sends them to its own pods. */
export function canShift({ namesServices, ports, routes }: Service): boolean {
  const last = routes.at(-1)
  return !namesServices && ports.length > 0 && last !== undefined && last.redirect === undefined
}

/** Sets these shares of versions, at the place that sets them now. */
export function giveShares(
  { route }: Split,
  { routes = [], active, traffic: declaredTraffic = {} }: ServiceSpec,
  shares: ReadonlyMap<string, number>,
): TrafficEdit {
  const written = route === undefined ? declaredTraffic : (routes[route]?.traffic ?? {})
  const shown = [...shares].filter(([version, weight]) => weight > 0 || Object.hasOwn(written, version))
  const traffic: Shares = Object.fromEntries(shown.map(([version, weight]) => [version, `${weight}%`]))
  if (route !== undefined)
    return {
      routes: routes.map((givenRoute, index) => (index === route ? { ...givenRoute, traffic } : givenRoute)),
    }
  return active === undefined ? { traffic } : { active: null, traffic }
}

/** Gives everything to one version at once. */
export function switchOver(
  { route }: Split,
  { routes = [], traffic }: ServiceSpec,
  version: string,
): TrafficEdit {
  if (route === undefined)
    return traffic === undefined ? { active: version } : { traffic: null, active: version }
  return {
    routes: routes.map((givenRoute, index) =>
      index === route ? { ...givenRoute, traffic: { [version]: '100%' } } : givenRoute,
    ),
  }
}

/** Sends requests with a header to one version, before every other route. */
export function tryOut({ routes = [] }: ServiceSpec, version: string): TrafficEdit {
  const taken = new Set(routes.map(({ name }) => name))
  let name = `try-${version}`
  while (taken.has(name)) name = `${name}-again`
  const route: RouteSpec = {
    name,
    when: { headers: { [tryHeader]: version } },
    traffic: { [version]: '100%' },
  }
  return { routes: [route, ...routes] }
}

/** The header by which a request asks for a version. */
export const tryHeader = 'x-try-version'

/** Gives a service that has no second version its first canary. */
export function planFirstCanary(service: Service, spec: ServiceSpec, split: Split): TrafficEdit | undefined {
  if (service.headless !== undefined || service.machines !== undefined) return undefined
  // The label `version` distinguishes the versions, so the selector of the Service must not have it.
  if (service.selector.some(([label]) => label === 'version')) return undefined
  const [only] = split.shares.keys()
  if (only === undefined) {
    return {
      versions: { stable: { version: 'v1' }, canary: { version: 'v2' } },
      traffic: { canary: '10%', stable: '90%' },
    }
  }
  const next = only === 'canary' ? 'next' : 'canary'
  const shares = new Map(
    [
      [only, 90],
      [next, 10],
    ].sort() as [string, number][],
  )
  return { versions: { [next]: { version: next } }, ...giveShares(split, spec, shares) }
}

/** The shares after the next step of a canary, and when it has everything and nothing. */
interface Canary {
  readonly version: string
  /** The version that gives and takes the shares. */
  readonly stable: string
  readonly now: number
  readonly step: ReadonlyMap<string, number>
  readonly finished: ReadonlyMap<string, number>
  readonly rolledBack: ReadonlyMap<string, number>
}

/**
 * The canary of a service with several versions: by its name, or the newest by number, or else the one with the smallest share. The
 * share alone is not enough: a canary may have most of the traffic.
 */
export function findCanary({ shares }: Split): Canary | undefined {
  const byAge = [...shares].sort(
    ([a, shareA], [b, shareB]) => compareVersionNames(a, b) || shareB - shareA || (a < b ? -1 : 1),
  )
  const running = byAge.filter(([, weight]) => weight > 0)
  const [only, second] = running
  const idle = byAge.filter(([, weight]) => weight === 0)
  const isAlone = only !== undefined && second === undefined && weighVersionName(only[0]) <= 0
  const candidate = (isAlone ? idle : running).at(-1)
  if (candidate === undefined) return undefined
  const [version, now] = candidate
  const otherByAge = byAge
    .filter(([name]) => name !== version)
    .toSorted(([, shareA], [, shareB]) => shareB - shareA)
  const [stable] = otherByAge[0] ?? []
  if (stable === undefined) return undefined
  const both = less(now, -(shares.get(stable) ?? 0))
  const move = (weight: number) => new Map(shares).set(version, weight).set(stable, less(both, weight))
  const next = [10, 25, 50, 100].find(weight => weight > now) ?? 100
  return { version, stable, now, step: move(Math.min(next, both)), finished: move(both), rolledBack: move(0) }
}

/** Subtracts a share from a percentage, to its two decimals. */
const less = (percent: number, shareB: number) => (countHundredths(percent) - countHundredths(shareB)) / 100

/** Compares names of versions, oldest first; 0 if the names have no order. */
function compareVersionNames(a: string, b: string): number {
  const [numberA, numberB] = [a, b].map(name => /^v?(\d+)$/.exec(name)?.[1])
  return (
    weighVersionName(a) - weighVersionName(b) ||
    (numberA === undefined || numberB === undefined ? 0 : Number(numberA) - Number(numberB))
  )
}

/** 1 for a name of a new version, -1 for a name of an old version, 0 for others. */
const weighVersionName = (name: string) =>
  /^(canary|next|candidate|preview|beta)$/.test(name)
    ? 1
    : /^(stable|current|previous|old)$/.test(name)
      ? -1
      : 0

/** Tells whether proxies see the single requests of a service. */
export const seesRequests = ({ ports }: Service): boolean => ports.some(isHttp)
