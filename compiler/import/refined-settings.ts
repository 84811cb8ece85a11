import { fieldsOfRequests } from '../../schema/generated/field-facts.ts'
import type { ServicePort } from '../behavior/model.ts'
import { isMap } from '../source/document.ts'
import { isEqual } from '../source/is-equal.ts'
import type { Field } from './claim.ts'
import { describePolicy, type Sections } from './describe-policy.ts'
import type { ForeignService } from './foreign-mesh.ts'
import { readMap, readMaps, type Tree } from './read-object-spec.ts'
import { findPortPath, isBareService, isDirectPort, isHttpPort } from './services.ts'

/** The sections for a port or version, each a map or the word for no limit. */
interface Settings {
  readonly circuitBreaker: Tree | 'none'
  readonly connections: Tree | 'unlimited'
  readonly loadBalancing: Tree
}

/** The settings of a port or version that differ from the inherited ones. */
type Refinement = Readonly<Record<string, unknown>>

/** Settings that hold somewhere, and those that would hold there without a port or version. */
interface Instance {
  readonly settings: Settings
  readonly inherited: Settings
  /** The port that they are for; undefined: every one. */
  readonly port: ServicePort | undefined
  /** The sections that are written, whether they differ or not. */
  readonly written: readonly string[]
}

/**
 * Claims the settings of a DestinationRule for single ports and versions that differ from the inherited ones. If the language cannot
 * remove an inherited field, there is no claim, and a patch sets it.
 *
 * @param rule the `spec` of the DestinationRule
 * @param versions the names of its subsets that become versions
 */
export function claimRefinements(
  foreign: ForeignService,
  rule: Tree,
  versions: ReadonlySet<unknown>,
): readonly Field[] {
  const policy = readMap(rule, 'trafficPolicy')
  const base = completeSettings(describePolicy(policy))
  const ports = foreign.service.ports.filter(({ protocol }) => protocol !== 'UDP')
  const ofPorts = new Map(listLevels(policy, ports).map(({ port, settings }) => [port, settings]))
  return [
    ...[...ofPorts].flatMap(([port, settings]) => {
      const instance = { settings, inherited: base, port, written: [] }
      // A port that the sidecar does not capture always has settings: they turn mutual TLS off.
      if (!isBareService(foreign) && isDirectPort(foreign, port) && isEqual(refine(instance), {})) return []
      return makeFields(findPortPath(foreign, port), base, [instance])
    }),
    ...readMaps(rule, 'subsets').flatMap(subset => {
      const { name } = subset
      const subsetPolicy = readMap(subset, 'trafficPolicy')
      if (!versions.has(name) || Object.keys(subsetPolicy).length === 0) return []
      const levels = listLevels(subsetPolicy, ports).map(({ port, settings }) => ({
        settings,
        inherited: ofPorts.get(port) ?? base,
        port,
        written: [],
      }))
      const sections = describePolicy(
        subsetPolicy,
        isMap(subsetPolicy['outlierDetection']) || base.circuitBreaker !== 'none',
      )
      const whole = {
        settings: { ...base, ...sections },
        inherited: base,
        port: undefined,
        // Istio requires an outlier detection for regions that fail over: this may be its only purpose.
        written: Object.keys(sections).filter(
          section => section !== 'circuitBreaker' || !isFailingOver(subsetPolicy),
        ),
      }
      // If each port has settings, no other settings apply to the version.
      const instances = levels.length === ports.length ? levels : [whole, ...levels]
      return makeFields(['services', foreign.key, 'versions', String(name)], base, instances)
    }),
  ]
}

const isFailingOver = (policy: Tree): boolean =>
  readMaps(readMap(readMap(policy, 'loadBalancer'), 'localityLbSetting'), 'failover').length > 0

/** Lists the settings of single ports of the service. */
function listLevels(policy: Tree, ports: readonly ServicePort[]) {
  const levels = readMaps(policy, 'portLevelSettings')
  return ports.flatMap(port => {
    const level = levels.find(each => readMap(each, 'port')['number'] === port.number)
    return level === undefined ? [] : [{ port, settings: completeSettings(describePolicy(level)) }]
  })
}

const completeSettings = ({ circuitBreaker, connections, loadBalancing }: Sections): Settings => ({
  circuitBreaker: circuitBreaker ?? 'none',
  connections: connections ?? 'unlimited',
  loadBalancing: loadBalancing ?? { policy: 'least-request' },
})

