import type { Caller, Gateway, Service } from '../mesh/mesh.ts'
import { from, type SpecNode } from '../mesh/sourced.ts'
import { unknownCaller, unknownNamespace } from './diagnostics.ts'
import { at, type Report } from './fields.ts'
import type { KnownNamespaces } from './namespaces.ts'
import { nearestAfter, type Suggestion, suggestions } from './suggestions.ts'

/** Whom the word of a `from:` means; undefined, and reported, where it is nobody. */
export type FindCaller = (word: string, node: SpecNode) => Caller | undefined

/** Finds callers among what the mesh has. */
export function findCallers(
  services: ReadonlyMap<string, Service>,
  gateways: ReadonlyMap<string, Gateway>,
  namespaces: KnownNamespaces,
  report: Report,
): FindCaller {
  const suggestService = suggestions(() => [...services.keys()])
  const suggestGateway = suggestions(() => [...gateways.keys()], nearestAfter('gateway/'))

  return (word, node) => {
    const slash = word.indexOf('/')
    const name = word.slice(slash + 1)
    if (slash === -1) {
      if (word === 'anyone') return { kind: 'anyone', origin: node }
      const service = services.get(word)
      if (service !== undefined) return { kind: 'service', service, origin: node }
      report(
        unknownCaller(at(node), {
          kind: 'service',
          name,
          suggestion: otherKind(name) ?? suggestService(name),
        }),
      )
      return undefined
    }
    if (word.startsWith('gateway/')) {
      const gateway = gateways.get(name)
      if (gateway !== undefined) return { kind: 'gateway', gateway, origin: node }
      report(unknownCaller(at(node), { kind: 'gateway', name, suggestion: suggestGateway(name) }))
      return undefined
    }
    if (word.startsWith('namespace/')) {
      if (!namespaces.has(name)) {
        report(unknownNamespace(at(node), { namespace: name, suggestion: namespaces.suggestCaller(name) }))
        return undefined
      }
      return { kind: 'namespace', namespace: from(node, name), origin: node }
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
