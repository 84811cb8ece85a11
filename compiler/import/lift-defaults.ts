import { readDuration } from '../behavior/read/values.ts'
import { isMap } from '../source/document.ts'
import { isEqual } from '../source/is-equal.ts'

type Tree = Record<string, unknown>

/** The settings of requests in `defaults`, each with meshc's default and Istio's default. */
const liftedSettings = [
  {
    field: 'retries',
    meshc: { attempts: 2, perTryTimeout: '10s', on: ['connect-failure', 'refused-stream', 'unavailable'] },
    istio: 'istio-default',
  },
  { field: 'timeout', meshc: '30s', istio: 'none' },
  {
    field: 'circuitBreaker',
    meshc: { consecutiveErrors: 5, interval: '30s', ejectFor: '30s', maxEjected: '50%' },
    istio: 'none',
  },
  { field: 'connections', meshc: { max: 100, pending: 100, connectTimeout: '5s' }, istio: 'unlimited' },
  { field: 'loadBalancing', meshc: { policy: 'least-request' }, istio: { policy: 'least-request' } },
] as const

/** The time for a try that meshc decides. */
const usualTry = liftedSettings[0].meshc.perTryTimeout

/**
 * Moves values of most services and systems to `defaults`, and drops values that equal a default.
 *
 * @param unshared the fields that are not under `defaults`
 * @param written the existing `defaults` of an author, which stay; undefined: they are chosen
 */
export function liftDefaults(
  spec: Tree,
  services: readonly Tree[],
  externals: readonly Tree[],
  unshared: ReadonlySet<unknown>,
  written?: Readonly<Tree>,
): void {
  const all = [...services, ...externals]
  const requested = all.filter(hasRequests)
  const times = new Map(requested.flatMap(listTimed))
  const limit = alignTries(requested)
  // A destination without requests has no list of those that wait.
  for (const holder of all)
    if (!hasRequests(holder) && isMap(holder['connections']))
      holder['connections'] = withoutField(holder['connections'], 'pending')
  for (const { field, meshc, istio } of liftedSettings) {
    const holders =
      field === 'timeout' || field === 'retries'
        ? requested
        : (field === 'loadBalancing' ? services : all).filter(isCalled)
    const shared =
      written !== undefined
        ? completeShared(written[field], meshc)
        : unshared.has(field)
          ? meshc
          : chooseShared({ field, meshc, istio }, holders, limit)
    const rest = isMap(shared) && isMap(meshc) ? withoutShared(shared, meshc) : shared
    if (written === undefined && !isEqual(shared, meshc))
      spec['defaults'] = { ...(spec['defaults'] as Tree), [field]: rest }
    for (const holder of holders) {
      const value = holder[field] ?? istio
      const rest = isMap(value) && isMap(shared) ? withoutShared(value, shared) : value
      if (isEqual(value, shared) || (isMap(rest) && Object.keys(rest).length === 0)) delete holder[field]
      else holder[field] = rest
    }
  }
  const defaults = written ?? (isMap(spec['defaults']) ? spec['defaults'] : {})
  for (const holder of requested) {
    const levels: readonly Tree[] = [holder, defaults]
    const settled = { ...settleTimes(levels, times.get(holder)) }
    for (const field of ['timeout', 'retries']) delete holder[field]
    Object.assign(holder, settled)
    if (holder['routes'] === undefined) continue
    holder['routes'] = readRoutes(holder).map(route =>
      settleTimes([shortenRoute(route, levels), ...levels], times.get(route)),
    )
  }
}

/** Adds meshc's defaults to a value of `defaults`. */
const completeShared = (value: unknown, meshc: unknown): unknown =>
  isMap(value) && isMap(meshc) ? { ...meshc, ...value } : (value ?? meshc)

