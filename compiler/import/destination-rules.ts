import type { DestinationRule, Labels, ModelObject, VirtualService } from '../behavior/model.ts'
import { mapAt, readLabels } from '../behavior/read/values.ts'
import type { Claim, Field, Proposal, Unsaid } from './claim.ts'
import { claimTrafficPolicy } from './describe-policy.ts'
import type { ForeignMesh, ForeignService } from './foreign-mesh.ts'
import { readMap, readObjectSpec, type Tree } from './read-object-spec.ts'
import { claimRefinements } from './refined-settings.ts'

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
      // meshc writes a subset for each version of a spec, also for versions that no route names.
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
  foreign: ForeignService,
  rule: DestinationRule,
  subsets: DestinationRule['subsets'],
): readonly Field[] {
  const set = (value: unknown, ...path: readonly string[]): Field => ({
    path: ['services', foreign.key, ...path],
    value,
  })
  return [
    ...subsets.map(({ name, labels }) => set(describeVersion(name, labels), 'versions', name)),
    ...claimTrafficPolicy(readMap(readObjectSpec(rule), 'trafficPolicy'), set),
    ...claimRefinements(foreign, readObjectSpec(rule), new Set(subsets.map(({ name }) => name))),
  ]
}

function describeVersion(name: string, labels: Labels): Tree {
  const { version, ...others } = labels
  if (version === undefined || Object.keys(others).length > 0) return { labels: { ...labels } }
  return version === name ? {} : { version }
}
