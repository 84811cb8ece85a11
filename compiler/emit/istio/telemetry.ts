import type { TelemetrySpec } from '../../../schema/generated/telemetry.ts'
import { accessLogProvider } from '../../mesh/access-log-provider.ts'
import type { Mesh } from '../../mesh/mesh.ts'
import { because, decided, type Sourced } from '../../mesh/sourced.ts'
import { type Manifest, makeManifest } from '../manifest.ts'
import type { Sourceable } from '../sourceable.ts'

/** The access log that every istiod knows by this name, under any installation. */
const builtInAccessLogProvider = 'envoy'

/**
 * Emits access log, traces and metrics of all proxies in a namespace; in the root namespace, of the whole mesh. One object,
 * since two in a namespace exclude each other (IST0160). The owner of the control plane sets the fields that the spec does not.
 */
export function emitTelemetry(mesh: Mesh, namespace: Sourced<string>): readonly Manifest[] {
  const { accessLog, traced, tracing } = mesh.observability
  const { install } = mesh.istio
  const isOurs = install.value === 'charts'
  const isWritten = (value: Sourced<unknown>) => isOurs || value.place !== undefined
  const provider = isOurs ? accessLogProvider : builtInAccessLogProvider
  const spec: Sourceable<TelemetrySpec> = {
    accessLogging: isWritten(accessLog)
      ? [
          accessLog.value === 'off'
            ? { disabled: accessLog.map(() => true) }
            : because({ providers: [{ name: because(provider, install) }] }, accessLog),
        ]
      : undefined,
    tracing: isWritten(traced)
      ? [
          because(
            tracing === undefined
              ? { disableSpanReporting: true }
              : { providers: [{ name: tracing.provider }], randomSamplingPercentage: tracing.sampling },
            traced,
          ),
        ]
      : undefined,
    metrics: isOurs ? [{ providers: [{ name: 'prometheus' }] }] : undefined,
  }
  if (Object.values(spec).every(part => part === undefined)) return []
  const policy = 'policy:telemetry'
  return [makeManifest(mesh, 'Telemetry', { name: decided(policy, 'mesh'), namespace, policy }, spec)]
}
