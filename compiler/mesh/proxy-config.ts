import type { GatewayInstallation } from './mesh.ts'
import { because, type Sourced, text } from './sourced.ts'

/** The annotation of a pod with the configuration of its proxy. */
export const proxyConfigAnnotation = 'proxy.istio.io/config'

/** Istio's words for the parts of client certificates that applications see. */
export const forwardedDetails = {
  replace: 'SANITIZE_SET',
  append: 'APPEND_FORWARD',
  keep: 'ALWAYS_FORWARD_ONLY',
  remove: 'SANITIZE',
} as const

/**
 * Prints the topology in front of the proxies of a gateway; undefined if the spec does not set it. See
 * https://istio.io/latest/docs/reference/config/istio.mesh.v1alpha1/#Topology
 */
export function printProxyConfig({
  topology,
}: Pick<GatewayInstallation, 'topology'>): Sourced<string> | undefined {
  const { trustedProxies, proxyProtocol, forwardClientCertificate } = topology
  const parts = [
    ...(trustedProxies === undefined ? [] : [text`"numTrustedProxies":${trustedProxies}`]),
    ...(proxyProtocol?.value === true ? [proxyProtocol.map(() => '"proxyProtocol":{}')] : []),
    ...(forwardClientCertificate === undefined
      ? []
      : [forwardClientCertificate.map(word => `"forwardClientCertDetails":"${forwardedDetails[word]}"`)]),
  ]
  if (parts.length === 0) return undefined
  const config = `{"gatewayTopology":{${parts.map(({ value }) => value).join(',')}}}`
  return because(config, ...parts, ...(proxyProtocol === undefined ? [] : [proxyProtocol]))
}
