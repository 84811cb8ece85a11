import { z } from 'zod'
import { ExternalHost, Namespace, PortNumber } from './names.ts'
import { section } from './section.ts'
import { Caller } from './services.ts'
import { CircuitBreaker, Connections, Retries, Timeout } from './traffic.ts'
import { word, words } from './words.ts'

const address = z
  .string()
  .regex(/^((25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])\.){3}(25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])$/)
  .meta({ title: 'an IPv4 address', examples: ['203.0.113.7'] })

/** A system outside the mesh that services of the mesh call. */
export const ExternalSpec = section({
  namespace: Namespace.meta({
    description: 'The namespace of its objects; by default the root namespace',
    examples: ['my-api'],
    'x-names': 'namespace',
  }),
  hosts: z
    .array(ExternalHost)
    .min(1)
    .max(64)
    .meta({ description: 'Its host names', examples: [['api.stripe.com']] }),
  port: section({
    https: PortNumber.meta({ description: 'The number of a port that speaks HTTPS', examples: [443] }),
    http: PortNumber.meta({ description: 'The number of a port that speaks plain HTTP', examples: [80] }),
    tls: PortNumber.meta({
      description: 'The number of a port that speaks another protocol over TLS',
      examples: [6380],
    }),
    tcp: PortNumber.meta({ description: 'The number of a port that speaks anything else', examples: [5432] }),
  }).meta({ description: 'Its port: the protocol with the number', examples: [{ https: 443 }] }),
  tls: words({
    originate: 'Callers speak HTTP, and the mesh speaks TLS',
    passthrough: 'Callers speak TLS themselves',
  }).meta({
    description: 'Who speaks TLS: the mesh (`originate`), or the callers themselves (`passthrough`)',
    examples: ['originate'],
  }),
  resolution: word(
    'none',
    'The caller looks the host up, and the mesh sends on to the address that it dials',
  ).meta({
    description:
      'Who looks the host up; by default the mesh does, unless there are `addresses` or a wildcard',
    examples: ['none'],
  }),
  addresses: z
    .array(address)
    .min(1)
    .max(256)
    .meta({ description: 'Its IP addresses; required for a `tcp` port', examples: [['203.0.113.7']] }),
  timeout: Timeout.meta({
    description: 'How long a caller waits for a response, including retries',
    examples: ['10s'],
  }),
  retries: Retries.meta({
    description: 'Retries of a failed request, `none`, or those of Istio itself (`istio-default`)',
    examples: ['none', { attempts: 2, perTryTimeout: '10s' }],
  }),
  circuitBreaker: CircuitBreaker.meta({
    description: 'When an address that fails is ejected, or `none`',
    examples: [{ consecutiveErrors: 3 }],
  }),
  connections: Connections.meta({
    description: 'Limits of the connection pool, or `unlimited`',
    examples: [{ max: 50 }],
  }),
  allow: z
    .array(
      z
        .strictObject({
          from: Caller.meta({
            description: 'Who may call: a service or `namespace/<name>`',
            examples: ['my-api'],
          }),
          because: z
            .string()
            .min(1)
            .max(500)
            .optional()
            .meta({ description: 'The reason', examples: ['payments'] }),
        })
        .meta({ id: 'ExternalAllow', description: 'Who may call it', examples: [{ from: 'my-api' }] }),
    )
    .max(500)
    .meta({
      description: 'Who may call it; it is not visible to any other caller. Without it, `access` decides',
      examples: [[{ from: 'my-api' }]],
    }),
}).meta({
  id: 'External',
  description: 'A system outside the mesh',
  examples: [
    { hosts: ['api.stripe.com'], port: { https: 443 }, tls: 'originate', allow: [{ from: 'my-api' }] },
  ],
})
