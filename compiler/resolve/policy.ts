import { parseDuration } from '../mesh/duration.ts'
import type { LocalityPreference, Refinement, Retries, Timeout, TrafficPolicy } from '../mesh/mesh.ts'
import { because, decided, from, type Sourced, type SpecNode } from '../mesh/sourced.ts'
import { emptyList, listSortedEntries, parsePercent, readField, readLabels, sortKeys } from './fields.ts'
import type { DefaultsSpec } from './spec-sections.ts'

/** A part of a spec that may say how requests are handled: a route, a service or external system, the defaults. */
export interface PolicyLevel {
  readonly spec: DefaultsSpec
  readonly node: SpecNode
}

/** Resolves the policy for requests from `defaults` alone. */
export function resolveDefaultPolicy(defaults: PolicyLevel): TrafficPolicy {
  return resolvePolicy([defaults], undefined)
}

/**
 * Resolves the policy for requests to one destination. Each field has the value of the nearest level that sets it, or else meshc's
 * default.
 *
 * @param levels the nearest first
 * @param inherited the policy of all levels but the first; shared for the fields that the first does not set
 */
export function resolvePolicy(
  levels: readonly PolicyLevel[],
  inherited: TrafficPolicy | undefined,
): TrafficPolicy {
  const { timeout, retries, circuitBreaker, connections, loadBalancing } = levels[0]?.spec ?? {}
  const isSilent = !timeout && !retries && !circuitBreaker && !connections && !loadBalancing
  if (inherited !== undefined && isSilent) return inherited
  const { timeout: allowed, retries: tried } = resolveTimes(levels, inherited)
  return {
    timeout: allowed,
    retries: tried,
    circuitBreaker:
      !circuitBreaker && inherited !== undefined ? inherited.circuitBreaker : getCircuitBreaker(levels),
    connections: !connections && inherited !== undefined ? inherited.connections : resolveConnections(levels),
    limitless: listLimitless(levels),
    loadBalancing: fitLocality(
      levels,
      (!loadBalancing && inherited?.loadBalancing) || getLoadBalancing(levels),
    ),
  }
}

const refinable = ['circuitBreaker', 'connections', 'loadBalancing'] as const

/** Resolves the own settings of a port or a version; undefined without any. */
export function refinePolicy(
  level: PolicyLevel,
  levels: readonly PolicyLevel[],
  inherited: TrafficPolicy,
): Refinement | undefined {
  const sections = refinable.filter(section => level.spec[section])
  if (sections.length === 0) return undefined
  return {
    origins: sections.map(section => level.node.at(section)),
    policy: resolvePolicy([level, ...levels], inherited),
  }
}

/** Resolves the timeout of a request and of each of its tries, which routes can set themselves. */
export function resolveTimes(
  levels: readonly PolicyLevel[],
  inherited: Pick<TrafficPolicy, 'timeout' | 'retries'> | undefined,
): Pick<TrafficPolicy, 'timeout' | 'retries'> {
  const spec = levels[0]?.spec
  if (inherited !== undefined && !spec?.timeout && !spec?.retries) return inherited
  const timeout = getTimeout(levels)
  return { timeout: timeout.value, retries: resolveRetryPolicy(levels, timeout) }
}

/** A value and the index of the level that sets it; the default of meshc has the number of levels as its index. */
interface Found<T> {
  readonly value: T
  readonly distance: number
}

function getTimeout(levels: readonly PolicyLevel[]): Found<Timeout> {
  const distance = levels.findIndex(({ spec }) => spec.timeout)
  const level = levels[distance]
  return level?.spec.timeout
    ? { value: from(level.node.at('timeout'), level.spec.timeout), distance }
    : { value: decided('default:timeout', '30s'), distance: levels.length }
}

/** See `defaultRetryOn` in pilot/pkg/networking/core/route/retry/retry.go; without codes, `retriable-status-codes` there has no effect. */
const istioConditions = ['connect-failure', 'refused-stream', 'unavailable', 'cancelled'] as const

const retryConditions = ['connect-failure', 'refused-stream', 'unavailable'] as const

function resolveRetryPolicy(levels: readonly PolicyLevel[], timeout: Found<Timeout>): Retries {
  const saying = levels.find(({ spec }) => spec.retries)
  const word = saying?.spec.retries
  if (saying !== undefined && typeof word === 'string') {
    const node = saying.node.at('retries')
    const isIstioDefault = word === 'istio-default'
    return {
      isIstioDefault,
      attempts: from(node, isIstioDefault ? 2 : 0),
      perTryTimeout: undefined,
      declaredPerTry: undefined,
      limitlessTry: node,
      on: from(node, isIstioDefault ? istioConditions : []),
    }
  }
  const perTry = retryField(levels, 'perTryTimeout') ?? {
    value: decided('default:retries', '10s'),
    distance: levels.length,
  }
  const isLimitless = perTry.value.value === 'none'
  const perTryTimeout = fitted(perTry, timeout)
  return {
    isIstioDefault: false,
    attempts: retryField(levels, 'attempts')?.value ?? decided('default:retries', 2),
    perTryTimeout,
    declaredPerTry: isLimitless ? undefined : perTry.value,
    limitlessTry: perTryTimeout === undefined ? (isLimitless ? perTry : timeout).value.place : undefined,
    on: findConditions(levels) ?? decided('default:retries', retryConditions),
  }
}

