/** Makes the name of the WorkloadEntry of a machine: the service, and the address. */
export const nameMachine = (service: string, address: string): string =>
  `${service}-${address.replaceAll('.', '-')}`
