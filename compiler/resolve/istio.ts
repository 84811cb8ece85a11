import type { MeshSpec } from '../../schema/spec/mesh.ts'
import { findControlPlane, followRevision } from '../mesh/control-planes.ts'
import { controlPlaneReplicas, controlPlaneResources, proxyResources } from '../mesh/default-sizes.ts'
import type { ControlPlane, Istio, ManagedPart, PassedTree } from '../mesh/mesh.ts'
import { because, decided, from, type Sourced, SpecNode } from '../mesh/sourced.ts'
import { placeAt, placeAtKey } from '../mesh/spec-place.ts'
import { missingRevision, unknownRevision } from './diagnostics.ts'
import { listSourcedEntries, type Report, readField, readFieldOr, sortKeys } from './fields.ts'
import { resolveReplicas, resolveResources } from './range.ts'

/** The control plane and the proxies. */
export function resolveIstio(spec: MeshSpec['istio'], managed: ManagedPart, report: Report): Istio {
  const node = new SpecNode(undefined, 'istio')
  const controlPlane = node.at('controlPlane')
  const proxy = node.at('proxy')
  const version = readFieldOr(spec, node, 'version', 'default:istio-version', '1.31.4')
  const revision = readField(spec, node, 'revision')
  const controlPlanes = resolveControlPlanes(spec?.revisions, node.at('revisions'), { version, revision })
  const isOfMany = controlPlanes[0]?.origin !== undefined
  if (isOfMany && revision === undefined)
    report(
      missingRevision(placeAtKey(node.at('revisions')), {
        revisions: controlPlanes.flatMap(({ revision }) => revision?.value ?? []),
      }),
    )
  if (isOfMany && revision !== undefined) checkRevision({ controlPlanes }, revision, report)
  const istio = {
    install:
      readField(spec, node, 'install') ??
      (managed.kind === 'mesh'
        ? decided('default:install', 'charts')
        : because('none', managed.names[0]!, 'default:install')),
    version,
    sharedVersion: version,
    revision,
    controlPlanes,
    charts: readFieldOr(
      spec,
      node,
      'charts',
      'default:istio-charts',
      'https://istio-release.storage.googleapis.com/charts',
    ),
    hub: readField(spec, node, 'hub'),
    pullSecrets: listSourcedEntries(spec?.pullSecrets, node, 'pullSecrets'),
    cni: readFieldOr(spec, node, 'cni', 'default:cni', 'off'),
    meshConfig: makePassedTree(spec?.meshConfig, node.at('meshConfig')),
    values: makePassedTree(spec?.values, node.at('values')),
    namespace: readFieldOr(spec, node, 'namespace', 'default:root-namespace', 'istio-system'),
    trustDomain: readFieldOr(spec, node, 'trustDomain', 'default:trust-domain', 'cluster.local'),
    replicas: resolveReplicas(
      spec?.controlPlane?.replicas,
      controlPlane.at('replicas'),
      'default:control-plane-replicas',
      controlPlaneReplicas,
    ),
    resources: resolveResources(
      spec?.controlPlane?.resources,
      controlPlane.at('resources'),
      'default:control-plane-resources',
      controlPlaneResources,
    ),
    proxy: {
      resources: resolveResources(
        spec?.proxy?.resources,
        proxy.at('resources'),
        'default:proxy-resources',
        proxyResources,
      ),
      drain: readFieldOr(spec?.proxy, proxy, 'drain', 'default:proxy-drain', '30s'),
      holdApplication: readFieldOr(spec?.proxy, proxy, 'holdApplication', 'default:hold-application', 'on'),
      native: readField(spec?.proxy, proxy, 'native'),
      image: readField(spec?.proxy, proxy, 'image'),
      concurrency: readField(spec?.proxy, proxy, 'concurrency'),
    },
  } satisfies Istio
  return isOfMany ? { ...istio, version: followRevision(istio, revision)?.version ?? version } : istio
}

/** The control planes of `revisions`, or the only one. */
function resolveControlPlanes(
  spec: NonNullable<MeshSpec['istio']>['revisions'],
  node: SpecNode,
  only: Pick<ControlPlane, 'version' | 'revision'>,
): readonly ControlPlane[] {
  const names = sortKeys(spec ?? {})
  if (names.length === 0) return [{ origin: undefined, ...only, tags: [] }]
  return names.map(name => {
    const origin = node.at(name)
    const entry = spec?.[name]
    return {
      origin,
      revision: from(origin, name),
      version: readField(entry, origin, 'version') ?? only.version,
      tags: listSourcedEntries(entry?.tags, origin, 'tags'),
    }
  })
}

/** Reports a word that names no control plane of the mesh. Without `revisions`, others may install the named control plane. */
export function checkRevision(
  { controlPlanes }: Pick<Istio, 'controlPlanes'>,
  word: Sourced<string>,
  report: Report,
): void {
  if (word.place === undefined || findControlPlane({ controlPlanes }, word) !== undefined) return
  const legal = controlPlanes.flatMap(({ revision, tags }) => [
    ...(revision === undefined ? [] : [revision.value]),
    ...tags.map(({ value }) => value),
  ])
  report(unknownRevision(placeAt(word.place), { revision: word.value, legal }))
}

const makePassedTree = (value: PassedTree['value'] | undefined, origin: SpecNode): PassedTree | undefined =>
  value && { origin, value }