/** Finds the conditions of a retry: one text in the end, for which each entry of the list is a reason. */
function findConditions(levels: readonly PolicyLevel[]): Retries['on'] | undefined {
  const conditions = retryField(levels, 'on')
  if (conditions === undefined) return undefined
  const { value: list, distance } = conditions
  const node = levels[distance]!.node.at('retries').at('on')
  const words = list.value
  if (words === 'istio-default') return from(node, [])
  return because(words, list, ...words.map((_, index) => node.at(index)))
}

/**
 * Fits the timeout of a try: one set further away than the request's timeout, or decided, yields to it, since no try
 * may take longer than its request.
 */
function fitted(perTry: Found<Sourced<string>>, timeout: Found<Timeout>): Sourced<string> | undefined {
  if (perTry.value.value === 'none') return undefined
  if (perTry.distance <= timeout.distance) return perTry.value
  if (timeout.value.value === 'none') return undefined
  const isShorter = parseDuration(perTry.value.value) <= parseDuration(timeout.value.value)
  return because((isShorter ? perTry : timeout).value.value, perTry.value, timeout.value)
}

type RetriesSpec = Exclude<NonNullable<DefaultsSpec['retries']>, string>

function retryField<Key extends keyof RetriesSpec & string>(
  levels: readonly PolicyLevel[],
  key: Key,
): Found<Sourced<NonNullable<RetriesSpec[Key]>>> | undefined {
  let distance = 0
  for (const { spec, node } of levels) {
    const { retries } = spec
    const value = typeof retries === 'string' ? undefined : retries?.[key]
    if (value !== undefined) return { value: from(node.at('retries').at(key), value), distance }
    distance++
  }
  return undefined
}

function getCircuitBreaker(levels: readonly PolicyLevel[]): TrafficPolicy['circuitBreaker'] {
  if (levels.find(({ spec }) => spec.circuitBreaker)?.spec.circuitBreaker === 'none') return undefined
  const parts = listSectionParts(levels, 'circuitBreaker')
  const decision = 'default:circuit-breaker'
  return {
    consecutiveErrors: nearest(parts, 'consecutiveErrors') ?? decided(decision, 5),
    interval: nearest(parts, 'interval') ?? decided(decision, '30s'),
    ejectFor: nearest(parts, 'ejectFor') ?? decided(decision, '30s'),
    maxEjected: nearest(parts, 'maxEjected')?.map(parsePercent) ?? decided(decision, 50),
    minHealthy: nearest(parts, 'minHealthy')?.map(parsePercent),
  }
}

/** Lists the nearest words that take all limits of a section away. */
const listLimitless = (levels: readonly PolicyLevel[]): readonly SpecNode[] =>
  (['circuitBreaker', 'connections'] as const).flatMap(section => {
    const saying = levels.find(({ spec }) => spec[section])
    return typeof saying?.spec[section] === 'string' ? [saying.node.at(section)] : []
  })

function resolveConnections(levels: readonly PolicyLevel[]): TrafficPolicy['connections'] {
  if (levels.find(({ spec }) => spec.connections)?.spec.connections === 'unlimited') return undefined
  const parts = listSectionParts(levels, 'connections')
  const decision = 'default:connections'
  return {
    max: nearest(parts, 'max') ?? decided(decision, 100),
    pending: nearest(parts, 'pending') ?? decided(decision, 100),
    requestsPerConnection: nearest(parts, 'requestsPerConnection'),
    requests: nearest(parts, 'requests'),
    connectTimeout: nearest(parts, 'connectTimeout') ?? decided(decision, '5s'),
    idleTimeout: nearest(parts, 'idleTimeout'),
    keepalive: getKeepalive(parts),
  }
}

/** Resolves the probes: a level that sets any of them replaces those further away. */
function getKeepalive(
  parts: readonly Part<PartSpec<'connections'>>[],
): NonNullable<TrafficPolicy['connections']>['keepalive'] {
  const nearestPart = parts.find(({ spec }) => spec.keepalive !== undefined)
  if (nearestPart === undefined) return undefined
  const written = nearestPart.spec.keepalive!
  const node = nearestPart.node.at('keepalive')
  if (typeof written === 'string')
    return { after: from(node, written), interval: undefined, probes: undefined }
  return {
    after: readField(written, node, 'after'),
    interval: readField(written, node, 'interval'),
    probes: readField(written, node, 'probes'),
  }
}

