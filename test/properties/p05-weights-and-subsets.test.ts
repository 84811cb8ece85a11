import { isDeepStrictEqual } from 'node:util'
import * as assert from 'uvu/assert'
import { listForwardingRules } from '../support/forwarding-rules.ts'
import { listObjects } from '../support/output.ts'
import { property } from '../support/property.ts'
import { percent } from '../support/quantities.ts'

/** P5. The shares of traffic are the declared shares, add up to all traffic, and go to existing versions. */
property(
  5,
  'the weights of a route have the ratio that is declared, and each names a subset that is defined',
  [
    'a shared route',
    'a route to one version',
    'a route without versions',
    'a mirror',
    'a shared connection',
    'a share with decimals',
    'a share for another service',
    'connections that a gateway passes on',
    'requests through an egress gateway',
    'connections through an egress gateway',
  ],
  (compilation, declared, saw) => {
    const subsets = new Map<string, Readonly<Record<string, string>>>()
    for (const { spec } of listObjects(compilation, 'DestinationRule')) {
      for (const { name, labels } of spec.subsets ?? []) {
        assert.not(subsets.has(`${name} of ${spec.host}`), `${name} of ${spec.host} is defined once`)
        subsets.set(`${name} of ${spec.host}`, labels ?? {})
      }
    }
    for (const { host, versions } of declared.services) {
      for (const [name, labels] of Object.entries(versions))
        assert.equal(subsets.get(`${name} of ${host}`), labels, `the pods of ${name} of ${host}`)
    }

    const assertShares = (where: string, routes: readonly Weighted[]) => {
      const weights = routes.map(({ weight }) => weight)
      const isOne = routes.length === 1 && (weights[0] ?? 100) === 100
      const total = weights.reduce<number>((sum, weight) => sum + (weight ?? Number.NaN), 0)
      assert.ok(
        isOne || [100, 1000, 10_000].includes(total),
        `the weights of ${where} are ${weights.join(' and ')}`,
      )
      if (total > 100) saw('a share with decimals')
      for (const { weight } of routes) assert.ok(Number.isInteger(weight ?? 100), where)
      for (const { destination } of routes) assertDefined(where, destination)
    }
    const assertDefined = (where: string, { host, subset }: Weighted['destination']) => {
      if (subset !== undefined) assert.ok(subsets.has(`${subset} of ${host}`), `${where} names ${subset}`)
    }

    const nameOf = ({ host, subset }: Weighted['destination'], owner: string | undefined) => {
      if (host === owner && subset !== undefined) return subset
      const service = declared.services.find(service => service.host === host)
      if (owner !== undefined && host !== owner) saw('a share for another service')
      return [`service/${service?.key}`, ...(subset === undefined ? [] : [subset])].join('/')
    }
    /** The connections that a gateway passes on, by the destination of each exposed service. */
    const passedOn = declared.services
      .filter(({ spec }) => (spec.expose ?? []).length > 0)
      .map(({ key, host, routes }) => {
        const shares = Object.entries(numbersIn(routes.at(-1)?.shares ?? { [`service/${key}`]: '100%' }))
        const name = (receiver: string) =>
          receiver.startsWith('service/') ? receiver : nameOf({ host, subset: receiver }, undefined)
        return Object.fromEntries(shares.map(([receiver, share]) => [name(receiver), share]))
      })
    for (const { where, rule, route, service, exit } of listForwardingRules(compilation, declared)) {
      const routes = rule.route ?? []
      assertShares(where, routes)
      const name = (destination: Weighted['destination']) => nameOf(destination, service?.host)
      if (route?.shares !== undefined)
        assert.equal(getShares(routes, name), numbersIn(route.shares), `the shares of ${where}`)
      else {
        // Callers use the subset for the host at the egress gateway. P26 checks the names of these subsets.
        assert.equal(
          routes.map(({ destination: { subset } }) => subset === undefined),
          [exit === undefined],
          where,
        )
        if (exit !== undefined) saw('requests through an egress gateway')
      }
      const mirrors = (rule.mirrors ?? []).map(({ destination, percentage }) => {
        assertDefined(where, destination)
        saw('a mirror')
        return { destination, weight: percentage.value }
      })
      assert.equal(percentsOf(mirrors, name), numbersIn(route?.mirror), `the mirrors of ${where}`)
      const count = route?.shares === undefined ? 0 : routes.length
      saw((['a route without versions', 'a route to one version'] as const)[count] ?? 'a shared route')
    }
    for (const { name, spec } of listObjects(compilation, 'VirtualService')) {
      const service = declared.services.find(({ host }) => spec.hosts?.includes(host))
      for (const { route } of [...(spec.tcp ?? []), ...(spec.tls ?? [])]) {
        assertShares(name, route)
        const external = declared.externals.find(({ hosts }) => hosts.includes(spec.hosts[0] ?? ''))
        if (external !== undefined) {
          const host = spec.gateways?.includes('mesh') ? external.exit?.host : spec.hosts[0]
          assert.equal(
            route.map(({ destination }) => destination.host),
            [host],
            `the connections of ${name}`,
          )
          saw('connections through an egress gateway')
          continue
        }
        const shares = getShares(route, destination => nameOf(destination, service?.host))
        if (service !== undefined)
          assert.equal(shares, numbersIn(service.routes.at(-1)?.shares), `the connections of ${name}`)
        else {
          saw('connections that a gateway passes on')
          assert.ok(
            passedOn.some(each => isDeepStrictEqual(each, shares)),
            `the connections of ${name}: ${JSON.stringify(shares)}`,
          )
        }
        if (route.length > 1) saw('a shared connection')
      }
    }
  },
)

interface Weighted {
  readonly destination: { readonly host: string; readonly subset?: string }
  readonly weight?: number
}

type NameOf = (destination: Weighted['destination']) => string

/** Returns the percent of each receiver. */
function getShares(routes: readonly Weighted[], nameOf: NameOf): Readonly<Record<string, number>> {
  const sum = routes.reduce((total, { weight = 100 }) => total + weight, 0)
  return percentsOf(
    routes.map(route => ({ ...route, weight: ((route.weight ?? 100) * 100) / sum })),
    nameOf,
  )
}

const percentsOf = (routes: readonly Weighted[], nameOf: NameOf) =>
  Object.fromEntries(routes.map(({ destination, weight = 100 }) => [nameOf(destination), weight]))

const numbersIn = (shares: Readonly<Record<string, string>> = {}) =>
  Object.fromEntries(Object.entries(shares).map(([version, share]) => [version, percent(share)]))
