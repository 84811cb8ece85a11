import { listInstalledGateways } from '../../../mesh/installed-gateways.ts'
import type { External, Mesh, Replicas, Route, Service, Share, TrafficPolicy } from '../../../mesh/mesh.ts'
import { isHttp } from '../../../mesh/port.ts'
import { findExternalRouteReasons, findRouteReasons, isRouted, isTimed } from '../../../mesh/routed.ts'
import { because, decided, type Reason, type Sourced } from '../../../mesh/sourced.ts'
import { followsMirrors, followsShares, hasTimes } from './adjustable.ts'
import { argocd, type Group, istio, switchKey } from './groups.ts'

/** A value of the chart that its user may change. */
export interface Setting {
  readonly description: string
  /** The default in the chart; undefined if the spec could set the value but does not. */
  readonly value: Sourced<string | number | boolean> | undefined
  readonly form: Form
}

/** The form of a value: one of some words, or of this form. */
export type Form = 'switch' | 'timeout' | 'share' | 'count' | readonly string[]

/** Values under one key. */
export interface Section {
  /** The comment above it in values.yaml. */
  readonly comment?: string
  /** True if the section is written even without a setting. */
  readonly isWritten?: boolean
  /** The reasons why it is there, and all that is in it. */
  readonly reasons?: readonly Reason[]
  readonly entries: Readonly<Record<string, Setting | Section>>
}

export const isSection = (entry: Setting | Section): entry is Section => 'entries' in entry

/** Tells whether a chart comes with a value, or with one below. */
export const isWritten = (entry: Setting | Section): boolean =>
  isSection(entry)
    ? entry.isWritten === true || Object.values(entry.entries).some(isWritten)
    : entry.value !== undefined

/** A group of templates of a chart, and their kinds. */
interface Templates {
  readonly group: Group
  readonly kinds: readonly TemplatedKind[]
}

/** A kind with a template in a chart, and the reason for its objects. */
interface TemplatedKind {
  readonly kind: string
  readonly reasons: readonly Reason[]
}

/** Lists the settings that the user of a chart may change: the enabled kinds, and settings with the same names as in the spec. */
export function listChartSettings(mesh: Mesh, templates: readonly Templates[]): Section {
  const installs = templates.some(({ group }) => group === argocd)
  const { chart, argocd: applications } = mesh.delivery.outputs
  // Replicas apply to installations by Argo CD; a chart without it has none.
  const reasons = [applications, mesh.delivery.repository].filter(reason => reason !== undefined)
  const controlPlane = { reasons, entries: { replicas: makeReplicasSection('istiod', mesh.istio.replicas) } }
  return {
    reasons: chart === undefined ? [] : [chart],
    entries: {
      ...Object.fromEntries(
        templates.map(template => {
          const isIstio = installs && template.group === istio
          return [
            template.group.key,
            { entries: { ...switches(template), ...(isIstio && { controlPlane }) } },
          ]
        }),
      ),
      ...(installs && { gateways: { reasons, ...gatewaySettings(mesh) } }),
      defaults: {
        comment: `For every service and external system that says nothing else${hasUnrouted(mesh) ? ', and whose requests the spec does not leave to Istio' : ''}.`,
        entries: { timeout: timeout('callers wait, retries included', mesh.defaults.timeout) },
      },
      services: {
        comment:
          'Services, keyed and worded as in the spec: what it could say of their times and traffic, these values can.',
        isWritten: true,
        reasons: mesh.services.filter(isUnroutedService).flatMap(({ policy }) => listTimeReasons(policy)),
        entries: makeSections(mesh.services, ({ key }) => key, serviceEntries, findRouteReasons),
      },
      external: {
        comment:
          'External systems, keyed and worded as in the spec: those can have times whose requests the mesh sees.',
        isWritten: true,
        reasons: mesh.externals.filter(isUnroutedExternal).flatMap(({ policy }) => listTimeReasons(policy)),
        entries: makeSections(mesh.externals, ({ key }) => key, externalEntries, findExternalRouteReasons),
      },
    },
  }
}

/** Tells whether there are requests for which no object has a timeout that values could set. */
const hasUnrouted = ({ services, externals }: Mesh): boolean =>
  services.some(isUnroutedService) || externals.some(isUnroutedExternal)

const isUnroutedService = (service: Service): boolean => service.ports.some(isHttp) && !isRouted(service)

const isUnroutedExternal = (external: External): boolean =>
  isTimed(external) && findExternalRouteReasons(external) === undefined

const listTimeReasons = ({ timeout, retries }: TrafficPolicy): readonly Reason[] => [
  timeout,
  retries.attempts,
]

/** Makes the settings for the number of replicas of the gateways that Argo CD installs. */
const gatewaySettings = (mesh: Mesh): Section => ({
  comment: 'The gateways that Argo CD installs, in the words of the spec. Each can have `replicas`.',
  isWritten: true,
  entries: makeSections(
    listInstalledGateways(mesh),
    ({ name }) => name.value,
    ({ name, installation }) => ({
      replicas: makeReplicasSection(`the gateway \`${name.value}\``, installation.replicas),
    }),
  ),
})

const makeReplicasSection = (owner: string, { min, max }: Replicas): Section => ({
  entries: {
    min: {
      description: `How many replicas ${owner} has at least, if \`argocd.enabled\``,
      value: saidAs(min, 'min'),
      form: 'count',
    },
    max: {
      description: `How many replicas ${owner} has at most, if \`argocd.enabled\``,
      value: saidAs(max, 'max'),
      form: 'count',
    },
  },
})

