import fc from 'fast-check'
import { defined, durations, maybe } from './names.ts'

/** Replicas whose minimum does not exceed their maximum; one of the two may be left to the default. */
export const replicas = fc
  .record({
    min: fc.integer({ min: 1, max: 5 }),
    more: fc.integer({ min: 0, max: 20 }),
    stated: fc.constantFrom('both', 'both', 'min', 'max'),
  })
  .map(({ min, more, stated }) => ({
    ...(stated !== 'max' && { min }),
    ...(stated !== 'min' && { max: min + more }),
  }))

/** Resources whose requests fit into their limits; a part of them may be left to the default. */
export const resources = fc
  .record({
    stated: fc.constantFrom('all', 'all', 'requests', 'limits', 'cpu', 'memory'),
    cpu: fc.integer({ min: 10, max: 4000 }),
    moreCpu: fc.constantFrom(0, 500, 4000),
    memory: fc.integer({ min: 64, max: 4096 }),
    moreMemory: fc.constantFrom(0, 1024, 8192),
    gibibytes: fc.boolean(),
  })
  .map(({ stated, cpu, moreCpu, memory, moreMemory, gibibytes }) => {
    const most = gibibytes ? `${Math.ceil((memory + moreMemory) / 1024)}Gi` : `${memory + moreMemory}Mi`
    const amounts = (cpu: string, memory: string) => ({
      ...(stated !== 'memory' && { cpu }),
      ...(stated !== 'cpu' && { memory }),
    })
    return {
      ...(stated !== 'limits' && { requests: amounts(`${cpu}m`, `${memory}Mi`) }),
      ...(stated !== 'requests' && { limits: amounts(`${cpu + moreCpu}m`, most) }),
    }
  })

/** Fields of MeshConfig that no field of the spec sets. None of them allows other callers, so every expectation is met. */
const meshConfigs = fc
  .record({
    protocolDetectionTimeout: maybe(fc.constantFrom('0s', '5s')),
    dnsRefreshRate: maybe(fc.constant('30s')),
    ca: maybe(fc.constant({ address: 'ca.example.com:15012' })),
    meshMTLS: maybe(fc.constantFrom({ minProtocolVersion: 'TLSV1_3' }, { minProtocolVersion: 'TLSV1_2' })),
    enablePrometheusMerge: maybe(fc.boolean()),
    defaultConfig: maybe(
      fc.constantFrom(
        { proxyMetadata: { ISTIO_META_DNS_CAPTURE: 'true' } },
        { statNameLength: 200, proxyMetadata: { BOOTSTRAP_XDS_AGENT: 'true' } },
      ),
    ),
  })
  .map(fields => defined(fields))

/** Values of the chart `istiod` that no field of the spec sets. */
const values = fc
  .record({
    podAnnotations: maybe(fc.constantFrom({}, { 'example.com/team': 'platform' })),
    rollingMaxSurge: maybe(fc.constantFrom('50%', 1)),
    env: maybe(fc.constant({ GOMEMLIMIT: '1GiB' })),
    tolerations: maybe(fc.constant([{ key: 'reserved', operator: 'Exists' }])),
    global: maybe(
      fc.constantFrom(
        { logAsJson: true },
        { proxy: { logLevel: 'info' }, logging: { level: 'default:warn' } },
      ),
    ),
  })
  .map(fields => defined(fields))

/** Two control planes with different revisions, the word of most namespaces, and the word of the namespace that has moved. */
export const revisionDrafts = fc.record({
  stable: fc.record(
    {
      version: fc.constantFrom('1.31.2', '1.31.4'),
      tags: fc.constantFrom<string[]>(['prod'], ['prod', 'old']),
    },
    { requiredKeys: [] },
  ),
  canary: fc.record(
    { version: fc.constantFrom('1.31.4', '1.32.0'), tags: fc.constant<string[]>(['next']) },
    { requiredKeys: [] },
  ),
  byTag: fc.boolean(),
})

export const istios = fc
  .record({
    version: maybe(fc.constantFrom('1.31.4', '1.31.0')),
    revision: maybe(fc.constantFrom('1-31-4', 'stable')),
    namespace: maybe(fc.constantFrom('istio-system', 'mesh-system')),
    charts: maybe(fc.constantFrom('https://charts.example.com/istio', 'oci://registry.example.com/charts')),
    hub: maybe(fc.constantFrom('registry.example.com/istio', 'registry.example.com:5000/mirror')),
    pullSecrets: maybe(
      fc.uniqueArray(fc.constantFrom('registry-credentials', 'mirror'), { minLength: 1, maxLength: 2 }),
    ),
    cni: maybe(fc.constantFrom('on', 'off')),
    meshConfig: maybe(meshConfigs),
    values: maybe(values),
    trustDomain: maybe(fc.constantFrom('cluster.local', 'mesh.example.com')),
    controlPlane: maybe(fc.record({ replicas, resources }, { requiredKeys: [] })),
    proxy: maybe(
      fc.record(
        {
          resources,
          drain: durations(1000, 300_000),
          holdApplication: fc.constantFrom('on', 'off'),
          native: fc.constantFrom('on', 'off'),
          image: fc.constantFrom('distroless', 'debug', 'default'),
          concurrency: fc.nat({ max: 8 }),
        },
        { requiredKeys: [] },
      ),
    ),
  })
  .map(fields => defined(fields))
