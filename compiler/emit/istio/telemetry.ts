import type { TelemetrySpec } from '../../../schema/generated/telemetry.ts'
import type { Mesh } from '../../mesh/mesh.ts'
import { because, decided } from '../../mesh/sourced.ts'
import { type Manifest, makeManifest } from '../manifest.ts'
import type { Sourceable } from '../sourceable.ts'

/** The name under which the mesh config knows the access log. */
export const accessLogProvider = 'access-log'

/** Access log, traces and metrics of the whole mesh: one Telemetry, since two in a namespace exclude each other (IST0160). */
export function emitTelemetry(mesh: Mesh): Manifest {
  const { accessLog, traced, tracing } = mesh.observability
  const spec: Sourceable<TelemetrySpec> = {
    accessLogging: [
      accessLog.value === 'off'
        ? { disabled: accessLog.map(() => true) }
        : because({ providers: [{ name: accessLogProvider }] }, accessLog),
    ],
    tracing: [
      because(
        tracing === undefined
          ? { disableSpanReporting: true }
          : { providers: [{ name: tracing.provider }], randomSamplingPercentage: tracing.sampling },
        traced,
      ),
    ],
    metrics: [{ providers: [{ name: 'prometheus' }] }],
  }
  const policy = 'policy:telemetry'
  return makeManifest(
    mesh,
    'Telemetry',
    { name: decided(policy, 'mesh'), namespace: mesh.istio.namespace, policy },
    spec,
  )
}