/** A bound that the spec sets. A bound that only follows from the other does not count. */
const saidAs = (count: Sourced<number>, bound: 'min' | 'max') =>
  count.place?.key === bound ? count : undefined

function switches({ group: { key, reader, isEnabled }, kinds }: Templates): Section['entries'] {
  const entries: Record<string, Setting> = {
    enabled: {
      description: `Whether there is anything for ${reader}`,
      value: because(decided('policy:chart-switch', isEnabled), ...(kinds[0]?.reasons ?? [])),
      form: 'switch',
    },
  }
  for (const { kind, reasons } of kinds)
    entries[switchKey(kind)] = {
      description: `Whether there are objects of the kind ${kind}, if \`${key}.enabled\``,
      value: because(decided('policy:chart-switch', true), ...reasons),
      form: 'switch',
    }
  return entries
}

const makeSections = <Entity>(
  entities: readonly Entity[],
  keyOf: (entity: Entity) => string,
  entriesOf: (entity: Entity) => Section['entries'],
  reasonsOf: (entity: Entity) => readonly Reason[] | undefined = () => undefined,
): Section['entries'] =>
  Object.fromEntries(
    entities.map(entity => [keyOf(entity), { entries: entriesOf(entity), reasons: reasonsOf(entity) ?? [] }]),
  )

const timeout = (who: string, value: Sourced<string> | undefined): Setting => ({
  description: `How long ${who}; \`none\` for ever`,
  value,
  form: 'timeout',
})

const externalEntries = (external: External): Section['entries'] =>
  findExternalRouteReasons(external) !== undefined
    ? {
        timeout: timeout(
          `callers of \`${external.key}\` wait`,
          findSetValue(external.policy.timeout, 'timeout'),
        ),
      }
    : {}

function serviceEntries(service: Service): Section['entries'] {
  const { key, ports, policy } = service
  const routes = service.routes.filter(({ redirect }) => redirect === undefined)
  const entries: Record<string, Setting | Section> = {}
  if (ports.length === 0) return entries
  if (hasTimes(service))
    entries['timeout'] = timeout(`callers of \`${key}\` wait`, findSetValue(policy.timeout, 'timeout'))
  if (followsShares(service)) {
    const inherited = routes.map(({ shares }) => shares).find(shares => findField(shares) !== 'routes')
    if (inherited !== undefined) {
      const isActive = findField(inherited) === 'active'
      const [share] = inherited
      entries['traffic'] = shares(service, isActive ? [] : inherited, `of \`${key}\` that`, 'gets')
      entries['active'] = {
        description: `The version of \`${key}\` that gets everything`,
        value:
          isActive && share?.version !== undefined ? because(share.version.name, share.weight) : undefined,
        form: service.versions.map(({ name }) => name.value),
      }
    }
    if (followsMirrors(service)) entries['mirror'] = mirror(service, ownMirror(service), `of \`${key}\``)
  }
  const ownRoutes = routes.filter(({ origin }) => origin !== undefined)
  const named = ownRoutes.map(route => {
    const section = { reasons: [route.name], entries: routeEntries(service, route) }
    return [route.name.value, section] as const
  })
  if (named.length > 0) entries['routes'] = { entries: Object.fromEntries(named) }
  return entries
}

function routeEntries(service: Service, route: Route): Section['entries'] {
  const owner = `the route \`${route.name.value}\` of \`${service.key}\``
  const entries: Record<string, Setting | Section> = {}
  if (hasTimes(service))
    entries['timeout'] = timeout(`a request on ${owner} may take`, findSetValue(route.timeout, 'routes'))
  if (!followsShares(service)) return entries
  const ownShares = findField(route.shares) === 'routes' ? route.shares : []
  entries['traffic'] = shares(service, ownShares, `of ${owner} that`, 'gets')
  if (!followsMirrors(service)) return entries
  const isOwn = findField(route.mirror) === 'routes'
  const copies = mirror(service, isOwn ? route.mirror : [], `of ${owner}`)
  // A route without a mirror in a service with one must have disabled it explicitly.
  const isNone = route.mirror.length === 0 && ownMirror(service).length > 0
  entries['mirror'] = isNone ? { ...copies, isWritten: true } : copies
  return entries
}

const ownMirror = ({ routes }: Service) =>
  routes.map(({ mirror }) => mirror).find(copies => findField(copies) === 'mirror') ?? []

const mirror = (service: Service, copies: readonly Share[], owner: string) =>
  shares(service, copies, `${owner} that`, 'gets a copy of')

function shares(service: Service, statedShares: readonly Share[], owner: string, verb: string): Section {
  const weights = new Map(statedShares.map(({ version, weight }) => [version, weight]))
  return {
    entries: Object.fromEntries(
      service.versions.map(version => {
        const weight = weights.get(version)
        const share: Setting = {
          description: `The share ${owner} \`${version.name.value}\` ${verb}`,
          value: weight?.map(percent => `${percent}%`),
          form: 'share',
        }
        return [version.name.value, share]
      }),
    ),
  }
}

/** The value, if this field of a service or external system sets it. */
const findSetValue = (value: Sourced<string>, field: string) =>
  value.place?.path[2] === field ? value : undefined

const findField = ([share]: readonly Share[]) => share?.origin?.path[2]
