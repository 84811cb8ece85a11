/** Completes the short name of a Service, as istiod does: with the namespace of the object that names it. */
export const completeHost = (host: string, namespace = 'default'): string =>
  host.includes('.') ? host : `${host}.${namespace}.svc.cluster.local`
