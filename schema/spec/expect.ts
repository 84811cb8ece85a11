import { z } from 'zod'
import { Method, Path } from './names.ts'
import { Caller } from './services.ts'

const target = z
  .string()
  .max(200)
  .regex(/^(external\/)?[a-z]([-a-z0-9]{0,61}[a-z0-9])?$/)
  .meta({
    title: 'a service or `external/<name>`',
    examples: ['my-api', 'external/stripe'],
    'x-names': 'destination',
  })

/** What must be true of the mesh, whoever edits it next; checked at every build. */
export const Expectation = z
  .strictObject({
    only: z
      .array(Caller)
      .optional()
      .meta({ description: 'Nobody but these reaches `to`', examples: [['my-api']] }),
    from: Caller.optional().meta({ description: 'This caller reaches `to`', examples: ['web'] }),
    to: target.meta({ description: 'What is reached', examples: ['external/stripe'] }),
    method: Method.optional().meta({ description: 'With this method', examples: ['GET'] }),
    path: Path.optional().meta({ description: 'On this path', examples: ['/api/orders'] }),
    because: z
      .string()
      .min(1)
      .max(500)
      .optional()
      .meta({ description: 'Why it must be so', examples: ['PCI scope'] }),
  })
  .meta({
    id: 'Expectation',
    description: 'What must be true of the mesh',
    examples: [{ only: ['my-api'], to: 'external/stripe' }],
  })
