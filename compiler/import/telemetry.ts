import type { ModelObject } from '../behavior/model.ts'
import { isMap, mapAt } from '../behavior/read/values.ts'
import type { Claim, Field } from './claim.ts'
import type { ForeignMesh } from './foreign-mesh.ts'
import { readMap, readMaps, readObjectSpec, type Tree } from './read-object-spec.ts'

/** Finds the Telemetry of the mesh: the one of the root namespace that is for all pods. */
export function findTelemetry({ others, model: { settings } }: ForeignMesh): ModelObject | undefined {
  const [telemetry, ...rivals] = others.filter(
    object =>
      object.kind === 'Telemetry' &&
      object.namespace === settings.rootNamespace &&
      Object.keys(readMap(readObjectSpec(object), 'selector')).length === 0,
  )
  return rivals.length === 0 ? telemetry : undefined
}

/** Claims the access log and the traces that a Telemetry of the root namespace asks for. */
export function claimTelemetry({ others }: ForeignMesh, telemetry: ModelObject): Claim {
  const { accessLogging, tracing } = readObjectSpec(telemetry)
  const operator = others.find(({ kind }) => kind === 'IstioOperator')
  const meshConfig = operator === undefined ? {} : readMap(readObjectSpec(operator), 'meshConfig')
  const [log] = Array.isArray(accessLogging) ? accessLogging : []
  return {
    objects: [telemetry],
    isExact: true,
    fields: [
      ...(isMap(log)
        ? [
            {
              path: ['observability', 'accessLog'],
              value:
                log['disabled'] === true
                  ? 'off'
                  : meshConfig['accessLogEncoding'] === 'JSON'
                    ? 'json'
                    : 'text',
            },
          ]
        : []),
      ...(Array.isArray(tracing) && isMap(tracing[0]) ? describeTracing(tracing[0], meshConfig) : []),
    ],
  }
}

function describeTracing(tracing: Tree, meshConfig: Tree): readonly Field[] {
  const set = (field: string, value: unknown): Field => ({ path: ['observability', 'tracing', field], value })
  if (tracing['disableSpanReporting'] === true) return [set('provider', 'off')]
  const { randomSamplingPercentage: sampling } = tracing
  const [name] = readMaps(tracing, 'providers').map(provider => provider['name'])
  const written = readMaps(meshConfig, 'extensionProviders').find(provider => provider['name'] === name)
  const collector = ['zipkin', 'opentelemetry'].map(word => mapAt(written, word)).find(isMap)
  if (collector === undefined) return []
  const { service, port } = collector
  const host = String(service).replace(/^([^.]+\.[^.]+)\.svc\.cluster\.local$/, '$1')
  return [
    ...(name === 'jaeger' ? [] : [set('provider', name)]),
    set('collector', `${host}:${port}`),
    ...(typeof sampling === 'number' && sampling !== 1 ? [set('sampling', `${sampling}%`)] : []),
  ]
}
