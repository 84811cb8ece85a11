import { listInstalledGateways } from '../../../mesh/installed-gateways.ts'
import type { Sourced, SpecNode } from '../../../mesh/sourced.ts'
import { placeAt, placeAtKey } from '../../../mesh/spec-place.ts'
import { findWrittenPlace } from '../../places.ts'
import { defineRule } from '../../rule.ts'

/** Kubernetes knows an object by its namespace and name; the second of two would overwrite the first. */
export const objectNames = defineRule<{ name: string; namespace: string }>(
  {
    code: 'MESH3001',
    severity: 'error',
    summary: 'The Services of one namespace have different names',
    message: p => `two Services of the namespace \`${p.namespace}\` are called \`${p.name}\``,
    help: () => 'give one of them another `name`, or another namespace',
  },
  function* (mesh, report) {
    const first = new Map<string, Named>()
    const ofGateways = listInstalledGateways(mesh).map(({ workload, namespace, origin }) => ({
      name: workload,
      namespace,
      origin,
    }))
    for (const list of [ofGateways, mesh.services]) {
      for (const givenList of list) {
        const { name, namespace } = givenList
        const key = `${namespace.value}/${name.value}`
        const named = first.get(key)
        if (named === undefined) first.set(key, givenList)
        else {
          const related = { at: getNamePlace(named), message: `this one is called \`${name.value}\` too` }
          yield report(getNamePlace(givenList), { name: name.value, namespace: namespace.value }, [related])
        }
      }
    }
  },
)

interface Named {
  readonly name: Sourced<string>
  readonly namespace: Sourced<string>
  readonly origin: SpecNode
}

/** Finds the place of the name; else of the key that it is made of. */
function getNamePlace({ name, origin }: Named) {
  const node = findWrittenPlace(name)
  return node === undefined || node.path.length <= 2 ? placeAtKey(origin) : placeAt(node)
}
