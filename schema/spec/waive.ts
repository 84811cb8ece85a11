import { z } from 'zod'
import { gates } from '../gates.ts'
import { defineWords } from './words.ts'

/** A change of behavior that `meshc diff` lets pass, for a reason, until a day. */
export const Waiver = z
  .strictObject({
    gate: defineWords(gates).meta({
      description: 'The change of behavior that `meshc diff` accepts',
      examples: ['new-access'],
    }),
    from: z
      .string()
      .min(1)
      .max(253)
      .optional()
      .meta({
        title: 'a caller',
        description: 'Only changes for this caller: a service, `gateway/<name>` or `namespace/workload`',
        examples: ['web', 'gateway/public'],
      }),
    to: z
      .string()
      .min(1)
      .max(253)
      .optional()
      .meta({
        title: 'a destination',
        description: 'Only changes for this destination: a service, `external/<name>` or a host',
        examples: ['my-api', 'external/stripe'],
      }),
    because: z
      .string()
      .min(1)
      .max(500)
      .meta({ description: 'The reason for the waiver', examples: ['reviewed by the security team'] }),
    owner: z
      .string()
      .min(1)
      .max(100)
      .meta({
        description: 'The team or the person that is responsible for the waiver',
        examples: ['team-payments'],
      }),
    until: z
      .string()
      .regex(/^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$/)
      .meta({
        title: 'a day, year first',
        description: 'The last day of the waiver; after it, the waiver is an error',
        examples: ['2027-01-31'],
      }),
  })
  .meta({
    id: 'Waiver',
    description: 'A change of behavior that `meshc diff` accepts',
    examples: [
      {
        gate: 'new-access',
        from: 'web',
        to: 'my-api',
        because: 'reviewed by the security team',
        owner: 'team-api',
        until: '2027-01-31',
      },
    ],
  })
