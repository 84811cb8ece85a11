/** The cluster that Argo CD itself runs in, as Argo CD calls it. */
export const ownCluster = 'https://kubernetes.default.svc'
