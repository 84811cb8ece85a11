import type { KialiSpec } from '../../../schema/generated/kiali.ts'
import type { Kiali, Mesh } from '../../mesh/mesh.ts'
import { because, decided } from '../../mesh/sourced.ts'
import { type Manifest, makeManifest } from '../manifest.ts'
import type { Sourceable } from '../sourceable.ts'

/** Kiali, for the namespaces of the mesh and no others. Users change its settings in git. */
export function emitKiali(mesh: Mesh, kiali: Kiali): Manifest {
  const { origin, login, prometheus, grafana, tracing } = kiali
  const { links } = mesh.observability
  const namespaces = [mesh.istio.namespace, ...mesh.namespaces.map(({ name }) => name)]
  const spec: Sourceable<KialiSpec> = {
    auth: { strategy: login },
    deployment: {
      cluster_wide_access: false,
      discovery_selectors: {
        default: [
          { matchExpressions: [{ key: 'kubernetes.io/metadata.name', operator: 'In', values: namespaces }] },
        ],
      },
      view_only_mode: true,
    },
    external_services: {
      prometheus: { url: prometheus },
      tracing:
        tracing === undefined
          ? { enabled: false }
          : because(
              {
                enabled: true,
                provider: 'jaeger',
                internal_url: tracing,
                external_url: links.traces,
                use_grpc: speaksGrpc(tracing.value),
              },
              tracing,
            ),
      grafana:
        grafana === undefined
          ? { enabled: false }
          : because({ enabled: true, internal_url: grafana, external_url: links.grafana }, grafana),
    },
  }
  const policy = 'policy:kiali'
  const identity = { name: decided(policy, 'kiali'), namespace: mesh.home, policy } as const
  return makeManifest(mesh, 'Kiali', { ...identity, reasons: [origin] }, because(spec, origin))
}

/** Jaeger answers gRPC on this port, and HTTP on others. */
const speaksGrpc = (url: string) => /^https?:\/\/[^/?#]*:16685(?:[/?#]|$)/.test(url)
