import type { SpecPath } from '../diagnostics/diagnostic.ts'
import { nameCaller } from '../mesh/caller.ts'
import type { Allow, Cluster, ExternalAllow, Mesh, Namespace, PolicyTarget } from '../mesh/mesh.ts'
import { from, type Sourced } from '../mesh/sourced.ts'
import type { Views } from './view.ts'
import { viewExternal } from './view-external.ts'
import { viewGateway } from './view-gateway.ts'
import { allowFields, viewAllow, viewAuthorizer, viewIssuer, viewRateLimiter } from './view-parts.ts'
import { viewService } from './view-service.ts'
import { viewSettings } from './view-settings.ts'

/** The types of a mesh, and of entities without a view of their own. */
export const entityTypes = {
  Mesh: {
    name: 'string',
    environment: 'string',
    cluster: 'Cluster',
    clusters: 'list<Cluster>',
    manages: 'list<string>',
    mtls: 'string',
    egress: 'string',
    access: 'string',
    sidecarScope: 'string',
    faults: 'string',
    istio: 'Istio',
    observability: 'Observability',
    delivery: 'Delivery',
    defaults: 'Defaults',
    namespaces: 'list<Namespace>',
    issuers: 'list<Issuer>',
    authorizers: 'list<Authorizer>',
    rateLimiters: 'list<RateLimiter>',
    gateways: 'list<Gateway>',
    services: 'list<Service>',
    external: 'list<External>',
    expect: 'list<Expectation>',
    patches: 'list<Patch>',
    raw: 'list<map<string, dyn>>',
  },
  Cluster: {
    name: 'string',
    network: 'string',
    region: 'string',
    zones: 'list<string>',
    destination: 'string',
    revision: 'string',
  },
  Namespace: {
    name: 'string',
    mtls: 'string',
    injection: 'string',
    revision: 'string',
    labels: 'map<string, string>',
  },
  Edge: {
    to: 'string',
    ...allowFields,
    namespace: 'string',
  },
} as const

/** An object that a policy checks. */
export interface Entity {
  /** The words of a message: ``service `api` ``. */
  readonly name: string
  /** The place of its entry in the spec. */
  readonly path: SpecPath
  readonly object: object
  /** True for an edge, which is a part of its destination. */
  readonly isPart?: true
}

type MeshTarget = Exclude<PolicyTarget, 'manifests'>

const viewCluster = ({ make, list }: Views, { origin, zones, ...fields }: Cluster): object =>
  make('Cluster', origin, { ...fields, zones: list(zones) })

/** The mesh as expressions see it, in the words of the spec, with its defaults. Each part is made when it is first read. */
export function makeEntities(mesh: Mesh, views: Views) {
  const { make, record } = views
  const object = make('Mesh', undefined, {
    name: mesh.name,
    environment: mesh.environment,
    cluster: mesh.cluster && viewCluster(views, mesh.cluster),
    clusters: () => mesh.clusters.map(cluster => viewCluster(views, cluster)),
    mtls: mesh.mtls,
    egress: mesh.egress,
    access: mesh.access,
    sidecarScope: mesh.sidecarScope,
    faults: mesh.faults,
    ...viewSettings(views, mesh),
    issuers: () => mesh.issuers.flatMap(({ issuer }) => (issuer ? viewIssuer(views, issuer) : [])),
    authorizers: () => mesh.authorizers.map(authorizer => viewAuthorizer(views, authorizer)),
    rateLimiters: () => mesh.rateLimiters.map(limiter => viewRateLimiter(views, limiter)),
    services: () => listEntities('services').map(({ object }) => object),
    gateways: () => listEntities('gateways').map(({ object }) => object),
    external: () => listEntities('external').map(({ object }) => object),
    namespaces: () => listEntities('namespaces').map(({ object }) => object),
  })
  const made = new Map<MeshTarget, readonly Entity[]>()
  return { object, listEntities }

  function listEntities(target: MeshTarget): readonly Entity[] {
    const entities = made.get(target) ?? makeAll(target)
    made.set(target, entities)
    return entities
  }

  function makeAll(target: MeshTarget): readonly Entity[] {
    switch (target) {
      case 'mesh':
        return [{ name: 'the mesh', path: [], object }]
      case 'services':
        return mesh.services.map(service => ({
          name: `service \`${service.key}\``,
          path: service.origin.path,
          object: viewService(views, service),
        }))
      case 'gateways':
        return mesh.gateways.map(gateway => ({
          name: `gateway \`${gateway.name.value}\``,
          path: gateway.origin.path,
          object: viewGateway(views, gateway),
        }))
      case 'external':
        return mesh.externals.map(external => ({
          name: `external system \`${external.key}\``,
          path: external.origin.path,
          object: viewExternal(views, external),
        }))
      case 'namespaces':
        return mesh.namespaces.map(namespace => ({
          name: `namespace \`${namespace.name.value}\``,
          path: namespace.name.place?.path ?? [],
          object: viewNamespace(namespace),
        }))
      case 'edges':
        return [
          ...mesh.services.flatMap(({ key, origin, namespace, allow }) =>
            allow.map(rule => viewEdge(key, from(origin, key), namespace, rule)),
          ),
          ...mesh.externals.flatMap(({ key, origin, namespace, allow }) =>
            allow.map(rule => viewEdge(`external/${key}`, from(origin, `external/${key}`), namespace, rule)),
          ),
        ]
    }
  }

  function viewNamespace({ name, mtls, injection, revision, labels }: Namespace): object {
    return make('Namespace', name.place, { name, mtls, injection, revision, labels: record(labels) })
  }

  function viewEdge(
    name: string,
    to: Sourced<string>,
    namespace: Sourced<string>,
    rule: Allow | ExternalAllow,
  ): Entity {
    return {
      name: `\`${nameCaller(rule.from)}\` in \`allow\` of \`${name}\``,
      path: rule.origin.path,
      isPart: true,
      object: make('Edge', rule.origin, { to, namespace, ...viewAllow(views, rule) }),
    }
  }
}
