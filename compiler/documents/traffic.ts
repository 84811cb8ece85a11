import { createTwoFilesPatch, FILE_HEADERS_ONLY } from 'diff'
import { compare } from '../diagnostics/compare.ts'
import type { TextFile } from '../emit/manifest.ts'
import { printYaml } from '../emit/yaml.ts'
import type { Mesh, Service } from '../mesh/mesh.ts'
import type { Environment } from './environment.ts'
import { code, joinParts } from './markdown.ts'
import { printSelector } from './selector.ts'
import { describeTraffic } from './shares.ts'
import {
  applyTrafficEdit,
  findCanary,
  findSplit,
  giveShares,
  planFirstCanary,
  type ServiceSpec,
  type Split,
  seesRequests,
  switchOver,
  type TrafficEdit,
  tryHeader,
  tryOut,
} from './traffic-edit.ts'

/** The view of the traffic examples of an environment. */
export type TrafficView = ReturnType<typeof makeTrafficView>

/** A mesh in which the spec of a service is this; undefined where such a spec is wrong. */
type Revise = (
  mesh: Mesh,
  service: Service,
  spec: ServiceSpec,
) => { readonly mesh: Mesh; readonly service: Service } | undefined

/** The texts of the files with the routes of a service. */
type PrintRoutes = (mesh: Mesh, service: Service) => readonly TextFile[]

/** The tools that make examples: the code that resolves, emits and prints the mesh itself. */
export interface Workshop {
  readonly revise: Revise
  readonly printRoutes: PrintRoutes
}

/** An edit of the spec, and its effect on the manifests. */
interface TrafficExample {
  /** The edit as a layer on top of the spec. */
  readonly yaml: string
  /** The unified diff of the manifests of routes that the edit changes. */
  readonly diff: string
}

export function makeTrafficView(
  environment: Environment,
  specs: Readonly<Record<string, ServiceSpec>>,
  workshop: Workshop,
) {
  const { mesh } = environment
  return {
    ...environment,
    versioned: mesh.services.filter(({ versions }) => versions.length > 0).map(versionsRow),
    tryHeader,
    story: findStory(environment, specs, workshop),
  }
}

function versionsRow({ key, versions, routes }: Service) {
  return {
    key,
    versions: joinParts(
      versions.map(({ name, labels }) =>
        joinParts(
          [name.value, ': ', code(labels.map(([label, value]) => `${label}: ${value.value}`).join(', '))],
          '',
        ),
      ),
    ),
    routes: describeTraffic(routes),
  }
}

/** A service of the mesh whose traffic is moved, step by step. */
function findStory(
  environment: Environment,
  specs: Readonly<Record<string, ServiceSpec>>,
  workshop: Workshop,
) {
  for (const service of candidates(environment.mesh)) {
    const spec = specs[service.key]
    const story = spec === undefined ? undefined : makeServiceTraffic(environment, service, spec, workshop)
    if (story !== undefined) return story
  }
  return undefined
}

/** Services that are called, those with several versions and then those that speak HTTP first. */
function candidates({ services }: Mesh): readonly Service[] {
  const called = services.filter(({ ports }) => ports.length > 0)
  const rank = (service: Service) => (service.versions.length > 1 ? 0 : 2) + (seesRequests(service) ? 0 : 1)
  return called.toSorted((a, b) => rank(a) - rank(b))
}

function makeServiceTraffic(
  environment: Environment,
  service: Service,
  spec: ServiceSpec,
  workshop: Workshop,
) {
  const split = findSplit(service, spec)
  if (split === undefined) return undefined
  const { mesh } = environment
  const state = { mesh, service, spec, split, files: workshop.printRoutes(mesh, service) }
  if (split.shares.size > 1) return chapters(environment, state, undefined, workshop)
  const edit = planFirstCanary(service, spec, split)
  const began = edit === undefined ? undefined : after(state, edit, workshop)
  if (edit === undefined || began === undefined) return undefined
  return chapters(environment, began, makeTrafficExample(environment, state, edit, began), workshop)
}

/** A service at one point of the story. */
interface State {
  readonly mesh: Mesh
  readonly service: Service
  readonly spec: ServiceSpec
  readonly split: Split
  /** The files with its routes. */
  readonly files: readonly TextFile[]
}

function after({ mesh, service, spec }: State, edit: TrafficEdit, workshop: Workshop): State | undefined {
  const next = applyTrafficEdit(spec, edit)
  const revision = workshop.revise(mesh, service, next)
  const split = revision === undefined ? undefined : findSplit(revision.service, next)
  if (revision === undefined || split === undefined) return undefined
  return { ...revision, spec: next, split, files: workshop.printRoutes(revision.mesh, revision.service) }
}

function chapters(
  environment: Environment,
  state: State,
  start: TrafficExample | undefined,
  workshop: Workshop,
) {
  const { service, spec, split } = state
  const canary = findCanary(split)
  if (canary === undefined) return undefined
  const show = (edit: TrafficEdit): TrafficExample | undefined => {
    const next = after(state, edit, workshop)
    const shown = next === undefined ? undefined : makeTrafficExample(environment, state, edit, next)
    // An edit without an effect on the spec is not an example.
    return shown?.diff === '' ? undefined : shown
  }
  const version = service.versions.find(({ name }) => name.value === canary.version)
  return {
    service,
    canary,
    selector: printSelector(service.selector),
    canarySelector: printSelector(service.selector, version?.labels ?? []),
    /** The edit that adds the first canary of a service without one. */
    start,
    step: canary.now < 100 ? show(giveShares(split, spec, canary.step)) : undefined,
    finished: show(giveShares(split, spec, canary.finished)),
    rolledBack: canary.now > 0 ? show(giveShares(split, spec, canary.rolledBack)) : undefined,
    switched: show(switchOver(split, spec, canary.version)),
    tried: seesRequests(service) ? show(tryOut(spec, canary.version)) : undefined,
  }
}

/** An edit with the diff it makes. */
function makeTrafficExample(
  { output }: Environment,
  before: State,
  edit: TrafficEdit,
  next: State,
): TrafficExample {
  const patches = next.files.map(({ path, text }, index) =>
    createTwoFilesPatch(
      `a/${output}/${path}`,
      `b/${output}/${path}`,
      before.files[index]!.text,
      text,
      undefined,
      undefined,
      { context: 3, headerOptions: FILE_HEADERS_ONLY },
    ),
  )
  return {
    yaml: printYaml({ services: { [before.service.key]: orderKeys(edit) } }),
    diff: patches.filter(patch => patch.includes('\n@@ ')).join(''),
  }
}

/** Maps with their keys in one order, whatever the spec's: a name and its condition, then the alphabet. */
function orderKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(orderKeys)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).map(([key, entry]) => [key, orderKeys(entry)] as const)
  const rank = (key: string) => (leading.includes(key) ? leading.indexOf(key) : leading.length)
  return Object.fromEntries(entries.sort(([a], [b]) => rank(a) - rank(b) || compare(a, b)))
}

const leading = ['versions', 'name', 'when']
