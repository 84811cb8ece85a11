import type { ModelObject } from '../behavior/model.ts'

/** Tells whether a spec writes objects of this kind. Services and workloads stay with their owners, whatever it says of them. */
export const isKindWritten = ({ kind }: Pick<ModelObject, 'kind'>): boolean => writtenKinds.has(kind)

/** Tells whether a spec says objects of this kind, which bear on no request, only where it writes them just so. */
export const isReadBack = ({ kind }: Pick<ModelObject, 'kind'>): boolean => otherKinds.has(kind)

const otherKinds: ReadonlySet<string> = new Set([
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
