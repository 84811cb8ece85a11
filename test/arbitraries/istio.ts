import fc from 'fast-check'
import { defined, durations, maybe } from './names.ts'

/** Replicas whose least is no more than their most. */
export const replicas = fc
  .tuple(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 0, max: 20 }))
  .map(([min, more]) => ({ min, max: min + more }))

/** Resources whose requests fit into their limits. */
export const resources = fc
  .record({
    cpu: fc.integer({ min: 10, max: 4000 }),
    moreCpu: fc.constantFrom(0, 500, 4000),
    memory: fc.integer({ min: 64, max: 4096 }),
    moreMemory: fc.constantFrom(0, 1024, 8192),
    gibibytes: fc.boolean(),
  })
  .map(({ cpu, moreCpu, memory, moreMemory, gibibytes }) => ({
    requests: { cpu: `${cpu}m`, memory: `${memory}Mi` },
    limits: {
      cpu: `${cpu + moreCpu}m`,
      memory: gibibytes ? `${Math.ceil((memory + moreMemory) / 1024)}Gi` : `${memory + moreMemory}Mi`,
    },
  }))

export const istios = fc
  .record({
    version: maybe(fc.constantFrom('1.31.4', '1.31.0')),
    revision: maybe(fc.constantFrom('1-31-4', 'stable')),
    namespace: maybe(fc.constantFrom('istio-system', 'mesh-system')),
    trustDomain: maybe(fc.constantFrom('cluster.local', 'mesh.example.com')),
    controlPlane: maybe(fc.record({ replicas, resources }, { requiredKeys: [] })),
    proxy: maybe(fc.record({ resources, drain: durations(1000, 300_000) }, { requiredKeys: [] })),
  })
  .map(fields => defined(fields))
