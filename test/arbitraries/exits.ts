import fc from 'fast-check'
import type { MeshFile } from '../../schema/spec/mesh.ts'
import { replicas, resources } from './istio.ts'
import { defined, maybe, seldom } from './names.ts'

/** The name of the egress gateway of a spec. */
export const exitName = 'outbound'

/** An egress gateway, and the external systems that go through it. */
export const exits = fc.record({
  /** One bit for each external system. */
  systems: fc.integer({ min: 1, max: 7 }),
  gateway: fc
    .record({
      namespace: maybe(fc.constantFrom('istio-egress', 'exits')),
      ports: seldom(fc.constant({ https: 8443 })),
      /** True if the proxies have another owner. */
      isForeign: seldom(fc.constant(true)),
      replicas: maybe(replicas),
      resources: maybe(resources),
      service: maybe(
        fc.record({ annotations: fc.constant({ 'example.com/zone': 'a' }) }, { requiredKeys: [] }),
      ),
      values: seldom(fc.constant({ tolerations: [{ key: 'edge', operator: 'Exists' }], minReadySeconds: 5 })),
      spread: seldom(fc.constantFrom('preferred', 'required')),
    })
    .map(({ isForeign, namespace, ports, ...proxies }) => ({
      egress: true,
      ...defined({ namespace, ports }),
      ...(isForeign
        ? { workload: { labels: { istio: 'egressgateway' }, serviceAccount: 'istio-egressgateway' } }
        : defined(proxies)),
    })),
})
type Exit = typeof exits extends fc.Arbitrary<infer Draft> ? Draft : never

type Systems = Readonly<Record<string, System>>
type System = NonNullable<NonNullable<MeshFile['external']>[string]>

/** Makes external systems use the gateway, if it can find them by their host. */
export const withExits = (systems: Systems, exit: Exit | undefined): Record<string, System> =>
  Object.fromEntries(
    Object.entries(systems).map(([name, system], index) => [
      name,
      exit !== undefined && (exit.systems & (1 << index)) !== 0 && isFound(system)
        ? { ...system, through: exitName }
        : system,
    ]),
  )

const isFound = ({ hosts, port, resolution }: System): boolean =>
  resolution !== 'none' && port?.tcp === undefined && !hosts?.some(host => host.startsWith('*'))
