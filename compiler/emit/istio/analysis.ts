import { decided } from '../../mesh/sourced.ts'

/**
 * Makes istiod write the results of its analyzers into the status of objects, which Argo CD's health checks of Istio's kinds read.
 *
 * See istio manifests/charts/istio-control/istio-discovery/values.yaml, `global.istiod.enableAnalysis`, which is off there.
 */
export const analysis = decided('policy:analysis', { enableAnalysis: true })