/** Chooses the fields under `defaults`. A field that only some services have is not among them: the others would inherit it. */
function chooseShared(
  { field, meshc, istio }: { readonly field: string; readonly meshc: unknown; readonly istio: unknown },
  holders: readonly Tree[],
  limit: string | undefined,
): unknown {
  const getValue = (holder: Tree) => holder[field] ?? istio
  const values = holders.map(getValue)
  const most = findMostFrequent(values, istio) ?? meshc
  if (field === 'retries' && limit !== undefined) {
    const isFit = isMap(most) ? most['perTryTimeout'] === limit : limit === usualTry
    const fit = values.filter(value => isMap(value) && value['perTryTimeout'] === limit)
    return isFit ? most : findMostFrequent(fit, istio)
  }
  if (field === 'loadBalancing') {
    // A connection has no header or cookie for a hash: the language accepts such a hash only under `defaults`.
    const forced = holders
      .filter(holder => !hasRequests(holder))
      .map(getValue)
      .find(isOfRequests)
    const shared = forced ?? most
    if (!isMap(shared)) return shared
    // The language has no word that takes these two away.
    const choice = withoutField(withoutField(shared, 'warmup'), 'locality')
    return Object.keys(choice).length === 0 ? meshc : choice
  }
  if (!isMap(most) || !isMap(meshc)) return most
  const maps = values.filter(isMap)
  const common = Object.entries(most).filter(
    ([key]) => Object.hasOwn(meshc, key) || maps.every(map => Object.hasOwn(map, key)),
  )
  // A destination without requests has no setting for pending requests.
  return { ...meshc, ...Object.fromEntries(common) }
}

const isOfRequests = (value: unknown): boolean =>
  isMap(value) && (value['header'] !== undefined || value['cookie'] !== undefined)

/** The times of requests that a destination or route is to have. */
interface Times {
  readonly timeout: unknown
  readonly perTry: unknown
}

/** Lists a destination and its routes with their times, as far as they try again. */
function listTimed(holder: Tree): readonly (readonly [Tree, Times])[] {
  const { retries = 'istio-default', timeout = 'none' } = holder
  return [holder, ...readRoutes(holder)].flatMap(each => {
    const tries = each['retries'] ?? retries
    return isMap(tries) && each['redirect'] === undefined
      ? [[each, { timeout: each['timeout'] ?? timeout, perTry: tries['perTryTimeout'] }] as const]
      : []
  })
}

/**
 * Makes the per-try timeouts of destinations equal if their tries do not fit into the timeout. The language accepts this if the
 * per-try timeout comes from an outer level: the timeout then limits it.
 *
 * @returns the per-try timeout that `defaults` must have; undefined: any
 */
function alignTries(holders: readonly Tree[]): string | undefined {
  const timed = holders.flatMap(holder => {
    const all = listTimed(holder).map(([each, times]) => ({
      holder: each,
      attempts: getAttempts(each, holder),
      ...times,
    }))
    // The routes of a service with a limit of its own take that.
    const isLimited = all[0]?.holder === holder && all[0].perTry !== 'none' && !isTight(all[0])
    return isLimited ? [] : all
  })
  const tight = timed.filter(isTight)
  const [first] = tight
  if (first === undefined) return undefined
  const limits = tight
    .toSorted((a, b) => toMilliseconds(b.perTry) - toMilliseconds(a.perTry))
    .map(({ perTry }) => String(perTry))
  const shorter = tight.filter(({ perTry, timeout }) => toMilliseconds(perTry) < toMilliseconds(timeout))
  const longest = limits[0]!
  const limit =
    shorter.length > 0
      ? String(
          findMostFrequent(
            shorter.map(({ perTry }) => perTry),
            undefined,
          ),
        )
      : toMilliseconds(longest) <= toMilliseconds(usualTry)
        ? usualTry
        : longest
  for (const { holder } of tight)
    if (holders.includes(holder)) holder['retries'] = { ...(holder['retries'] as Tree), perTryTimeout: limit }
  return limit
}

const getAttempts = ({ retries }: Tree, { retries: inherited }: Tree): unknown =>
  isMap(retries) ? retries['attempts'] : isMap(inherited) ? inherited['attempts'] : 0

/**
 * Writes the times of the nearest level such that the result is that of the manifests. A timeout that is nearer than the per-try
 * timeout limits it; a nearer timeout `none` removes it.
 */
function settleTimes([nearest, ...others]: readonly Tree[], target: Times | undefined): Tree {
  if (nearest === undefined || target === undefined) return nearest ?? {}
  const { retries, timeout: _, ...rest } = nearest
  const map = isMap(retries) ? retries : {}
  const untimed = withoutField(map, 'perTryTimeout')
  const forms = [retries, untimed, { ...map, perTryTimeout: target.perTry }].flatMap(form => [
    { ...nearest, retries: form },
    { ...nearest, retries: form, timeout: target.timeout },
  ])
  const fit = forms.find(form => {
    const times = mergeTimes([form, ...others])
    return times.timeout === target.timeout && times.perTry === target.perTry && !times.isRefused
  })
  if (fit === undefined) return nearest
  const { retries: chosen, timeout } = fit as Tree
  const isWritten = chosen !== undefined && !(isMap(chosen) && Object.keys(chosen).length === 0)
  return { ...rest, ...(timeout !== undefined && { timeout }), ...(isWritten && { retries: chosen }) }
}

