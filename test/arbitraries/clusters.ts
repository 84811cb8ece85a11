import type { MeshFile } from '../../schema/spec/mesh.ts'
import { areTwins } from './twins.ts'

/** The cluster that a drawn spec is compiled for. */
export const drawnCluster = 'eu1'
const eastWestName = 'east-west'

/** The clusters of an environment, and the differences of the compiled one. */
export interface ClusterDraft {
  readonly networks: 'none' | 'one' | 'two'
  readonly here: {
    readonly destination?: string
    readonly region?: string
    readonly zones?: string[]
    readonly revision?: string
  }
  /** One bit for each service that may run only in another cluster. */
  readonly remote: number
  readonly gateway: NonNullable<NonNullable<MeshFile['gateways']>[string]>
  /** The file of the cluster, if it has one. */
  readonly file: 'nothing' | 'drain' | 'links' | undefined
}

/**
 * Chooses the clusters of a spec by a number that another draft uses. So the same specs are drawn with and
 * without clusters. One spec in seven has clusters.
 */
export function chooseClusters(drawn: number): ClusterDraft | undefined {
  if (drawn % 7 !== 3) return undefined
  let rest = Math.floor(drawn / 7)
  const choose = <Value>(...values: readonly [Value, ...Value[]]): Value => {
    const value = values[rest % values.length]!
    rest = Math.floor(rest / values.length)
    return value
  }
  return {
    networks: choose('two', 'one', 'none'),
    here: choose(
      {},
      { destination: 'shop-eu', region: 'eu-west-1', revision: 'promoted' },
      { destination: 'https://10.0.0.1:6443', region: 'eu-west-1', zones: ['eu-west-1a', 'eu-west-1b'] },
    ),
    file: choose(undefined, 'nothing', 'drain', 'links'),
    gateway: {
      eastWest: true,
      ...choose(
        {},
        { namespace: 'crossing', replicas: { min: 2, max: 4 } },
        { workload: { labels: { istio: 'eastwestgateway' }, serviceAccount: 'istio-eastwestgateway' } },
      ),
    },
    remote: rest % 8,
  }
}

/** Returns the clusters of a spec, with their networks. */
export function makeClusters({ networks, here }: ClusterDraft): MeshFile['clusters'] {
  const network = (name: string) => (networks === 'none' ? {} : { network: name })
  return {
    [drawnCluster]: { ...network('eu'), ...here },
    us1: networks === 'two' ? network('us') : network('eu'),
  }
}

/** Returns the east-west gateway, if there are networks to join. */
export const makeEastWest = ({ networks, gateway }: ClusterDraft): MeshFile['gateways'] =>
  networks === 'two' ? { [eastWestName]: gateway } : {}

type Services = NonNullable<MeshFile['services']>

/**
 * Makes some services run only in the other cluster, if callers of this cluster can reach them. A caller
 * without a sidecar reaches none of them, so there is no such caller.
 */
export function withRemoteServices(services: Services, { networks, remote }: ClusterDraft): Services {
  const isAnyBare = Object.values(services).some(service => service?.workload?.sidecar !== undefined)
  if (networks === 'none' || isAnyBare) return services
  let index = 0
  return Object.fromEntries(
    Object.entries(services).map(([name, service]) => {
      if (service === null || !isReachable(service) || isTwin(name, services)) return [name, service]
      return (remote & (1 << index++)) === 0 ? [name, service] : [name, { ...service, clusters: ['us1'] }]
    }),
  )
}

type Service = NonNullable<Services[string]>

const isTwin = (name: string, services: Services): boolean =>
  Object.keys(services).some(second => second !== name && areTwins(second, name))

/** Checks whether callers of another network reach a service. */
const isReachable = ({ headless, workload, port, ports }: Service): boolean =>
  headless === undefined &&
  workload?.sidecar === undefined &&
  [port, ...Object.values(ports ?? {})].every(
    port =>
      typeof port !== 'object' || port === null || (port.mtls === undefined && port.sidecar === undefined),
  )

/** Returns the file of the cluster: its differences from the spec. */
export function makeClusterFile({ file }: ClusterDraft): MeshFile | undefined {
  switch (file) {
    case undefined:
      return undefined
    case 'drain':
      return { meshc: 'v1', istio: { proxy: { drain: '40s' } } }
    case 'links':
      return { meshc: 'v1', observability: { links: { grafana: 'https://grafana.eu1.example.com' } } }
    default:
      return { meshc: 'v1' }
  }
}
