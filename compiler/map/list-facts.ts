import type { Mesh } from '../mesh/mesh.ts'
import type { Sourced } from '../mesh/sourced.ts'
import { printMatch } from '../mesh/string-match.ts'
import type { Definition, Layers } from '../source/layers.ts'
import type { NamedValue } from './answers.ts'

/** The facts of a spec that no manifest shows, each with the line that sets it. */
export interface SpecFacts {
  /** The owners of services by `namespace/name`. */
  readonly owners: ReadonlyMap<string, string>
  /** The facts by the id of a node of the map. */
  readonly facts: Readonly<Record<string, readonly NamedValue[]>>
}

/** The facts of a mesh without a spec. */
export const noFacts: SpecFacts = { owners: new Map(), facts: {} }

/** Lists the owners and objectives of the services of a spec. */
export function listSpecFacts(
  { services, gateways }: Mesh,
  layers: Layers,
  findLine: (definition: Definition) => number | undefined,
): SpecFacts {
  const name = (label: string, { value, place }: Sourced<unknown>, unit = ''): NamedValue => {
    const [definition] = place === undefined ? [] : layers.definitionsOf(place.path)
    const line = definition && findLine(definition)
    return {
      name: label,
      value: `${value}${unit}`,
      places: definition === undefined || line === undefined ? [] : [{ file: definition.file, line }],
    }
  }
  const facts = services.map(({ name: service, namespace, owner, objective, serviceAccount }) => [
    `service ${namespace.value}/${service.value}`,
    [
      ...(owner === undefined ? [] : [name('owner', owner)]),
      name('service account', serviceAccount),
      ...(objective?.availability === undefined ? [] : [name('availability', objective.availability, ' %')]),
      ...(objective?.latency ?? []).map(([quantile, latency]) =>
        name(`latency of ${quantile * 100} %`, latency),
      ),
    ],
  ])
  const entrances = gateways
    .filter(({ owners }) => owners.length > 0)
    .map(({ owners, workload, workloadNamespace }) => [
      `gateway ${workloadNamespace.value}/${workload.value}`,
      owners.map(({ host, path, team }) => name(`owner of ${host}${printMatch(path)}`, team)),
    ])
  return {
    owners: new Map(
      services.flatMap(({ namespace, name: service, owner }) =>
        owner === undefined ? [] : [[`${namespace.value}/${service.value}`, owner.value]],
      ),
    ),
    facts: Object.fromEntries([...facts, ...entrances]),
  }
}
