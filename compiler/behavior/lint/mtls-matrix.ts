import { memo } from '../../basics/memo.ts'
import { isBare } from '../is-bare.ts'
import type {
  BehaviorModel,
  Labels,
  MtlsMode,
  Service,
  ServicePort,
  TrafficPolicy,
  Workload,
} from '../model.ts'
import { getQualifiedName } from '../qualified-name.ts'
import type { At } from '../result.ts'
import { type ClientRules, findClientRules } from '../symbolic/client-rules.ts'
import {
  type Client,
  deliver,
  getIdentity,
  isHttpAt,
  resolvePodPort,
  type Sent,
} from '../symbolic/delivery.ts'
import { findServerMode } from '../symbolic/encryption.ts'
import { enterGateway } from '../symbolic/gateway-entry.ts'
import { isHostWithin } from '../symbolic/host-names.ts'
import { hasLabels, type IndexedModel, indexModel } from '../symbolic/indexed-model.ts'
import { findGatewayScope } from '../symbolic/scope.ts'

/** The encryption that all possible callers use to a workload at a port of a Service. */
export interface MtlsRow {
  readonly host: string
  readonly port: number
  /** A subset whose own policy sets the TLS mode of its clients. */
  readonly subset?: string
  /** `namespace/name`. */
  readonly workload: string
  /** The mode that the workload requires; `none`: it has no sidecar. */
  readonly mode: Exclude<MtlsMode, 'UNSET'> | 'none'
  /** The places that set the mode; empty: no place does. */
  readonly at: readonly At[]
  readonly cells: readonly MtlsCell[]
}

/** The encryption that some callers use to it. */
export interface MtlsCell {
  readonly who: 'sidecar' | 'gateway' | 'no sidecar'
  /** The namespaces of these callers; empty: all. */
  readonly namespaces: readonly string[]
  readonly transport: 'mtls' | 'tls' | 'plaintext' | 'refused' | 'unknown'
  /** The DestinationRule that makes them speak so; empty: they speak as the workload can. */
  readonly at: readonly At[]
}

/** Makes the matrix of the callers and workloads that use mutual TLS, plaintext, or no connection at all. */
export function makeMtlsMatrix(model: BehaviorModel): readonly MtlsRow[] {
  const indexed = indexModel({ ...model, authorizationPolicies: [], requestAuthentications: [] })
  const clients = listClients(indexed)
  return model.services
    .filter(({ registry, externalName }) => registry === 'Kubernetes' && externalName === undefined)
    .flatMap(service => {
      const alike = groupAlike(indexed, clients, service)
      const findServers = makeServerFinder(indexed, service)
      const pods = indexed.podsOf(service).filter(pod => pod.proxy !== 'gateway')
      return service.ports
        .filter(({ protocol }) => protocol !== 'UDP')
        .flatMap(port => pods.flatMap(pod => listRows(indexed, alike, service, port, pod, findServers)))
    })
}

interface Speaker {
  readonly who: 'sidecar' | 'gateway'
  readonly client: Client
}

/**
 * Lists one client for each namespace and kind, and for each set of labels that a DestinationRule asks of its
 * clients.
 */
function listClients(indexed: IndexedModel): readonly Speaker[] {
  const { model } = indexed
  const selectors = model.destinationRules.flatMap(({ namespace, workloadSelector }) =>
    workloadSelector === undefined ? [] : [{ namespace, labels: workloadSelector }],
  )
  const speakers = new Map<string, Speaker>()
  for (const workload of model.workloads) {
    if (workload.proxy === 'none' || workload.assumed !== undefined) continue
    const labels: Labels = Object.assign(
      {},
      ...selectors
        .filter(
          ({ namespace, labels }) => namespace === workload.namespace && hasLabels(workload.labels, labels),
        )
        .map(({ labels }) => labels),
    )
    const who = workload.proxy === 'gateway' ? 'gateway' : 'sidecar'
    const key = `${who} ${workload.namespace} ${JSON.stringify(labels)}`
    if (!speakers.has(key)) speakers.set(key, { who, client: getClient(indexed, workload, labels) })
  }
  return [...speakers.values()]
}

/** A group of callers that know the same service and go by the same rules: they speak alike. */
interface Alike extends Speaker {
  readonly rules: ClientRules | undefined
  readonly namespaces: readonly string[]
}

function groupAlike(indexed: IndexedModel, clients: readonly Speaker[], service: Service): readonly Alike[] {
  const groups = new Map<string, Alike & { readonly namespaces: string[] }>()
  const near = listNamespacesNear(indexed, service)
  const far = new Map<Speaker['who'], string[]>()
  for (const { who, client } of clients) {
    const isFar = !near.has(client.namespace)
    const alikeFar = isFar ? far.get(who) : undefined
    if (alikeFar !== undefined) {
      alikeFar.push(client.namespace)
      continue
    }
    const rules = findClientRules(indexed, client, service)
    const seen = client.scope.clusterService(service.host)
    const ports = seen && `${getQualifiedName(seen)} ${seen.ports.map(({ number }) => number)}`
    const key = `${who} | ${ports} | ${rules?.isForWorkload} ${rules?.rules.map(getQualifiedName)}`
    const group = groups.get(key)
    const namespaces = group?.namespaces ?? []
    namespaces.push(client.namespace)
    if (group === undefined) groups.set(key, { who, client, rules, namespaces })
    if (isFar) far.set(who, namespaces)
  }
  return [...groups.values()]
}