/** Resolves load balancing. A level that chooses a hash or sets its key replaces the key of outer levels. */
function getLoadBalancing(levels: readonly PolicyLevel[]): TrafficPolicy['loadBalancing'] {
  const parts = listSectionParts(levels, 'loadBalancing').filter(({ spec }) => Object.keys(spec).length > 0)
  const chosen = parts
    .filter(
      ({ spec: { policy, header, cookie, sourceAddress } }) => policy ?? header ?? cookie ?? sourceAddress,
    )
    .slice(0, 1)
  return {
    policy: nearest(parts, 'policy') ?? decided('default:load-balancing', 'least-request'),
    header: nearest(chosen, 'header'),
    cookie: nearest(chosen, 'cookie'),
    sourceAddress: nearest(chosen, 'sourceAddress'),
    warmup: getWarmup(listWeighing(parts)),
    locality: getLocality(parts),
  }
}

/** Drops a locality preference of a level that is outside the level with the word that ejects no instance. */
function fitLocality(
  levels: readonly PolicyLevel[],
  balancing: TrafficPolicy['loadBalancing'],
): TrafficPolicy['loadBalancing'] {
  const { locality } = balancing
  const distance = levels.findIndex(({ spec }) => spec.circuitBreaker)
  if (locality === undefined || levels[distance]?.spec.circuitBreaker !== 'none') return balancing
  const isFurther = levels.findIndex(({ spec }) => spec.loadBalancing?.locality) > distance
  const needsEjection = locality.word?.value === 'zone-first' || locality.failover.length > 0
  return isFurther && needsEjection ? { ...balancing, locality: undefined } : balancing
}

/** Lists the levels whose slow start counts: a policy without weights drops the slow start of outer levels. */
function listWeighing(
  parts: readonly Part<PartSpec<'loadBalancing'>>[],
): readonly Part<PartSpec<'loadBalancing'>>[] {
  const index = parts.findIndex(({ spec }) => spec.policy !== undefined)
  const policy = parts[index]?.spec.policy
  return policy === 'random' || policy === 'consistent-hash' ? parts.slice(0, index + 1) : parts
}

function getWarmup(
  parts: readonly Part<PartSpec<'loadBalancing'>>[],
): TrafficPolicy['loadBalancing']['warmup'] {
  const nearestPart = parts.find(({ spec }) => spec.warmup !== undefined)
  if (nearestPart === undefined) return undefined
  const written = nearestPart.spec.warmup!
  const origin = nearestPart.node.at('warmup')
  if (typeof written === 'string')
    return { origin, duration: from(origin, written), from: undefined, aggression: undefined }
  return {
    origin,
    duration: readField(written, origin, 'duration'),
    from: readField(written, origin, 'from')?.map(parsePercent),
    aggression: readField(written, origin, 'aggression'),
  }
}

function getLocality(parts: readonly Part<PartSpec<'loadBalancing'>>[]): LocalityPreference | undefined {
  const nearestPart = parts.find(({ spec }) => spec.locality !== undefined)
  if (nearestPart === undefined) return undefined
  const written = nearestPart.spec.locality!
  const origin = nearestPart.node.at('locality')
  if (typeof written === 'string')
    return { origin, word: from(origin, written), failover: emptyList, distribute: emptyList }
  const { distribute = {} } = written
  const place = origin.at('distribute')
  return {
    origin,
    word: undefined,
    failover: readLabels(written.failover, origin, 'failover'),
    distribute: sortKeys(distribute).map(key => ({
      origin: place.at(key),
      from: from(place.at(key), key),
      to: listSortedEntries(distribute[key], place, key).map(
        ([to, share]) => [to, share.map(parsePercent)] as const,
      ),
    })),
  }
}

interface Part<Spec> {
  readonly spec: Spec
  readonly node: SpecNode
}

type PartSpec<Section extends 'circuitBreaker' | 'connections' | 'loadBalancing'> = Exclude<
  NonNullable<DefaultsSpec[Section]>,
  string
>

/** A section of every level that has it as a map, the nearest first. */
function listSectionParts<Section extends 'circuitBreaker' | 'connections' | 'loadBalancing'>(
  levels: readonly PolicyLevel[],
  section: Section,
): readonly Part<PartSpec<Section>>[] {
  const parts: Part<PartSpec<Section>>[] = []
  for (const { spec, node } of levels) {
    const part = spec[section]
    // A word is no map, and sets no field.
    if (typeof part === 'object') parts.push({ spec: part as PartSpec<Section>, node: node.at(section) })
  }
  return parts
}

/** A field with the value of the nearest part that sets it. */
function nearest<Spec extends object, Key extends keyof Spec & string>(
  parts: readonly Part<Spec>[],
  key: Key,
): Sourced<NonNullable<Spec[Key]>> | undefined {
  for (const { spec, node } of parts) {
    const field = readField(spec, node, key)
    if (field !== undefined) return field
  }
  return undefined
}
