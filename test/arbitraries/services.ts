import fc from 'fast-check'
import type { MeshFile } from '../../schema/spec/mesh.ts'
import { accessDrafts, finishAccess } from './access.ts'
import { finishMachines, machineDrafts } from './machines.ts'
import { defined, freeLabels, maybe, namespaceNames, pick, seldom, serviceNames } from './names.ts'
import { finishPorts, isHttp, portDrafts, withoutExceptions, withoutTargets, withSidecars } from './ports.ts'
import { rateLimits } from './rate-limits.ts'
import { comparesPaths, finishRouting, rewritesPaths, routingDrafts } from './routing.ts'
import { type ClaimsSpec, claims } from './tokens.ts'
import {
  circuitBreakers,
  connections,
  ejectingLocalities,
  faultDrafts,
  finishBalancing,
  finishFault,
  loadBalancings,
  patience,
} from './traffic.ts'
import { twinDrafts } from './twins.ts'

export type ServiceSpec = NonNullable<NonNullable<MeshFile['services']>[string]>

const objectives = fc.record(
  {
    availability: fc.constantFrom('99%', '99.9%', '99.95%'),
    latency: fc.record(
      {
        p50: fc.constantFrom('1ms', '5ms', '50ms'),
        p90: fc.constantFrom('100ms', '250ms'),
        p95: fc.constantFrom('500ms', '1s', '1000ms'),
        p99: fc.constantFrom('2500ms', '10s', '5m', '1h'),
      },
      { requiredKeys: ['p50'] },
    ),
  },
  { requiredKeys: [] },
)

export const serviceDrafts = fc.record({
  name: fc.constantFrom(...serviceNames),
  /** The number of its namespace in the mesh. */
  namespace: fc.nat({ max: namespaceNames.length - 1 }),
  renamed: seldom(fc.constant(true)),
  owner: maybe(fc.constantFrom('team-reviews', 'Payments @ Berlin', '0755', 'no')),
  labels: maybe(fc.constantFrom('app', 'app.kubernetes.io/name')),
  moreLabels: maybe(freeLabels),
  account: fc.boolean(),
  /** True if its pods have no sidecar. */
  isBare: seldom(fc.constant(true)),
  /** True if the service has no address, unless it has versions. */
  isHeadless: seldom(fc.constant(true)),
  /** The virtual machines that run the service, unless it has versions or no address. */
  machines: seldom(machineDrafts),
  /** True if the service only calls. */
  onlyCalls: seldom(fc.constant(true)),
  ports: portDrafts,
  routing: routingDrafts,
  fault: maybe(faultDrafts),
  access: accessDrafts,
  /** The claims of a route, if a gateway in front of the service reads tokens. */
  claims: maybe(claims),
  patience,
  circuitBreaker: maybe(circuitBreakers),
  connections: maybe(connections),
  loadBalancing: maybe(loadBalancings),
  /** A preference for near instances that needs a circuit breaker. */
  nearness: maybe(ejectingLocalities),
  objective: maybe(objectives),
  /** A second Service of its pods. */
  twin: seldom(twinDrafts),
  rateLimit: seldom(rateLimits),
})
type ServiceDraft = typeof serviceDrafts extends fc.Arbitrary<infer Draft> ? Draft : never

/** The parts of a draft that its services may refer to. */
interface Surroundings {
  /** The names in the order of the drafts, with the namespace of each service. */
  readonly services: readonly {
    readonly name: string
    readonly namespace: string
    readonly isBare: boolean
  }[]
  readonly namespaces: readonly string[]
  readonly gateways: NonNullable<MeshFile['gateways']>
  readonly faults: 'allowed' | 'forbidden'
  /** True if the services leave out their namespace. */
  readonly oneNamespace: boolean
  /** Gateways and hosts, with the paths that services already use. */
  readonly taken: Map<string, string[]>
}

