/** The bounds between which an autoscaler chooses where the spec does not say it: at least, and at most. */
export type ReplicaBounds = readonly [min: number, max: number]

export const controlPlaneReplicas: ReplicaBounds = [1, 3]
export const gatewayReplicas: ReplicaBounds = [1, 5]
