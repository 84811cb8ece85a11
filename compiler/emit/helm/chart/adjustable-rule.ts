import type { External, Retries, Route, Service, Version } from '../../../mesh/mesh.ts'
import type { Sourced } from '../../../mesh/sourced.ts'
import { Action, Guarded } from '../../template.ts'
import { followsMirrors, followsShares, routeSetting, tryLevel } from './adjustable.ts'

/** The fields of a rule that values of the chart can change. */
interface Rule {
  readonly route?: unknown
  readonly timeout?: unknown
  readonly retries?: unknown
  readonly mirrors?: unknown
}

/** Makes the destination to which a rule sends the requests for a version. */
type DestinationOf = (version: Version) => unknown

/** A rule for HTTP as the chart has it: its times, shares and mirrors follow the values of its service. */
export function guardHttpRule(
  rule: Rule,
  service: Service,
  route: Route,
  destinationOf: DestinationOf,
): Guarded {
  const names = { section: 'services', name: service.key, route: routeSetting(route) }
  const times = timesAction(names, route.retries)
  const timed = withTimes(rule, route.retries)
  if (!followsShares(service)) return new Guarded([times], timed, [])
  const shares = sharesAction('shares', names)
  const shared = { ...timed, route: makeSharedDestinations(service, destinationOf) }
  if (!followsMirrors(service)) return new Guarded([times, shares], shared, [])
  const mirrors = new Guarded(['if $mirror'], copies(service, destinationOf), ['end'])
  return new Guarded([times, shares, sharesAction('mirror', names)], { ...shared, mirrors }, [])
}

/** A rule for connections in the chart; its destinations are those of the service's last route. */
export function guardConnectionRule(
  rule: { readonly route: unknown },
  service: Service,
  destinationOf: DestinationOf,
): unknown {
  const last = service.routes.at(-1)
  if (!followsShares(service) || last === undefined || last.shares.length === 0) return rule
  const names = { section: 'services', name: service.key, route: routeSetting(last) }
  return new Guarded(
    [sharesAction('shares', names)],
    { ...rule, route: makeSharedDestinations(service, destinationOf) },
    [],
  )
}

/** The rule for an external system as the chart has it: its times follow the values of the system. */
export function guardExternalRule(rule: Rule, { key, policy }: External): Guarded {
  return new Guarded(
    [timesAction({ section: 'external', name: key, route: '' }, policy.retries)],
    withTimes(rule, policy.retries),
    [],
  )
}

const withTimes = (rule: Rule, { declaredPerTry }: Retries) => ({
  ...rule,
  timeout: new Guarded(['with $times.timeout'], new Action('.'), ['end']),
  ...(declaredPerTry !== undefined && {
    retries: {
      // A rule that sends requests on has retries, as a map.
      ...(rule.retries as object),
      perTryTimeout: new Guarded(['with $times.perTryTimeout'], new Action('.'), ['end']),
    },
  }),
})

const makeSharedDestinations = ({ versions }: Service, destinationOf: DestinationOf) =>
  versions.map(version =>
    whereShared('$shares', version.name, {
      destination: destinationOf(version),
      weight: new Guarded(['if gt (len $shares) 1'], readShare('$shares', version.name), ['end']),
    }),
  )

const copies = ({ versions }: Service, destinationOf: DestinationOf) =>
  versions.map(version =>
    whereShared('$mirror', version.name, {
      destination: destinationOf(version),
      percentage: { value: readShare('$mirror', version.name) },
    }),
  )

const whereShared = (shares: string, { value }: Sourced<string>, item: unknown) =>
  new Guarded([`if hasKey ${shares} ${quoteName(value)}`], item, ['end'])

const readShare = (shares: string, { value }: Sourced<string>) =>
  new Action(`index ${shares} ${quoteName(value)}`)

/** The names of the values that a rule reads. The route is empty if the spec has no route. */
interface Names {
  readonly section: string
  readonly name: string
  readonly route: string
}

function timesAction(names: Names, { attempts, declaredPerTry }: Retries): string {
  const tries =
    declaredPerTry === undefined
      ? ''
      : ` "try" ${quoteName(declaredPerTry.value)} "level" ${tryLevel(declaredPerTry)} "tries" ${attempts.value + 1}`
  return `$times := include "meshc.times" (dict ${printNames(names)}${tries}) | fromJson`
}

const sharesAction = (field: 'shares' | 'mirror', names: Names) =>
  `$${field} := include "meshc.${field}" (dict ${printNames(names)}) | fromJson`

const printNames = ({ section, name, route }: Names) =>
  `"values" $.Values "section" ${quoteName(section)} "name" ${quoteName(name)} "route" ${quoteName(route)}`

/** A name as Go writes a string: names have no characters that it would write otherwise. */
const quoteName = (name: string) => JSON.stringify(name)
