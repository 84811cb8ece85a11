import { z } from 'zod'
import { Address, Duration, Method, Path, PortName, ServiceName } from './names.ts'
import { defineSection } from './section.ts'
import { HeaderValues } from './tokens.ts'

/** A header name, or all names with a beginning. */
const HeaderNames = z
  .array(
    z
      .string()
      .regex(/^[a-z0-9]([-a-z0-9_]{0,126}[a-z0-9])?$|^[a-z0-9][-a-z0-9_]{0,126}\*$/)
      .meta({ title: 'a header name in lower case, or a prefix followed by `*`', examples: ['x-auth-*'] }),
  )
  .min(1)
  .max(100)

/** A service that proxies ask whether a request may pass, as Envoy's ext_authz does. */
export const Authorizer = defineSection({
  grpc: Address.meta({
    description: "The Service that answers Envoy's gRPC calls, with its namespace and port",
    examples: ['opa.opa-system:9191'],
  }),
  http: Address.meta({
    description: 'The Service that answers HTTP requests, with its namespace and port',
    examples: ['oauth2-proxy.auth:4180'],
  }),
  timeout: Duration.meta({
    description: 'The time that a proxy waits for the answer of the authorizer',
    examples: ['500ms'],
  }),
  failOpen: z.boolean().meta({
    description:
      'If `true`, proxies allow requests while the authorizer does not answer (default: `false`, they deny them)',
    examples: [false],
  }),
  statusOnError: z
    .union([
      z.literal(401).meta({ description: 'Unauthorized' }),
      z.literal(403).meta({ description: 'Forbidden' }),
      z.literal(429).meta({ description: 'Too many requests' }),
      z.literal(500).meta({ description: 'Internal server error' }),
      z.literal(502).meta({ description: 'Bad gateway' }),
      z.literal(503).meta({ description: 'Service unavailable' }),
      z.literal(504).meta({ description: 'Gateway timeout' }),
    ])
    .meta({
      description: 'The status that a caller gets while the authorizer does not answer (default: 403)',
      examples: [503],
    }),
  path: z
    .string()
    .regex(/^\/[-A-Za-z0-9._~!$&'()+,;=:@/]*$/)
    .max(1024)
    .meta({
      title: 'a path that begins with `/`',
      description: 'The prefix that a proxy adds to the path of a request when it asks an HTTP authorizer',
      examples: ['/oauth2/auth'],
    }),
  sendHeaders: HeaderNames.meta({
    description:
      'Headers of the request that a proxy sends to an HTTP authorizer, in addition to `host`, the method, the path, `content-length` and `authorization`',
    examples: [['cookie', 'x-forwarded-*']],
  }),
  forwardHeaders: HeaderNames.meta({
    description: 'Headers in the answer of an HTTP authorizer that a proxy adds to an allowed request',
    examples: [['x-auth-request-user']],
  }),
  refusalHeaders: HeaderNames.meta({
    description:
      'Headers in the answer of an HTTP authorizer that a denied caller gets (default: all headers)',
    examples: [['location', 'set-cookie']],
  }),
  responseHeaders: HeaderNames.meta({
    description:
      'Headers in the answer of an HTTP authorizer that a proxy adds to the response for an allowed caller',
    examples: [['set-cookie']],
  }),
}).meta({
  id: 'Authorizer',
  description: 'An external authorization service (ext_authz), which proxies ask before they allow a request',
  examples: [{ grpc: 'opa.opa-system:9191', timeout: '500ms' }],
})

const askedRequests = {
  methods: z
    .array(Method)
    .min(1)
    .optional()
    .meta({ description: 'Only requests with these methods', examples: [['POST', 'DELETE']] }),
  exceptMethods: z
    .array(Method)
    .min(1)
    .optional()
    .meta({ description: 'Only requests with none of these methods', examples: [['OPTIONS']] }),
  paths: z
    .array(Path)
    .min(1)
    .optional()
    .meta({ description: 'Only requests on these paths', examples: [['/admin/*']] }),
  exceptPaths: z
    .array(Path)
    .min(1)
    .optional()
    .meta({ description: 'Only requests on none of these paths', examples: [['/healthz', '/oauth2/*']] }),
  headers: HeaderValues.optional().meta({
    description: 'Only requests in which each of these headers has one of its values',
    examples: [{ 'x-tenant': ['gold', 'silver-*'] }],
  }),
}

const by = ServiceName.meta({
  description: 'The authorizer, by its name under `authorizers`',
  examples: ['opa'],
  'x-names': 'authorizer',
})

/** The authorizer that the proxies of a service ask. */
export const Authorize = defineSection({
  by,
  requests: z
    .array(
      z
        .strictObject({
          ports: z
            .array(PortName.meta({ 'x-names': 'port' }))
            .min(1)
            .optional()
            .meta({ description: 'Only requests to these ports, by name', examples: [['http']] }),
          ...askedRequests,
        })
        .meta({
          id: 'AskedRequests',
          description:
            'Conditions on a request: proxies ask the authorizer about requests that meet all of them',
          examples: [{ paths: ['/admin/*'] }],
        }),
    )
    .min(1)
    .max(500)
    .meta({
      description: 'The requests that proxies ask the authorizer about (default: all requests)',
      examples: [[{ paths: ['/admin/*'] }, { methods: ['DELETE'] }]],
    }),
}).meta({
  id: 'Authorize',
  description:
    'The authorizer that decides about requests before `deny` and `allow`. No entry of `allow` allows a request that it denies',
  examples: [{ by: 'opa', requests: [{ paths: ['/admin/*'] }] }],
})

/** The authorizer that the proxies of a gateway ask. */
export const GatewayAuthorize = defineSection({
  by,
  requests: z
    .array(
      z.strictObject(askedRequests).meta({
        id: 'GatewayAskedRequests',
        description:
          'Conditions on a request: proxies ask the authorizer about requests that meet all of them',
        examples: [{ exceptPaths: ['/oauth2/*'] }],
      }),
    )
    .min(1)
    .max(500)
    .meta({
      description: 'The requests that proxies ask the authorizer about (default: all requests)',
      examples: [[{ exceptPaths: ['/oauth2/*'] }]],
    }),
}).meta({
  id: 'GatewayAuthorize',
  description: 'The authorizer that decides about requests of clients outside the mesh',
  examples: [{ by: 'oauth', requests: [{ exceptPaths: ['/oauth2/*'] }] }],
})
