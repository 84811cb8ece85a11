import { decided } from '../../mesh/sourced.ts'

/**
 * istiod writes what its analyzers find into the status of objects: Argo CD's health checks of Istio's kinds read just that.
 *
 * See istio manifests/charts/istio-control/istio-discovery/values.yaml, `global.istiod.enableAnalysis`, which is off there.
 */
export const analysis = decided('policy:analysis', { enableAnalysis: true })