/**
 * Makes the fields of the spec for several instances at one place. If several instances set a field, the first one decides. The result
 * is empty if an instance cannot be expressed.
 */
function makeFields(
  path: readonly string[],
  base: Settings,
  instances: readonly Instance[],
): readonly Field[] {
  const refinements = instances.map(refine)
  const sections = new Map<string, unknown>()
  for (const refinement of refinements.toReversed()) {
    if (refinement === undefined) return []
    for (const [section, value] of Object.entries(refinement)) {
      const present = sections.get(section)
      sections.set(section, isMap(present) && isMap(value) ? { ...present, ...value } : value)
    }
  }
  // Settings that repeat inherited ones have a meaning: in Istio, a port with settings inherits nothing.
  if (sections.size === 0) {
    // A word that removes no inherited setting has no effect in a subset in addition to the settings of its ports.
    const section = base.connections === 'unlimited' ? 'connections' : 'circuitBreaker'
    return [{ path: [...path, section], value: base[section] }]
  }
  return [...sections].map(([section, value]) => ({
    path: [...path, section],
    value: isMap(value) ? keepCommon(value, section as keyof Settings, instances) : value,
  }))
}

/**
 * Keeps the fields of a section that all instances have. Other fields come from the defaults, which a port of its subsetPolicy
 * overrides.
 */
const keepCommon = (value: Tree, section: keyof Settings, instances: readonly Instance[]): Tree =>
  Object.fromEntries(
    Object.entries(value).filter(([field, part]) =>
      instances.every(({ settings, port }) => {
        const settled = selectFields(settings, section, port)
        return !isMap(settled) || isLimitOfRequests(field, section, port) || isEqual(settled[field], part)
      }),
    ),
  )

const limitsOfRequests: readonly string[] = fieldsOfRequests.connections

/** Tells whether a field limits requests on a port that has only connections. */
const isLimitOfRequests = (field: string, section: keyof Settings, port: ServicePort | undefined): boolean =>
  section === 'connections' && port !== undefined && !isHttpPort(port) && limitsOfRequests.includes(field)

/** The fields of a section that have a meaning at a port. */
function selectFields(
  settings: Settings,
  section: keyof Settings,
  port: ServicePort | undefined,
): Tree | string {
  const value = settings[section]
  return isMap(value)
    ? Object.fromEntries(Object.entries(value).filter(([field]) => !isLimitOfRequests(field, section, port)))
    : value
}

/**
 * Describes settings by their difference to the inherited ones.
 *
 * @returns undefined if the language cannot remove a field
 */
function refine({ settings, inherited, port, written }: Instance): Refinement | undefined {
  const refinement: Record<string, unknown> = {}
  for (const section of ['circuitBreaker', 'connections', 'loadBalancing'] as const) {
    const [value, around] = [settings, inherited].map(each => selectFields(each, section, port))
    if (isEqual(value, around)) {
      if (written.includes(section)) refinement[section] = value
      continue
    }
    if (!isMap(value) || !isMap(around)) {
      refinement[section] = value
      continue
    }
    const changed = changeFields(value, around)
    const isTakenAway = (field: string) =>
      value[field] === undefined && !isImplied(field, value, settings.circuitBreaker === 'none')
    if (Object.keys(around).some(isTakenAway)) return undefined
    if (Object.keys(changed).length > 0) refinement[section] = changed
  }
  return refinement
}

const choiceFields = ['policy', 'header', 'cookie', 'sourceAddress']

/** The fields that differ. A level with another load balancing algorithm sets all of its fields. */
function changeFields(value: Tree, around: Tree): Tree {
  const isChosenAnew = choiceFields.some(field => !isEqual(value[field], around[field]))
  return Object.fromEntries(
    Object.entries(value).filter(
      ([field, part]) => !isEqual(part, around[field]) || (isChosenAnew && choiceFields.includes(field)),
    ),
  )
}

/** Tells whether a field of load balancing is dropped automatically because the nearer settings do not fit it. */
const isImplied = (field: string, { policy }: Tree, isNotEjecting: boolean): boolean =>
  (choiceFields.includes(field) && policy !== undefined) ||
  (field === 'warmup' && (policy === 'random' || policy === 'consistent-hash')) ||
  (field === 'locality' && isNotEjecting)
