import fc from 'fast-check'
import { defined, maybe } from './names.ts'
import type { ServiceSpec } from './services.ts'

type Machines = NonNullable<NonNullable<ServiceSpec['workload']>['machines']>

/** The virtual machines of a service: the settings of each, or none if they register themselves. */
export const machineDrafts = fc.array(
  fc.record({
    locality: maybe(fc.constantFrom('eu-west-1', 'eu-west-1/b')),
    weight: maybe(fc.constantFrom(1, 5)),
  }),
  { maxLength: 2 },
)
type MachineDrafts = typeof machineDrafts extends fc.Arbitrary<infer Draft> ? Draft : never

/** Returns the machines of a draft. No other service has their addresses. */
export const finishMachines = (drafts: MachineDrafts, service: number): Machines =>
  drafts.length === 0
    ? 'registered'
    : Object.fromEntries(drafts.map((draft, index) => [`10.3.${service}.${index + 1}`, defined(draft)]))
