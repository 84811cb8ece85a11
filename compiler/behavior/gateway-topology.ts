import type { MeshSettings, Workload } from './model.ts'

/** The parts in front of the proxies of a gateway. */
export interface GatewayTopology {
  /** The number of trusted proxies, which report the client's address and its encryption. */
  readonly trustedProxies: number
  /** True if a load balancer sends the client's address with the PROXY protocol, so that its own address is unknown. */
  readonly hasProxyProtocol: boolean
}

/**
 * Finds the parts in front of a gateway: its pods come before the settings of the mesh. See `ProxyConfigOrDefault` in
 * pilot/pkg/model/context.go of istio/istio.
 */
export function resolveTopology(
  { topology }: Pick<Workload, 'topology'>,
  { trustedProxies, hasProxyProtocol }: Pick<MeshSettings, 'trustedProxies' | 'hasProxyProtocol'>,
): GatewayTopology {
  return {
    trustedProxies: topology?.trustedProxies ?? trustedProxies,
    hasProxyProtocol: topology?.hasProxyProtocol ?? hasProxyProtocol,
  }
}
