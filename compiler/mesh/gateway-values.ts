/** The values of the chart `gateway` that a component of an IstioOperator has under the same name. */
export const componentValues = [
  'imagePullPolicy',
  'nodeSelector',
  'podAnnotations',
  'priorityClassName',
  'service',
  'tolerations',
] as const

/**
 * The fields of the Deployment for other values. The component lacks fields for some of them, and merges the others with those of an
 * older chart.
 */
export const deploymentPaths = {
  affinity: 'spec.template.spec.affinity',
  lifecycle: 'spec.template.spec.containers.[name:istio-proxy].lifecycle',
  minReadySeconds: 'spec.minReadySeconds',
  readinessProbe: 'spec.template.spec.containers.[name:istio-proxy].readinessProbe',
  securityContext: 'spec.template.spec.securityContext',
  strategy: 'spec.strategy',
  terminationGracePeriodSeconds: 'spec.template.spec.terminationGracePeriodSeconds',
} as const

/** The field of the ServiceAccount for its annotations. */
export const accountPath = 'metadata.annotations'

/** The field of the Deployment that spreads its pods. */
export const spreadPath = 'spec.template.spec.topologySpreadConstraints'
