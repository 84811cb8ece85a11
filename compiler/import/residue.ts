import { groupBy } from '../basics/group-by.ts'
import type { DestinationRule, ModelObject } from '../behavior/model.ts'
import { isDuration } from '../behavior/read/fields.ts'
import { readDuration } from '../behavior/read/values.ts'
import { compare } from '../diagnostics/compare.ts'
import { completeHost } from '../mesh/complete-host.ts'
import { isMap } from '../source/document.ts'
import { isEqual } from '../source/is-equal.ts'
import { type Claim, makeModelKey, type Unsaid } from './claim.ts'
import { readMap, readMaps, readObjectSpec, type Tree } from './read-object-spec.ts'

/** An object that the settled claims emit. */
export interface EmittedObject {
  readonly kind: string
  readonly namespace: string
  readonly name: string
  readonly spec: Tree
}

/** The subject of an object of which only one applies: a second one would conflict with it. */
function findSubject(kind: string, namespace: string, spec: Tree): string | undefined {
  if (kind === 'DestinationRule') {
    const subject = `${kind} ${completeHost(String(spec['host']), namespace)}`
    const labels = readMap(readMap(spec, 'workloadSelector'), 'matchLabels')
    // A rule with a workload selector applies independently of rules for all pods and for other pods.
    return spec['workloadSelector'] === undefined
      ? subject
      : `${subject} ${namespace} ${JSON.stringify(Object.entries(labels).toSorted(([a], [b]) => compare(a, b)))}`
  }
  return kind === 'PeerAuthentication' && Object.keys(readMap(spec, 'selector')).length === 0
    ? `${kind} ${namespace}`
    : undefined
}

/**
 * Claims the rest of some objects: as a patch of the object that the spec emits in its place, else as a raw object.
 *
 * @param unsaid objects that the language does not say
 * @param rules DestinationRules that the spec expresses; their other settings become a patch
 */
export function claimResidue(
  unsaid: readonly Unsaid[],
  rules: readonly DestinationRule[],
  emitted: readonly EmittedObject[],
): readonly Claim[] {
  const byName = new Map(emitted.map(object => [makeModelKey(object), object]))
  const bySubject = new Map(
    emitted.flatMap(object => {
      const subject = findSubject(object.kind, object.namespace, object.spec)
      return subject === undefined ? [] : [[subject, object] as const]
    }),
  )
  const findEmitted = (object: ModelObject) =>
    bySubject.get(findSubject(object.kind, object.namespace, readObjectSpec(object)) ?? '') ??
    byName.get(makeModelKey(object))
  const places = unsaid.map(({ object }) => findEmitted(object))
  const rivals = groupBy(places, place => [place])
  return [
    ...unsaid.map(({ object, reason }, index) => {
      const place = places[index]
      // If several objects have one subject, no patch can express one of them.
      return place === undefined || rivals.get(place)!.length > 1
        ? claimRaw(object, reason)
        : claimPatch(object, place, makeMergePatch(place.spec, readObjectSpec(object)), reason)
    }),
    ...rules.flatMap(rule => {
      const place = findEmitted(rule)
      const spec = keepSubsets(readObjectSpec(rule), place?.spec ?? {})
      const rest = normalizeRule(spec)
      if (place === undefined) return isIdle(rest) ? [] : [claimRaw(rule, describeRest(rest))]
      const patch = keepMeant(makeMergePatch(place.spec, spec), rest, normalizeRule(place.spec))
      return isIdle(patch) ? [] : [claimPatch(rule, place, patch, describeRest(patch))]
    }),
  ]
}

function describeRest(rule: Tree): string {
  const fields = Object.keys(readMap(rule, 'trafficPolicy'))
  return `the language does not say all of its ${fields.join(', ') || 'fields'}`
}

function claimPatch(
  object: ModelObject,
  { kind, namespace, name }: EmittedObject,
  patch: Tree,
  reason: string,
): Claim {
  // Other objects of the spec already express it.
  if (Object.keys(patch).length === 0) return { objects: [object], fields: [] }
  return {
    objects: [object],
    fields: [
      {
        path: ['patches'],
        value: [{ kind, namespace, name, spec: sortLists(patch), because: reason }],
      },
    ],
  }
}

function claimRaw(object: ModelObject, reason: string): Claim {
  const { apiVersion, kind, spec, metadata } = object.source!.value as Tree
  const { name, labels, annotations } = metadata as Tree
  const kept = isMap(annotations) ? withoutCluster(annotations) : {}
  const value = {
    apiVersion,
    kind,
    metadata: {
      name,
      namespace: object.namespace,
      ...(isMap(labels) && Object.keys(labels).length > 0 && { labels }),
      ...(Object.keys(kept).length > 0 && { annotations: kept }),
    },
    ...(spec !== undefined && { spec }),
  }
  return { objects: [object], fields: [{ path: ['raw'], value: [value], comment: reason }] }
}

const withoutCluster = (annotations: Tree): Tree =>
  Object.fromEntries(Object.entries(annotations).filter(([key]) => !key.startsWith('kubectl.kubernetes.io/')))

