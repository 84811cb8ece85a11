import { z } from 'zod'

/** A warning that is known and borne, for a reason, until a day. */
export const Suppression = z
  .strictObject({
    code: z
      .string()
      .regex(/^MESH\d{4}$/)
      .meta({
        title: 'the code of a warning',
        description: 'The code of the warning',
        examples: ['MESH3408'],
      }),
    at: z
      .string()
      .max(500)
      .regex(/^[a-zA-Z][-\w./*]*$/)
      .optional()
      .meta({
        title: 'a place in the spec',
        description: 'Only warnings at this place or inside it',
        examples: ['services.legacy', 'services.legacy.allow.0'],
        'x-names': 'place',
      }),
    because: z
      .string()
      .min(1)
      .max(500)
      .meta({ description: 'The reason for the suppression', examples: ['moves into the mesh in January'] }),
    until: z
      .string()
      .regex(/^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$/)
      .meta({
        title: 'a day, year first',
        description: 'The last day of the suppression; after it, the suppression is an error',
        examples: ['2027-01-31'],
      }),
  })
  .meta({
    id: 'Suppression',
    description: 'A known warning that meshc accepts',
    examples: [
      {
        code: 'MESH3408',
        at: 'services.legacy',
        because: 'moves into the mesh in January',
        until: '2027-01-31',
      },
    ],
  })