/** The namespaces that some object for a host names. All other namespaces see the host alike. */
function listNamespacesNear(indexed: IndexedModel, { host }: Service): ReadonlySet<string> {
  const about = [
    ...(indexed.servicesByHost.get(host) ?? []),
    ...indexed.wildcardServices.filter(service => isHostWithin(host, service.host)),
    ...(indexed.destinationRulesByHost.get(host) ?? []),
    ...indexed.wildcardDestinationRules.filter(rule => isHostWithin(host, rule.host)),
  ]
  return new Set([
    indexed.model.settings.rootNamespace,
    ...about.flatMap(({ namespace, exportTo }) => [namespace, ...exportTo]),
  ])
}

const getClient = (indexed: IndexedModel, workload: Workload, labels: Labels): Client => ({
  namespace: workload.namespace,
  labels,
  identity: getIdentity(indexed, workload),
  address: undefined,
  scope: findGatewayScope(indexed, workload.namespace),
  isGateway: workload.proxy === 'gateway',
  enterGateway,
})

function listRows(
  indexed: IndexedModel,
  clients: readonly Alike[],
  service: Service,
  port: ServicePort,
  pod: Workload,
  findServers: ServerFinder,
): readonly MtlsRow[] {
  const number = resolvePodPort(port, pod)
  const { mode, at } = isBare(pod, number)
    ? { mode: 'none' as const, at: [] }
    : findServerMode(indexed, pod, number)
  const subsets = new Set([
    '',
    ...[...(indexed.destinationRulesByHost.get(service.host) ?? []), ...indexed.wildcardDestinationRules]
      .filter(({ host }) => isHostWithin(service.host, host))
      .flatMap(({ subsets }) =>
        subsets
          .filter(({ labels, trafficPolicy }) => hasTlsMode(trafficPolicy) && hasLabels(pod.labels, labels))
          .map(({ name }) => name),
      ),
  ])
  return [...subsets].map(subset => ({
    host: service.host,
    port: port.number,
    ...(subset === '' ? {} : { subset }),
    workload: getQualifiedName(pod),
    mode,
    at,
    cells: [
      ...listCells(indexed, clients, port, subset, pod, findServers),
      {
        who: 'no sidecar' as const,
        namespaces: [],
        transport: mode === 'STRICT' ? ('refused' as const) : ('plaintext' as const),
        at: [],
      },
    ],
  }))
}

type ServerFinder = (
  client: Client,
  port: number,
  subset: string,
  protocol: 'http' | 'tcp',
) => ReturnType<typeof deliver>['servers']

/** Finds the servers that a client reaches at a service. All pods of the service are found at once. */
function makeServerFinder(indexed: IndexedModel, service: Service): ServerFinder {
  const { host } = service
  const serversOf = memo((_: Client) => new Map<string, ReturnType<ServerFinder>>())
  return (client, port, subset, protocol) => {
    const key = `${port} ${protocol} ${subset}`
    const existing = serversOf(client).get(key)
    if (existing !== undefined) return existing
    const sent: Sent = {
      protocol,
      authority: host,
      path: { kind: 'sent' },
      headers: new Map(),
      hasToken: false,
      remoteAddress: undefined,
    }
    const { servers } = deliver(indexed, client, { host, port, subset }, sent)
    serversOf(client).set(key, servers)
    return servers
  }
}

function listCells(
  indexed: IndexedModel,
  clients: readonly Alike[],
  port: ServicePort,
  subset: string,
  pod: Workload,
  findServers: ServerFinder,
): readonly MtlsCell[] {
  const cells = new Map<string, { cell: MtlsCell; namespaces: Set<string> }>()
  const protocol = isHttpAt(indexed, pod, resolvePodPort(port, pod)) ? 'http' : 'tcp'
  for (const { who, client, rules, namespaces } of clients) {
    const server = findServers(client, port.number, subset, protocol).find(
      ({ outcome }) => outcome.workload === getQualifiedName(pod) || outcome.workload === undefined,
    )
    if (server === undefined) continue
    const { answer, outcome } = server
    const transport =
      answer.kind !== 'leaf' || 'unknown' in answer.leaf
        ? 'unknown'
        : answer.leaf.verdict === 'ALLOW'
          ? (outcome.transport ?? 'unknown')
          : 'refused'
    // A caller does not speak to a workload that it does not see.
    if (outcome.workload === undefined && transport === 'refused') continue
    const hasTls = hasTlsMode(rules?.trafficPolicy)
    const at =
      rules !== undefined && (hasTls || subset !== '') ? [{ object: rules.object, path: ['spec'] }] : []
    const key = `${who} ${transport} ${at.map(({ object }) => getQualifiedName(object)).join()}`
    const knownCell = cells.get(key)
    if (knownCell === undefined)
      cells.set(key, {
        cell: { who, namespaces: [], transport: transport === 'failed' ? 'refused' : transport, at },
        namespaces: new Set(namespaces),
      })
    else for (const namespace of namespaces) knownCell.namespaces.add(namespace)
  }
  return [...cells.values()].map(({ cell, namespaces }) => {
    const isAlone = [...cells.values()].filter(cellEntry => cellEntry.cell.who === cell.who).length === 1
    return isAlone ? cell : { ...cell, namespaces: [...namespaces].sort() }
  })
}

const hasTlsMode = (policy: TrafficPolicy | undefined): boolean =>
  policy !== undefined && (policy.tls !== undefined || policy.portLevel.some(({ tls }) => tls !== undefined))