/** Makes a service that is valid in its surroundings. */
export function finishService(draft: ServiceDraft, index: number, surroundings: Surroundings): ServiceSpec {
  const { name, namespace, isBare } = pick(surroundings.services, index)
  const machines =
    runsOnMachines(draft) && !(isBare && draft.machines?.length === 0)
      ? finishMachines(draft.machines ?? [], index)
      : undefined
  const workload = defined({
    labels: draft.labels && { [draft.labels]: `${name}-pods`, ...draft.moreLabels },
    serviceAccount: draft.account ? `${name}-account` : undefined,
    sidecar: isBare ? ('off' as const) : undefined,
    machines,
  })
  const identity = defined({
    name: draft.renamed ? `${name}-svc` : undefined,
    namespace: surroundings.oneNamespace ? undefined : namespace,
    owner: draft.owner,
    workload: Object.keys(workload).length > 0 ? workload : undefined,
  })
  return draft.onlyCalls ? identity : { ...identity, ...finishCalled(draft, name, isBare, surroundings) }
}

/** Checks whether virtual machines run a service: some settings need pods. */
const runsOnMachines = ({ machines, routing, isHeadless }: ServiceDraft): boolean =>
  machines !== undefined && routing.versions.length === 0 && isHeadless !== true

/** Adds the fields that only a called service has. */
function finishCalled(
  draft: ServiceDraft,
  name: string,
  isBare: boolean,
  { services, namespaces, gateways, faults, taken }: Surroundings,
): Partial<ServiceSpec> {
  const isHeadless = draft.isHeadless === true && draft.routing.versions.length === 0
  const portsDraft = isHeadless
    ? withoutTargets(draft.ports)
    : runsOnMachines(draft)
      ? withSidecars(draft.ports)
      : draft.ports
  const { fields, ports } = finishPorts(isBare ? withoutExceptions(portsDraft) : portsDraft)
  const http = ports.filter(({ protocol }) => isHttp(protocol))
  const seesRequests = http.length > 0
  const isLimited = !isBare && http.some(({ sidecar }) => sidecar === undefined)
  const onlyGrpc = http.every(({ protocol }) => protocol === 'grpc')
  const fault = seesRequests && faults === 'allowed' ? draft.fault : undefined
  const plainPaths = draft.access.expose.length > 0 || fault?.path === true
  const access: Partial<ServiceSpec> = isBare
    ? openAccess
    : finishAccess(draft.access, {
        name,
        ports,
        rewritesPaths: rewritesPaths(draft.routing),
        comparesPaths: comparesPaths(draft.routing) || fault?.path === true,
        callers: services
          .filter(({ isBare }) => !isBare)
          .map(service => service.name)
          .filter(second => second !== name),
        namespaces,
        gateways,
        taken,
      })
  // Without a circuit breaker and limits, a service may need no rule for its callers.
  const isFree = draft.circuitBreaker === 'none' && draft.connections === undefined
  // A gateway reads the tokens of requests, and not of connections that it passes on.
  const isKnown =
    access.expose?.some(
      ({ gateway, host }) =>
        host !== undefined &&
        gateways[gateway]?.jwt !== undefined &&
        gateways[gateway].passthrough?.includes(host) !== true,
    ) ?? false
  return {
    ...(isHeadless && { headless: true as const }),
    ...fields,
    ...withClaims(
      finishRouting(draft.routing, { seesRequests, onlyGrpc, plainPaths }),
      isKnown ? draft.claims : undefined,
    ),
    ...access,
    ...defined({
      fault: fault && finishFault(fault, name, onlyGrpc),
      circuitBreaker: draft.circuitBreaker,
      connections: isFree ? 'unlimited' : draft.connections,
      loadBalancing: isFree ? undefined : finishBalancing(draft, seesRequests),
    }),
    ...(seesRequests && {
      ...draft.patience,
      ...defined({ objective: draft.objective, rateLimit: isLimited ? draft.rateLimit : undefined }),
    }),
  }
}

/** The access of a service whose pods have no sidecar: nothing denies a call. */
const openAccess = { allow: [{ from: 'anyone', because: 'no sidecar guards it' }] }

/** Adds a condition on claims to the first route that forwards requests by a condition. */
function withClaims(routing: Partial<ServiceSpec>, claims: ClaimsSpec | undefined): Partial<ServiceSpec> {
  const first =
    routing.routes?.findIndex(({ when, redirect }) => when !== undefined && redirect === undefined) ?? -1
  if (claims === undefined || routing.routes == null || first === -1) return routing
  return {
    ...routing,
    routes: routing.routes.map((route, index) =>
      index === first ? { ...route, when: { ...route.when, claims } } : route,
    ),
  }
}
