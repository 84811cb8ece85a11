import { readName } from '../mesh/caller.ts'
import type { Caller, Gateway, Service } from '../mesh/mesh.ts'
import { because, from, type Sourced, type SpecNode } from '../mesh/sourced.ts'
import { placeAt } from '../mesh/spec-place.ts'
import type { Surroundings } from '../mesh/surroundings.ts'
import { unknownCaller, unknownNamespace, unknownWorkload } from './diagnostics.ts'
import type { Report } from './fields.ts'
import type { KnownNamespaces } from './namespaces.ts'
import { makeNearestAfter, makeSuggest, type Suggestion } from './suggestions.ts'

/** Finds the caller for a word in `from:`; undefined if there is none, which is reported. */
export type FindCaller = (word: string, node: SpecNode) => Caller | undefined

/** The parts of the mesh and its surroundings that have callers. */
interface CallerContext {
  readonly services: ReadonlyMap<string, Service>
  readonly gateways: ReadonlyMap<string, Gateway>
  readonly namespaces: KnownNamespaces
  readonly surroundings: Surroundings
  readonly trustDomain: Sourced<string>
}

/** Finds callers in the mesh and its surroundings. */
export function makeCallerFinder(
  { services, gateways, namespaces, surroundings, trustDomain }: CallerContext,
  report: Report,
): FindCaller {
  const suggestService = makeSuggest(() => [...services.keys()])
  const suggestGateway = makeSuggest(() => [...gateways.keys()], makeNearestAfter('gateway/'))
  const suggestWorkload = makeSuggest(() => [...surroundings.workloads.keys()], makeNearestAfter(''))

  return (word, node) => {
    const { kind, name } = readName(word)
    if (kind === 'anyone') return { kind, origin: node }
    if (kind === 'service') {
      const service = services.get(name)
      if (service !== undefined) return { kind, service, origin: node }
      const suggestion = otherKind(name) ?? suggestService(name)
      report(unknownCaller(placeAt(node), { kind, name, suggestion }))
      return undefined
    }
    if (kind === 'gateway') {
      const gateway = gateways.get(name)
      if (gateway !== undefined) return { kind, gateway, origin: node }
      report(unknownCaller(placeAt(node), { kind, name, suggestion: suggestGateway(name) }))
      return undefined
    }
    if (kind === 'namespace') {
      if (namespaces.has(name)) return { kind, namespace: from(node, name), origin: node }
      report(unknownNamespace(placeAt(node), { namespace: name, suggestion: namespaces.suggestCaller(name) }))
      return undefined
    }
    if (kind === 'workload') {
      const workload = surroundings.workloads.get(name)
      if (workload !== undefined) {
        const { namespace, serviceAccount } = workload
        const principal = `${trustDomain.value}/ns/${namespace}/sa/${serviceAccount}`
        return {
          kind,
          name: name.slice(namespace.length + 1),
          namespace,
          principal: because(principal, from(node, name), trustDomain),
          isRunning: workload.labels !== undefined,
          origin: node,
        }
      }
      report(unknownWorkload(placeAt(node), { name, suggestion: suggestWorkload(name) }))
      return undefined
    }
    return { kind: 'external-caller', principal: from(node, name), origin: node }
  }

  /** A gateway or namespace is named with the word for it. */
  function otherKind(name: string): Suggestion | undefined {
    if (gateways.has(name)) return { help: `did you mean \`gateway/${name}\`?` }
    if (namespaces.has(name)) return { help: `did you mean \`namespace/${name}\`?` }
    return undefined
  }
}
