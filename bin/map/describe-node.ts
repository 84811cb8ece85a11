import { memo } from '../../compiler/basics/memo.ts'
import { once } from '../../compiler/basics/once.ts'
import type { Limits } from '../../compiler/behavior/budget.ts'
import { findRouteStates, findRuleStates, makeMtlsMatrix } from '../../compiler/behavior/index.ts'
import { isSubset } from '../../compiler/behavior/is-subset.ts'
import type { MtlsRow } from '../../compiler/behavior/lint/mtls-matrix.ts'
import type {
  AuthorizationPolicy,
  BehaviorModel,
  Service,
  VirtualService,
  Workload,
} from '../../compiler/behavior/model.ts'
import type { At } from '../../compiler/behavior/result.ts'
import type {
  NamedValue,
  NodeDetails,
  PortDetails,
  RouteDetails,
  RuleDetails,
} from '../../compiler/map/answers.ts'
import type { MapNode } from '../../compiler/map/mesh-map.ts'
import type { PageMesh } from '../../compiler/map/page-data.ts'
import type { Place } from '../../compiler/provenance/place-reasons.ts'
import {
  type LintFinding,
  listRouteFindings,
  listRuleFindings,
  namePolicyRule,
  nameRoute,
} from '../behavior/lint-findings.ts'
import { cellWords, noteWords } from '../behavior/lint-text.ts'
import type { MeshAtHand } from '../behavior/mesh.ts'
import { listRouteDetails } from './describe-route.ts'
import { describeRule } from './describe-rule.ts'

/** Describes nodes of a map. */
interface NodeDescriber {
  /** Does the work that all descriptions share. */
  readonly warm: () => void
  /** Describes a node by its number. */
  readonly describeNode: (number: number) => NodeDetails
}

export function makeNodeDescriber({ map, facts }: PageMesh, mesh: MeshAtHand, limits: Limits): NodeDescriber {
  const { model } = mesh
  const matrix = once(() => makeMtlsMatrix(model))
  const routeStates = once(() => findRouteStates(model, limits))
  const ruleStates = once(() => findRuleStates(model, limits))
  const routesOf = memo((virtualService: VirtualService) => routeStates()(virtualService))
  const rulesOf = memo((policy: AuthorizationPolicy) => ruleStates()(policy))
  const placesOf = (at: readonly At[]) => at.map(mesh.placeOf).filter(place => place !== undefined)
  const describeNode = (number: number): NodeDetails => {
    const node = map.nodes[number]!
    const workloads = findWorkloads(model, node)
    return {
      facts: [...(facts[node.id] ?? []), ...listNodeFacts(workloads, placesOf)],
      ports: findServices(model, node).flatMap(service => listPortFacts(service, matrix(), placesOf)),
      routes: findVirtualServices(model, node).flatMap(virtualService =>
        routesOf(virtualService).map((state): RouteDetails => {
          const [finding] = listRouteFindings(state)
          return { name: nameRoute(state), ...listRouteDetails(state, placesOf), ...stateOf(finding) }
        }),
      ),
      rules: findPolicies(model, workloads).flatMap(policy =>
        rulesOf(policy).map((state): RuleDetails => {
          const [finding] = listRuleFindings(state)
          const at = { object: policy, path: ['spec', 'rules', state.index] }
          return {
            name: namePolicyRule(state),
            says: describeRule(policy.rules[state.index]!),
            places: placesOf([at]),
            ...stateOf(finding),
          }
        }),
      ),
    }
  }
  return {
    warm: () => {
      for (const make of [matrix, routeStates, ruleStates]) make()
    },
    describeNode,
  }
}

function stateOf(finding: LintFinding | undefined): Pick<RouteDetails, 'state' | 'note'> {
  if (finding === undefined) return { state: 'live' }
  const note = noteWords(finding)
  return { state: finding.state, ...(note !== '' && { note }) }
}

function findWorkloads({ workloads }: BehaviorModel, { versions }: MapNode): readonly Workload[] {
  const names = new Set(versions.map(({ workload }) => workload))
  return workloads.filter(({ namespace, name }) => names.has(`${namespace}/${name}`))
}

const findServices = ({ services }: BehaviorModel, { hosts }: MapNode): readonly Service[] =>
  services.filter(({ host }) => hosts.includes(host))

/** Finds the VirtualServices that route the hosts of a node, then those of gateways that send to them. */
function findVirtualServices(
  { virtualServices }: BehaviorModel,
  { hosts }: MapNode,
): readonly VirtualService[] {
  const isOwn = (virtualService: VirtualService) => virtualService.hosts.some(host => hosts.includes(host))
  const isSending = ({ http, tls, tcp }: VirtualService) =>
    [...http, ...tls, ...tcp].some(({ destinations }) =>
      destinations.some(({ host }) => hosts.includes(host)),
    )
  return [
    ...virtualServices.filter(isOwn),
    ...virtualServices.filter(virtualService => !isOwn(virtualService) && isSending(virtualService)),
  ]
}

const findPolicies = (
  { authorizationPolicies, settings }: BehaviorModel,
  workloads: readonly Workload[],
): readonly AuthorizationPolicy[] =>
  authorizationPolicies.filter(({ namespace, selector }) =>
    workloads.some(
      workload =>
        (namespace === workload.namespace || namespace === settings.rootNamespace) &&
        isSubset(selector, workload.labels),
    ),
  )

const listNodeFacts = (
  workloads: readonly Workload[],
  placesOf: (at: readonly At[]) => readonly Place[],
): readonly NamedValue[] =>
  workloads.map(workload => ({
    name: `${workload.namespace}/${workload.name}`,
    value: `service account ${workload.serviceAccount}, ${proxies[workload.proxy]}`,
    places: placesOf([{ object: workload, path: [] }]),
  }))

const proxies = {
  sidecar: 'with a sidecar',
  gateway: 'proxy of a gateway',
  none: 'without a sidecar',
} as const

/** Lists the ports of a Service, each with the protocol of its callers and the setting that decides it. */
const listPortFacts = (
  service: Service,
  matrix: readonly MtlsRow[],
  placesOf: (at: readonly At[]) => readonly Place[],
): readonly PortDetails[] =>
  service.ports.map(({ number, protocol }, index) => ({
    host: service.host,
    port: number,
    protocol,
    places: placesOf([{ object: service, path: ['spec', 'ports', index] }]),
    encryption: matrix
      .filter(row => row.host === service.host && row.port === number)
      .map(({ workload, subset, mode, at, cells }) => ({
        name: `${workload}${subset === undefined ? '' : ` ${subset}`}, ${mode === 'none' ? 'no proxy' : mode}`,
        value: cells.map(cellWords).join('; '),
        places: placesOf([...at, ...cells.flatMap(cell => cell.at)]),
      })),
  }))