/**
 * Copies a patch with a fixed order of the fields of its list entries, whatever the manifest's order is: the field that names an
 * entry comes first.
 */
function sortLists(value: unknown, isInList = false): unknown {
  if (Array.isArray(value)) return value.map(each => sortLists(each, true))
  if (!isMap(value)) return value
  const keys = Object.keys(value)
  const rank = (key: string) => (key === 'name' || key === 'port' ? 0 : 1)
  const sorted = isInList ? keys.toSorted((a, b) => rank(a) - rank(b) || compare(a, b)) : keys
  return Object.fromEntries(sorted.map(key => [key, sortLists(value[key], isInList)]))
}

/** The merge patch from one map to another. See https://www.rfc-editor.org/rfc/rfc7386 */
function makeMergePatch(before: Tree, after: Tree): Tree {
  const patch: Record<string, unknown> = {}
  for (const key of Object.keys(before)) if (after[key] === undefined) patch[key] = null
  for (const [key, value] of Object.entries(after)) {
    const present = before[key]
    if (value === undefined || isEqual(present, value)) continue
    patch[key] = isMap(present) && isMap(value) ? makeMergePatch(present, value) : value
  }
  return patch
}

/** Keeps the parts of a patch that change the meaning of a rule. */
function keepMeant(patch: Tree, wanted: Tree, present: Tree): Tree {
  return Object.fromEntries(
    Object.entries(patch).flatMap(([key, value]): [string, unknown][] => {
      if (isEqual(wanted[key], present[key])) return []
      const areMaps = [wanted[key] ?? {}, present[key] ?? {}].every(isMap)
      return [
        [
          key,
          isMap(value) && areMaps ? keepMeant(value, readMap(wanted, key), readMap(present, key)) : value,
        ],
      ]
    }),
  )
}

/** Tells whether a rule sets nothing that Istio does not do by itself. */
const isIdle = (rule: Tree): boolean => Object.keys(rule).length === 0

/** A DestinationRule with only the subsets that the spec emits, in that order. */
function keepSubsets(spec: Tree, emitted: Tree): Tree {
  const { subsets: _, ...others } = spec
  const subsets = readMaps(emitted, 'subsets').map(
    ({ name }) => readMaps(spec, 'subsets').find(subset => subset['name'] === name) ?? {},
  )
  return { ...others, host: emitted['host'], ...(subsets.length > 0 && { subsets }) }
}

/** A DestinationRule without parts that have no effect: names, versions, and values that are Istio's defaults. */
function normalizeRule(spec: Tree): Tree {
  const { host: _, subsets: __, exportTo, ...others } = spec
  const policies = readMaps(spec, 'subsets').map(subset => [
    subset['name'],
    normalizePolicy(readMap(subset, 'trafficPolicy')),
  ])
  return normalizeValue({
    ...others,
    trafficPolicy: normalizePolicy(readMap(spec, 'trafficPolicy')),
    exportTo: Array.isArray(exportTo) && exportTo.includes('*') ? undefined : exportTo,
    subsets: Object.fromEntries(policies),
  }) as Tree
}

function normalizePolicy({
  loadBalancer,
  tls,
  outlierDetection,
  connectionPool,
  portLevelSettings,
  ...others
}: Tree): Tree {
  // A port with settings inherits none, even if it sets nothing itself.
  const levels = readMaps({ portLevelSettings }, 'portLevelSettings').map(({ port, ...level }) => [
    readMap({ port }, 'port')['number'],
    { ...normalizePolicy(level), isSet: true },
  ])
  const { tcp, ...http } = isMap(connectionPool) ? connectionPool : {}
  const { connectTimeout, ...limits } = isMap(tcp) ? tcp : {}
  return {
    ...others,
    portLevelSettings: Object.fromEntries(levels),
    connectionPool: {
      ...http,
      tcp: { ...limits, connectTimeout: connectTimeout === '10s' ? undefined : connectTimeout },
    },
    loadBalancer:
      isMap(loadBalancer) && isEqual(loadBalancer, { simple: 'LEAST_REQUEST' }) ? undefined : loadBalancer,
    // Sidecars do so by themselves.
    tls: isEqual(tls, { mode: 'ISTIO_MUTUAL' }) ? undefined : tls,
    outlierDetection: isMap(outlierDetection) && {
      consecutive5xxErrors: 5,
      interval: '10s',
      baseEjectionTime: '30s',
      maxEjectionPercent: 10,
      ...outlierDetection,
    },
  }
}

/** A value with durations in milliseconds, without fields that hold nothing. */
function normalizeValue(value: unknown): unknown {
  if (isDuration(value)) return readDuration({ value }, 'value')
  if (Array.isArray(value)) return value.map(normalizeValue)
  if (!isMap(value)) return value
  const entries = Object.entries(value).flatMap(([key, part]): [string, unknown][] => {
    const plain = normalizeValue(part)
    const isNothing =
      plain === undefined ||
      plain === null ||
      plain === false ||
      (isMap(plain) && Object.keys(plain).length === 0)
    return isNothing ? [] : [[key, plain]]
  })
  return Object.fromEntries(entries)
}
