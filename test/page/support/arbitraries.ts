import fc from 'fast-check'
import type { MeshMap } from '../../../compiler/map/mesh-map.ts'
import { type CallPart, makeMap, type NodePart } from './make-map.ts'

/** A drawn mesh, in parts, so that a law can add to it. */
interface DrawnMesh {
  readonly nodes: readonly NodePart[]
  readonly calls: readonly CallPart[]
}

const namespaces = ['data', 'pay', 'shop']

/**
 * Draws meshes of up to 12 services in three namespaces, with an external system, the internet and unknown
 * callers.
 */
export const meshes: fc.Arbitrary<DrawnMesh> = fc
  .uniqueArray(fc.tuple(fc.constantFrom(...namespaces), fc.integer({ min: 0, max: 30 })), {
    selector: ([namespace, number]) => `${namespace} ${number}`,
    minLength: 1,
    maxLength: 12,
  })
  .chain(services => {
    const nodes: readonly NodePart[] = [
      { kind: 'internet', name: 'Internet' },
      { kind: 'anyone', name: 'any caller' },
      { kind: 'external', name: 'api.example.com' },
      ...services.map(([namespace, number]): NodePart => makeService(namespace, `service-${number}`)),
    ]
    const ids = nodes.map(({ kind, namespace, name }) =>
      namespace === undefined ? `${kind} ${name}` : `${kind} ${namespace}/${name}`,
    )
    const call = fc.record({
      from: fc.uniqueArray(fc.constantFrom(...ids), { minLength: 1, maxLength: 4 }),
      to: fc.constantFrom(...ids.slice(2)),
      isOpen: fc.boolean(),
      transports: fc.constantFrom<NonNullable<CallPart['transports']>[]>(
        ['mtls'],
        ['plaintext'],
        ['tls', 'mtls'],
        [],
      ),
    })
    return fc.array(call, { maxLength: 24 }).map(calls => ({ nodes, calls }))
  })

export const makeService = (namespace: string, name: string): NodePart => ({
  kind: 'service',
  namespace,
  name,
  owner: `team-${namespace}`,
})

export const drawMap = ({ nodes, calls }: DrawnMesh): MeshMap => makeMap(nodes, calls)
