import { z } from 'zod'
import { AddressRange, Method, Path } from './names.ts'
import { Claims, HeaderValues } from './tokens.ts'

const addresses = z.array(AddressRange).min(1).max(1000)

/** The conditions of a request that is refused, wherever it is refused. */
export const deniedRequests = {
  methods: z
    .array(Method)
    .min(1)
    .optional()
    .meta({ description: 'Only requests with these methods', examples: [['DELETE']] }),
  paths: z
    .array(Path)
    .min(1)
    .optional()
    .meta({ description: 'Only requests on these paths', examples: [['/admin/*']] }),
  headers: HeaderValues.optional().meta({
    description: 'Only requests in which each of these headers has one of its values',
    examples: [{ 'user-agent': 'scraper*' }],
  }),
  jwt: z
    .literal('missing')
    .optional()
    .meta({ description: 'Only requests without a valid token', examples: ['missing'] }),
  claims: Claims.optional().meta({
    description:
      'Only requests with a token in which each of these claims has one of its values; a map leads into nested claims',
    examples: [{ role: ['guest'] }],
  }),
  because: z
    .string()
    .min(1)
    .max(500)
    .optional()
    .meta({
      description: 'The reason for the entry, for later readers',
      examples: ['it scrapes the prices'],
    }),
}

/** Requests that a gateway refuses. Clients outside have no identity of the mesh, and only a gateway sees their addresses. */
export const GatewayDeny = z
  .strictObject({
    clientAddresses: addresses.optional().meta({
      description:
        'Only requests of clients at these addresses, as the proxies in front of the mesh report them',
      examples: [['203.0.113.0/24']],
    }),
    exceptClientAddresses: addresses.optional().meta({
      description: 'Only requests of clients at none of these addresses',
      examples: [['198.51.100.0/24']],
    }),
    peerAddresses: addresses.optional().meta({
      description:
        'Only requests over connections from these addresses: those of clients, or of the last proxy in front of the gateway',
      examples: [['10.1.0.0/16']],
    }),
    ...deniedRequests,
  })
  .meta({
    id: 'GatewayDeny',
    description: 'Conditions on a request: the gateway denies requests that meet all of them',
    examples: [{ paths: ['/admin/*'], exceptClientAddresses: ['198.51.100.0/24'] }],
  })
