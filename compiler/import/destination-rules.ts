import type { DestinationRule, Labels, ModelObject, VirtualService } from '../behavior/model.ts'
import { mapAt, readLabels } from '../behavior/read/values.ts'
import { isMap } from '../source/document.ts'
import type { Claim, Field, Proposal, Unsaid } from './claim.ts'
import type { ForeignMesh, ForeignService } from './foreign-mesh.ts'
import { readMap, readSpec, type Tree } from './read-spec.ts'

/** Claims the DestinationRules of services: versions, circuit breakers, connections and load balancing. */
export function claimDestinationRules(mesh: ForeignMesh): Proposal {
  const claims: Claim[] = []
  const unsaid: Unsaid[] = []
  const ineffective: string[] = []
  const used = listUsedSubsets(mesh.model.virtualServices)
  const rules = mesh.model.destinationRules
  for (const rule of rules) {
    const service = mesh.serviceByHost.get(rule.host)
    if (service === undefined) unsaid.push({ object: rule, reason: 'its host is no service of the spec' })
    else if (rules.some(each => each !== rule && each.host === rule.host))
      unsaid.push({ object: rule, reason: 'another one has its host' })
    else if (rule.workloadSelector !== undefined)
      unsaid.push({ object: rule, reason: 'it is for some callers' })
    else {
      // meshc writes a subset for each version that a spec has, whatever its routes name.
      const subsets = rule.subsets.filter(({ name }) => isOfMeshc(rule) || used.has(`${rule.host}|${name}`))
      for (const { name } of rule.subsets.filter(subset => !subsets.includes(subset)))
        ineffective.push(
          `the subset \`${name}\` of DestinationRule ${rule.namespace}/${rule.name}: no route uses it`,
        )
      claims.push({ objects: [rule], fields: claimRule(service, rule, subsets) })
    }
  }
  return { claims, unsaid, ineffective }
}

/** Tells whether meshc has written an object. */
const isOfMeshc = ({ source }: ModelObject): boolean =>
  readLabels(mapAt(source?.value, 'metadata'), 'labels')['app.kubernetes.io/managed-by'] === 'meshc'

/** The subsets that routes name: `host|subset`. */
function listUsedSubsets(virtualServices: readonly VirtualService[]): ReadonlySet<string> {
  const used = new Set<string>()
  const use = ({ host, subset }: { readonly host: string; readonly subset: string }) =>
    used.add(`${host}|${subset}`)
  for (const { http, tcp, tls } of virtualServices) {
    for (const { destinations, mirrors } of http) {
      destinations.forEach(use)
      for (const { destination } of mirrors) use(destination)
    }
    for (const { destinations } of [...tcp, ...tls]) destinations.forEach(use)
  }
  return used
}

function claimRule(
  { key }: ForeignService,
  rule: DestinationRule,
  subsets: DestinationRule['subsets'],
): readonly Field[] {
  const set = (value: unknown, ...path: readonly string[]): Field => ({
    path: ['services', key, ...path],
    value,
  })
  return [
    ...subsets.map(({ name, labels }) => set(describeVersion(name, labels), 'versions', name)),
    ...claimTrafficPolicy(readMap(readSpec(rule), 'trafficPolicy'), set),
  ]
}

function describeVersion(name: string, labels: Labels): Tree {
  const { version, ...others } = labels
  if (version === undefined || Object.keys(others).length > 0) return { labels: { ...labels } }
  return version === name ? {} : { version }
}

/** Says what a `trafficPolicy` sets, as far as the language has words: the rest becomes a patch. */
export function claimTrafficPolicy(
  policy: Tree,
  set: (value: unknown, ...path: readonly string[]) => Field,
): readonly Field[] {
  const { connectionPool, outlierDetection, loadBalancer } = policy
  return [
    ...(isMap(outlierDetection) ? [set(describeOutliers(outlierDetection), 'circuitBreaker')] : []),
    ...(isMap(connectionPool) ? [set(describeConnections(connectionPool), 'connections')] : []),
    ...(isMap(loadBalancer)
      ? describeLoadBalancer(loadBalancer).map(value => set(value, 'loadBalancing'))
      : []),
  ]
}

/** Says an outlier detection. A field that it leaves out has the default of Istio. */
function describeOutliers(detection: Tree): Tree {
  const {
    consecutive5xxErrors = 5,
    interval = '10s',
    baseEjectionTime = '30s',
    maxEjectionPercent = 10,
  } = detection
  return {
    consecutiveErrors: consecutive5xxErrors,
    interval,
    ejectFor: baseEjectionTime,
    maxEjected: `${maxEjectionPercent}%`,
  }
}

function describeConnections(pool: Tree): Tree {
  const tcp = readMap(pool, 'tcp')
  const http = readMap(pool, 'http')
  const fields = {
    max: tcp['maxConnections'] ?? 'unlimited',
    pending: http['http1MaxPendingRequests'] ?? 'unlimited',
    requestsPerConnection: http['maxRequestsPerConnection'],
    requests: http['http2MaxRequests'],
    connectTimeout: tcp['connectTimeout'] ?? '10s',
    idleTimeout: http['idleTimeout'] ?? tcp['idleTimeout'],
  }
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined))
}

function describeLoadBalancer(loadBalancer: Tree): readonly Tree[] {
  const { simple, consistentHash } = loadBalancer
  if (isMap(consistentHash)) {
    const { httpHeaderName, httpCookie, useSourceIp } = consistentHash
    const hashed = {
      ...(httpHeaderName !== undefined && { header: httpHeaderName }),
      ...(isMap(httpCookie) && { cookie: httpCookie['name'] }),
      ...(useSourceIp === true && { sourceAddress: true }),
    }
    return Object.keys(hashed).length === 1 ? [{ policy: 'consistent-hash', ...hashed }] : []
  }
  const policy = policies[String(simple)]
  return policy === undefined ? [] : [{ policy }]
}

const policies: Readonly<Record<string, string>> = {
  LEAST_REQUEST: 'least-request',
  LEAST_CONN: 'least-request',
  ROUND_ROBIN: 'round-robin',
  RANDOM: 'random',
}
