import { z } from 'zod'
import { HeaderName, Method, Path, Pattern } from './names.ts'
import { Caller, destinationPattern, makeCallerPattern } from './services.ts'
import { Claims, RequiredIssuers } from './tokens.ts'

const target = z
  .string()
  .max(200)
  .regex(destinationPattern)
  .meta({
    title: 'a service, `external/<name>` or `<namespace>/<service>` of the surroundings',
    examples: ['my-api', 'external/stripe'],
    'x-names': 'destination',
  })

/** A caller, or every caller that comes in through any gateway. */
const callers = z.array(
  z
    .string()
    .max(320)
    .regex(makeCallerPattern('(\\*|[a-z]([-a-z0-9]{0,61}[a-z0-9])?)'))
    .meta({
      title:
        'a service, `gateway/<name>`, `gateway/*`, `namespace/<name>`, `<namespace>/<workload>`, `external-caller/<identity>` or `anyone`',
      examples: ['web', 'gateway/public', 'gateway/*'],
      'x-names': 'caller',
    }),
)

/** A condition on the mesh that must hold after every edit; meshc checks it at every build. */
export const Expectation = z
  .strictObject({
    only: callers
      .optional()
      .meta({ description: 'No caller except these reaches `to`', examples: [['my-api']] }),
    never: callers
      .optional()
      .meta({ description: 'None of these callers reaches `to`', examples: [['gateway/*']] }),
    from: Caller.optional().meta({ description: 'This caller reaches `to`', examples: ['web'] }),
    to: target
      .optional()
      .meta({ description: 'The destination (default: every service)', examples: ['external/stripe'] }),
    method: Method.optional().meta({ description: 'Only requests with this method', examples: ['GET'] }),
    path: Path.optional().meta({
      description:
        'Only requests on this path, after routes have rewritten it; a path that ends in `*` matches every path with that prefix',
      examples: ['/api/orders', '/admin/*'],
    }),
    headers: z
      .record(HeaderName, Pattern)
      .optional()
      .meta({
        description: 'Only requests with these headers, after routes have changed them',
        examples: [{ 'x-canary': 'on' }],
      }),
    jwt: z
      .literal('missing')
      .optional()
      .meta({
        description: 'Only requests without a token that the destination accepts',
        examples: ['missing'],
      }),
    issuers: RequiredIssuers.optional().meta({
      description: 'Only requests with a token of one of these issuers that the destination accepts',
      examples: [['corp']],
    }),
    claims: Claims.optional().meta({
      description:
        'Only requests with an accepted token in which each of these claims has one of its values; a map leads into nested claims',
      examples: [{ role: ['admin'] }],
    }),
    because: z
      .string()
      .min(1)
      .max(500)
      .optional()
      .meta({ description: 'The reason for the expectation', examples: ['PCI scope'] }),
  })
  .meta({
    id: 'Expectation',
    description: 'An expectation that the mesh must meet',
    examples: [{ only: ['my-api'], to: 'external/stripe' }],
  })
