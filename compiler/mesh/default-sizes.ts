/** The default bounds of an autoscaler: minimum and maximum. */
export type ReplicaBounds = readonly [min: number, max: number]

export const controlPlaneReplicas: ReplicaBounds = [1, 3]
export const gatewayReplicas: ReplicaBounds = [1, 5]

/** The default resources of a part of the mesh: requests and limits. */
export interface DefaultResources {
  readonly cpu: readonly [request: string, limit: string]
  readonly memory: readonly [request: string, limit: string]
}

export const controlPlaneResources = { cpu: ['500m', '2000m'], memory: ['512Mi', '2Gi'] } as const
/** The resources of a sidecar or gateway. */
export const proxyResources = { cpu: ['100m', '2000m'], memory: ['128Mi', '1Gi'] } as const
