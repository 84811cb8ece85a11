import { createTwoFilesPatch, FILE_HEADERS_ONLY } from 'diff'
import { routeFiles } from '../emit/emit.ts'
import { printer } from '../emit/print.ts'
import { printYaml } from '../emit/yaml.ts'
import type { Mesh, Service } from '../mesh/mesh.ts'
import type { Environment } from './environment.ts'
import { code, joined } from './markdown.ts'
import { selectorOf } from './selector.ts'
import { trafficOf } from './shares.ts'
import {
  canaryOf,
  edited,
  firstCanary,
  type ServiceSpec,
  type Split,
  seesRequests,
  share,
  splitOf,
  switchOver,
  type TrafficEdit,
  tryHeader,
  tryOut,
} from './traffic-edit.ts'

/** What the traffic examples of an environment show. */
export type TrafficView = ReturnType<typeof trafficView>

/** A mesh in which the spec of a service is this; undefined where such a spec is wrong. */
export type Revise = (
  mesh: Mesh,
  service: Service,
  spec: ServiceSpec,
) => { readonly mesh: Mesh; readonly service: Service } | undefined

/** An edit of the spec, and what it makes of the manifests. */
export interface TrafficExample {
  /** The edit as a layer on top of the spec. */
  readonly yaml: string
  /** The unified diff of every manifest that the edit changes. */
  readonly diff: string
}

export function trafficView(
  environment: Environment,
  specs: Readonly<Record<string, ServiceSpec>>,
  revise: Revise,
) {
  const { mesh } = environment
  return {
    ...environment,
    versioned: mesh.services.filter(({ versions }) => versions.length > 0).map(versionsRow),
    tryHeader,
    story: storyOf(environment, specs, revise),
  }
}

function versionsRow({ key, versions, routes }: Service) {
  return {
    key,
    versions: joined(
      versions.map(({ name, labels }) =>
        joined(
          [name.value, ': ', code(labels.map(([label, value]) => `${label}: ${value.value}`).join(', '))],
          '',
        ),
      ),
    ),
    routes: trafficOf(routes),
  }
}

/** A service of the mesh whose traffic is moved, step by step. */
function storyOf(environment: Environment, specs: Readonly<Record<string, ServiceSpec>>, revise: Revise) {
  for (const service of candidates(environment.mesh)) {
    const spec = specs[service.key]
    const story = spec === undefined ? undefined : tell(environment, service, spec, revise)
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

function tell(environment: Environment, service: Service, spec: ServiceSpec, revise: Revise) {
  const split = splitOf(service, spec)
  if (split === undefined) return undefined
  const state = { mesh: environment.mesh, service, spec, split }
  if (split.shares.size > 1) return chapters(environment, state, undefined, revise)
  const edit = firstCanary(service, spec, split)
  const began = edit === undefined ? undefined : after(state, edit, revise)
  if (edit === undefined || began === undefined) return undefined
  return chapters(environment, began, example(environment, state, edit, began), revise)
}

/** A service at one point of the story. */
interface State {
  readonly mesh: Mesh
  readonly service: Service
  readonly spec: ServiceSpec
  readonly split: Split
}

function after({ mesh, service, spec }: State, edit: TrafficEdit, revise: Revise): State | undefined {
  const next = edited(spec, edit)
  const revision = revise(mesh, service, next)
  const split = revision === undefined ? undefined : splitOf(revision.service, next)
  return revision === undefined || split === undefined ? undefined : { ...revision, spec: next, split }
}

function chapters(environment: Environment, state: State, start: TrafficExample | undefined, revise: Revise) {
  const { service, spec, split } = state
  const canary = canaryOf(split)
  if (canary === undefined) return undefined
  const show = (edit: TrafficEdit): TrafficExample | undefined => {
    const next = after(state, edit, revise)
    return next === undefined ? undefined : example(environment, state, edit, next)
  }
  const version = service.versions.find(({ name }) => name.value === canary.version)
  return {
    service,
    canary,
    selector: selectorOf(service.selector),
    canarySelector: selectorOf(service.selector, version?.labels ?? []),
    /** How the service gets its first canary, where it has none yet. */
    start,
    step: canary.now < 100 ? show(share(split, spec, canary.step)) : undefined,
    finished: show(share(split, spec, canary.finished)),
    rolledBack: canary.now > 0 ? show(share(split, spec, canary.rolledBack)) : undefined,
    switched: show(switchOver(split, spec, canary.version)),
    tried: seesRequests(service) ? show(tryOut(spec, canary.version)) : undefined,
  }
}

/** An edit with the diff it makes: both sides are printed by the code that prints the manifests. */
function example(
  { entry, output }: Environment,
  before: State,
  edit: TrafficEdit,
  next: State,
): TrafficExample {
  const old = [...routeFiles(before.mesh, before.service)]
  const patches = [...routeFiles(next.mesh, next.service)].map((file, index) => {
    const texts = [old[index]!, file].map(one => printer(entry)(one).text)
    return createTwoFilesPatch(
      `a/${output}/${file.path}`,
      `b/${output}/${file.path}`,
      texts[0]!,
      texts[1]!,
      undefined,
      undefined,
      { context: 3, headerOptions: FILE_HEADERS_ONLY },
    )
  })
  return {
    yaml: printYaml({ services: { [before.service.key]: edit } }),
    diff: patches.filter(patch => patch.includes('\n@@ ')).join(''),
  }
}
