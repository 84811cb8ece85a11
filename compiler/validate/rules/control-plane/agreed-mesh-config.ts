import type { Mesh } from '../../../mesh/mesh.ts'
import { type Sourced, SpecNode } from '../../../mesh/sourced.ts'
import { placeAt } from '../../../mesh/spec-place.ts'
import type { ConfigField, ManifestPlace, SurroundingMeshConfig } from '../../../mesh/surroundings.ts'
import { findWrittenPlace } from '../../places.ts'
import { defineRule } from '../../rule.ts'

/** The owner of the control plane decides these settings. A spec with other values would promise behavior that the mesh does not have. */
export const agreedMeshConfig = defineRule<{
  field: string
  value: string
  set: string
  place: ManifestPlace
  isWritten: boolean
}>(
  {
    code: 'MESH3608',
    severity: 'error',
    summary: 'A spec agrees with the configuration of a control plane that meshc does not install',
    reads: ['manages', 'surroundings', 'istio.install'],
    message: p =>
      `${p.isWritten ? '' : 'by default '}\`${p.field}\` is \`${p.value}\`, and the control plane has ${p.set}: ${p.place.file}:${p.place.line}`,
    help: p => `set \`${p.field}\` to what the control plane has, or change it there`,
  },
  function* (mesh, report) {
    const { meshConfig } = mesh.surroundings
    if (mesh.istio.install.value === 'charts' || meshConfig === undefined) return
    for (const { field, sourced, actual, set } of listMeshClaims(mesh, meshConfig)) {
      if (sourced.value === actual.value) continue
      const written = findWrittenPlace(sourced)
      yield report(placeAt(written ?? new SpecNode(undefined, 'surroundings')), {
        field,
        value: sourced.value,
        set: set ?? `\`${actual.value}\``,
        place: actual.place,
        isWritten: written !== undefined,
      })
    }
  },
)

/** A field of the spec about the control plane, and the value of the control plane. */
interface Claim {
  readonly field: string
  readonly sourced: Sourced<string>
  readonly actual: ConfigField
  /** The description of the control plane's value, if it is not a word of the spec. */
  readonly set?: string
}

function* listMeshClaims(
  { egress, istio, observability, authorizers }: Mesh,
  config: SurroundingMeshConfig,
): Iterable<Claim> {
  const { place, outboundMode } = config
  const isClosed = outboundMode?.value === 'REGISTRY_ONLY'
  yield {
    field: 'egress',
    sourced: egress,
    actual: { value: isClosed ? 'registry-only' : 'allow-any', place: outboundMode?.place ?? place },
    set: `\`outboundTrafficPolicy.mode: ${outboundMode?.value ?? 'ALLOW_ANY'}\``,
  }
  yield {
    field: 'istio.trustDomain',
    sourced: istio.trustDomain,
    actual: config.trustDomain ?? { value: 'cluster.local', place },
  }
  yield {
    field: 'istio.namespace',
    sourced: istio.namespace,
    actual: config.rootNamespace ?? { value: 'istio-system', place },
  }
  const provider = observability.tracing?.provider
  if (provider !== undefined && !config.providers.includes(provider.value))
    yield {
      field: 'observability.tracing.provider',
      sourced: provider,
      actual: { value: '', place },
      set: 'no such provider in `extensionProviders`',
    }
  for (const { name } of authorizers)
    if (!config.providers.includes(name.value))
      yield {
        field: 'authorizers',
        sourced: name,
        actual: { value: '', place },
        set: 'no such provider in `extensionProviders`',
      }
}
