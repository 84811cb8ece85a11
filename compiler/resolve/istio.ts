import type { MeshSpec } from '../../schema/spec/mesh.ts'
import { controlPlaneReplicas, controlPlaneResources, proxyResources } from '../mesh/default-sizes.ts'
import type { Istio, ManagedPart, PassedTree } from '../mesh/mesh.ts'
import { because, decided, SpecNode } from '../mesh/sourced.ts'
import { listEntries, readField, readFieldOr } from './fields.ts'
import { resolveReplicas, resolveResources } from './range.ts'

/** The control plane and the proxies. */
export function resolveIstio(spec: MeshSpec['istio'], managed: ManagedPart): Istio {
  const node = new SpecNode(undefined, 'istio')
  const controlPlane = node.at('controlPlane')
  const proxy = node.at('proxy')
  return {
    install:
      readField(spec, node, 'install') ??
      (managed.kind === 'mesh'
        ? decided('default:install', 'charts')
        : because('none', managed.names[0]!, 'default:install')),
    version: readFieldOr(spec, node, 'version', 'default:istio-version', '1.31.4'),
    revision: readField(spec, node, 'revision'),
    charts: readFieldOr(
      spec,
      node,
      'charts',
      'default:istio-charts',
      'https://istio-release.storage.googleapis.com/charts',
    ),
    hub: readField(spec, node, 'hub'),
    pullSecrets: listEntries(spec?.pullSecrets, node, 'pullSecrets'),
    cni: readFieldOr(spec, node, 'cni', 'default:cni', 'off'),
    meshConfig: readTree(spec?.meshConfig, node.at('meshConfig')),
    values: readTree(spec?.values, node.at('values')),
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
  }
}

const readTree = (value: PassedTree['value'] | undefined, origin: SpecNode): PassedTree | undefined =>
  value && { origin, value }
