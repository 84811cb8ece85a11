import type { Workload } from './model.ts'

/** Tells whether a workload is a virtual machine, which runs outside of Kubernetes: kube-proxy sends nothing to it. */
export const isMachine = ({ kind }: Pick<Workload, 'kind'>): boolean =>
  kind === 'WorkloadEntry' || kind === 'WorkloadGroup'