/** The times that levels make together, the nearest first: as the compiler resolves them. */
function mergeTimes(levels: readonly Tree[]): Times & { readonly isRefused: boolean } {
  const ofTimeout = levels.findIndex(({ timeout }) => timeout !== undefined)
  const timeout = ofTimeout === -1 ? '30s' : levels[ofTimeout]!['timeout']
  const ofTry = levels.findIndex(({ retries }) => isMap(retries) && retries['perTryTimeout'] !== undefined)
  const perTry = ofTry === -1 ? usualTry : (levels[ofTry]!['retries'] as Tree)['perTryTimeout']
  const distance = (index: number) => (index === -1 ? levels.length : index)
  if (perTry === 'none') return { timeout, perTry, isRefused: false }
  if (distance(ofTry) <= distance(ofTimeout) && ofTry !== -1) {
    const retries = levels
      .map(level => level['retries'])
      .find(each => isMap(each) && each['attempts'] !== undefined)
    const attempts = isMap(retries) ? retries['attempts'] : liftedSettings[0].meshc.attempts
    return { timeout, perTry, isRefused: isTight({ attempts, perTry, timeout }) }
  }
  if (timeout === 'none') return { timeout, perTry: 'none', isRefused: false }
  const isShorter = toMilliseconds(perTry) <= toMilliseconds(timeout)
  return { timeout, perTry: isShorter ? perTry : timeout, isRefused: false }
}

/** Drops from a route the failures and the number of tries that it gets from its service. */
function shortenRoute(route: Tree, levels: readonly Tree[]): Tree {
  const { retries, ...others } = route
  const all = levels.map(level => level['retries'])
  if (!isMap(retries) || typeof all.find(each => each !== undefined) === 'string') return route
  const inherited: Tree = Object.assign({}, liftedSettings[0].meshc, ...all.filter(isMap).toReversed())
  const rest = Object.entries(retries).filter(
    ([key, value]) => key === 'perTryTimeout' || !isEqual(value, inherited[key]),
  )
  return { ...others, retries: Object.fromEntries(rest) }
}

const readRoutes = ({ routes }: Tree): readonly Tree[] =>
  Array.isArray(routes) ? (routes as readonly Tree[]) : []

/** Tells whether tries do not fit into the timeout of their request. */
export function isTight({ attempts, perTry, timeout }: Times & { readonly attempts: unknown }): boolean {
  if ([timeout, perTry].some(time => time === undefined || time === 'none')) return false
  return (Number(attempts) + 1) * toMilliseconds(perTry) > toMilliseconds(timeout)
}

const toMilliseconds = (duration: unknown): number => readDuration({ duration }, 'duration') ?? 0

/** Tells whether a service or system is called at all. */
const isCalled = (holder: Tree): boolean => holder['port'] !== undefined || holder['ports'] !== undefined

/** Tells whether the mesh sees the requests to a service or system, and not only connections. */
function hasRequests({ port, ports, tls }: Tree): boolean {
  const all = [...(isMap(port) ? [port] : []), ...(isMap(ports) ? Object.values(ports) : [])]
  return (
    tls === 'originate' ||
    all.some(each => isMap(each) && requestProtocols.some(word => each[word] !== undefined))
  )
}

const requestProtocols = ['http', 'http2', 'grpc', 'grpc-web']

/** Finds the value that most have; of several, the preferred one. */
function findMostFrequent(values: readonly unknown[], preferred: unknown): unknown {
  const counts = new Map<string, number>()
  for (const value of values) {
    const key = JSON.stringify(value)
    counts.set(key, (counts.get(key) ?? 0) + 1)
  }
  const first = JSON.stringify(preferred)
  const [most] = [...counts].toSorted(
    ([a, countA], [b, countB]) => countB - countA || Number(b === first) - Number(a === first),
  )
  return most === undefined ? undefined : JSON.parse(most[0])
}

const withoutField = (map: Tree | Readonly<Record<string, unknown>>, field: string) =>
  Object.fromEntries(Object.entries(map).filter(([key]) => key !== field))

/** Drops the fields of a map that another map provides. */
const withoutShared = (
  value: Readonly<Record<string, unknown>>,
  shared: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> =>
  Object.fromEntries(Object.entries(value).filter(([key, part]) => !isEqual(part, shared[key])))
