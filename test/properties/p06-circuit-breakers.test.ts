import * as assert from 'uvu/assert'
import type { ConnectionPool, OutlierDetection } from '../../schema/generated/destination-rule.ts'
import {
  type DeclaredExternal,
  type DeclaredService,
  hasRule,
  hasServiceRule,
  listConnectingPods,
  seesRequests,
} from '../support/declared.ts'
import { getBreaker, getPool, inMilliseconds } from '../support/declared-limits.ts'
import { listObjects } from '../support/output.ts'
import { property } from '../support/property.ts'

/**
 * P6. Each called host has a circuit breaker and a limited connection pool, with the settings of the spec or
 * the defaults. The spec can remove both.
 */
property(
  6,
  'circuit breakers are as declared and within the bounds of Istio',
  [
    'a service',
    'an external system',
    'a circuit breaker of its own',
    'a circuit breaker by default',
    'a patch',
    'no circuit breaker',
    'no limit of connections',
    'one limit of connections lifted',
    'no rule',
    'an egress gateway',
  ],
  (compilation, declared, saw) => {
    const {
      spec: { patches = [] },
      services,
      externals,
      exits,
    } = declared
    const all = listObjects(compilation, 'DestinationRule')
    const isOfExit = ({ spec }: (typeof all)[number]) => exits.some(({ host }) => host === spec.host)
    // The systems behind an egress gateway have the limits, so the gateway has no limits.
    const passed = exits.filter(({ host }) => externals.some(({ exit }) => exit?.host === host))
    assert.equal(
      all.filter(isOfExit).map(({ spec }) => [spec.host, spec.trafficPolicy]),
      passed.map(({ host }) => [host, undefined]),
    )
    if (passed.length > 0) saw('an egress gateway')
    const rules = all.filter(rule => !isOfExit(rule))
    const called = [
      ...services
        .filter(service => service.ports.length > 0 && hasServiceRule(service))
        .map(service => calledService(service)),
      ...externals
        .filter(({ levels, originates }) => hasRule(levels, originates))
        .flatMap(external =>
          external.hosts.flatMap(host =>
            (listConnectingPods(external, declared) ?? [undefined]).map(() => calledExternal(external, host)),
          ),
        ),
    ]
    assert.equal(rules.map(({ spec }) => spec.host).sort(), called.map(({ host }) => host).sort())
    if (services.some(service => service.ports.length > 0 && !hasServiceRule(service))) saw('no rule')
    for (const { name, namespace, spec } of rules) {
      const { host, isHttp, levels, sight } = called.find(({ host }) => host === spec.host)!
      saw(sight)
      saw(levels[0]?.circuitBreaker ? 'a circuit breaker of its own' : 'a circuit breaker by default')
      const { outlierDetection, connectionPool } = spec.trafficPolicy ?? {}
      if (getBreaker(levels) === undefined) saw('no circuit breaker')
      if (getPool(levels, isHttp) === undefined) saw('no limit of connections')
      const ownPatches = patches.filter(
        ({ kind, ...patch }) =>
          kind === 'DestinationRule' && patch.name === name && patch.namespace === namespace,
      )
      const declared = { outlierDetection: getBreaker(levels), connectionPool: getPool(levels, isHttp) }
      const patched = ownPatches.reduce<unknown>(
        (whole, { spec }) => merged(whole, spec['trafficPolicy']),
        declared,
      )
      if (ownPatches.length > 0) saw('a patch')
      else {
        assert.is(
          outlierDetection === undefined,
          getBreaker(levels) === undefined,
          `the circuit breaker of ${host}`,
        )
        assert.is(connectionPool === undefined, getPool(levels, isHttp) === undefined, `the pool of ${host}`)
        if (outlierDetection !== undefined) assertSoundBreaker(outlierDetection, host)
        if (connectionPool !== undefined) assertSoundPool(connectionPool, host)
        if (connectionPool?.tcp && connectionPool.tcp.maxConnections === undefined)
          saw('one limit of connections lifted')
      }
      assert.equal(
        inMilliseconds({ outlierDetection, connectionPool }),
        inMilliseconds(patched),
        `the circuit breaker of ${host}`,
      )
    }
  },
)

const calledService = ({ host, ports, levels }: DeclaredService) => {
  const isHttp = ports.some(({ protocol }) => seesRequests(protocol))
  return { host, isHttp, levels, sight: 'a service' } as const
}

const calledExternal = ({ originates, protocol, levels }: DeclaredExternal, host: string) =>
  ({ host, isHttp: originates || protocol === 'http', levels, sight: 'an external system' }) as const

/** Applies a merge patch that removes no value. See https://www.rfc-editor.org/rfc/rfc7386 */
function merged(target: unknown, patch: unknown): unknown {
  if (!isMap(patch)) return patch ?? target
  const fields: Record<string, unknown> = isMap(target) ? { ...target } : {}
  for (const [key, entry] of Object.entries(patch)) fields[key] = merged(fields[key], entry)
  return fields
}

const isMap = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Asserts the bounds of https://istio.io/latest/docs/reference/config/networking/destination-rule/ */
function assertSoundBreaker(breaker: OutlierDetection, host: string): void {
  assertCounts([breaker.consecutive5xxErrors])
  assertTimes([breaker.interval, breaker.baseEjectionTime])
  const { maxEjectionPercent: share } = breaker
  assert.ok(Number.isInteger(share) && share! >= 0 && share! <= 100, `${share}% of ${host} may be ejected`)
}

/** Asserts the bounds of https://istio.io/latest/docs/reference/config/networking/destination-rule/ */
function assertSoundPool({ tcp, http }: ConnectionPool, host: string): void {
  assert.ok(tcp, `${host} has a connection pool`)
  assertCounts([
    tcp.maxConnections,
    http?.http1MaxPendingRequests,
    http?.http2MaxRequests,
    http?.maxRequestsPerConnection,
  ])
  assertTimes([tcp.connectTimeout, tcp.idleTimeout, http?.idleTimeout])
}

function assertCounts(counts: readonly (number | undefined)[]): void {
  for (const count of counts)
    assert.ok(count === undefined || (Number.isInteger(count) && count >= 1 && count < 2 ** 31), `${count}`)
}

function assertTimes(times: readonly (string | undefined)[]): void {
  for (const time of times) assert.ok(time === undefined || /^[1-9]\d*(ms|s)$/.test(time), `${time}`)
}
