/** The annotation by which each cloud gives a load balancer a private address: its key and its value. */
export const internalAnnotations = {
  aws: ['service.beta.kubernetes.io/aws-load-balancer-scheme', 'internal'],
  gcp: ['networking.gke.io/load-balancer-type', 'Internal'],
  azure: ['service.beta.kubernetes.io/azure-load-balancer-internal', 'true'],
} as const
