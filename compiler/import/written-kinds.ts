import type { ModelObject } from '../behavior/model.ts'

/** Tells whether a spec writes objects of this kind. Services and workloads always stay with their owners. */
export const isKindWritten = ({ kind }: Pick<ModelObject, 'kind'>): boolean => writtenKinds.has(kind)

/** Tells whether objects of this kind do not affect requests: an import claims them only if the spec writes identical ones. */
export const isKindCompared = ({ kind }: Pick<ModelObject, 'kind'>): boolean => comparedKinds.has(kind)

const comparedKinds: ReadonlySet<string> = new Set([
  'Certificate',
  'ConfigMap',
  'IstioOperator',
  'Kiali',
  'PodMonitor',
  'PrometheusRule',
  'ServiceMonitor',
  'Telemetry',
])

/** The kinds of Istio that a spec writes. */
const writtenKinds: ReadonlySet<string> = new Set([
  'AuthorizationPolicy',
  'DestinationRule',
  'EnvoyFilter',
  'Gateway',
  'PeerAuthentication',
  'RequestAuthentication',
  'ServiceEntry',
  'Sidecar',
  'VirtualService',
])
