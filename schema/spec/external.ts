import { z } from 'zod'
import {
  AddressRange,
  ExternalHost,
  ipv4,
  Locality,
  labelPattern,
  Namespace,
  PortNumber,
  SecretName,
  ServiceName,
} from './names.ts'
import { defineNamed, defineSection } from './section.ts'
import { Caller } from './services.ts'
import { CircuitBreaker, Connections, Retries, Timeout } from './traffic.ts'
import { defineWord, defineWords } from './words.ts'

const endpointAddress = z
  .string()
  .max(189)
  .regex(new RegExp(`^(${ipv4}|(${labelPattern}\\.)+[a-z]([-a-z0-9]{0,61}[a-z0-9])?)$`))
  .meta({ title: 'an IPv4 address or a host name with a domain', examples: ['203.0.113.7'] })

const weight = z
  .int()
  .min(1)
  .max(1000)
  .meta({ title: 'a weight from 1 to 1000', description: 'The weight of the endpoint', examples: [3] })

const Endpoint = defineSection({
  weight: weight.meta({
    description:
      'The weight: the share of the requests, relative to the weights of the other endpoints (default: 1)',
    examples: [3],
  }),
  port: PortNumber.meta({
    description: 'The port of the endpoint, if it differs from `port`',
    examples: [8443],
  }),
  locality: Locality.meta({
    description: 'The region, zone and subzone of the endpoint',
    examples: ['eu-west-1/a'],
  }),
}).meta({
  id: 'ExternalEndpoint',
  description: 'An endpoint of the system',
  examples: [{ weight: 3, locality: 'eu-west-1/a' }],
})

const httpPath = z
  .string()
  .max(1024)
  .regex(/^(\/[-A-Za-z0-9._]+)+$/)
  .meta({ title: 'an absolute path', examples: ['/etc/stripe/tls.crt'] })

const ClientCertificate = defineSection({
  secret: SecretName.meta({
    description:
      'The secret with the certificate (`tls.crt`), its key (`tls.key`) and the CA of the system (`ca.crt`), in the namespace of each caller, or of the gateway with `through`. The service account of a caller needs the right to list secrets there',
    examples: ['stripe-client'],
  }),
  certificate: httpPath.meta({
    description: 'The file of the certificate in the sidecar of each caller, in place of `secret`',
    examples: ['/etc/stripe/tls.crt'],
  }),
  key: httpPath.meta({ description: 'The file of the private key', examples: ['/etc/stripe/tls.key'] }),
  ca: httpPath.meta({
    description: 'The file of the CA of the system (default: the CAs of the operating system)',
    examples: ['/etc/stripe/ca.crt'],
  }),
}).meta({
  id: 'ClientCertificate',
  description: 'The client certificate for an external system: a secret, or files',
  examples: [{ secret: 'stripe-client' }, { certificate: '/etc/stripe/tls.crt', key: '/etc/stripe/tls.key' }],
})

/** A system outside the mesh that services of the mesh call. */
export const ExternalSpec = defineSection({
  namespace: Namespace.meta({
    description:
      'The namespace of the objects for the system (default: the root namespace, or the first namespace that the spec manages)',
    examples: ['my-api'],
    'x-names': 'namespace',
  }),
  hosts: z
    .array(ExternalHost)
    .min(1)
    .max(64)
    .meta({ description: 'The host names of the system', examples: [['api.stripe.com']] }),
  port: defineSection({
    https: PortNumber.meta({ description: 'The number of a port that speaks HTTPS', examples: [443] }),
    http: PortNumber.meta({ description: 'The number of a port that speaks plain HTTP', examples: [80] }),
    tls: PortNumber.meta({
      description: 'The number of a port that speaks another protocol over TLS',
      examples: [6380],
    }),
    tcp: PortNumber.meta({
      description: 'The number of a port that speaks any other TCP protocol',
      examples: [5432],
    }),
  }).meta({
    description: 'The port of the system: the protocol with the number',
    examples: [{ https: 443 }],
  }),
  tls: defineWords({
    originate: 'Callers speak HTTP, and the mesh originates TLS',
    passthrough: 'Callers originate TLS themselves',
  }).meta({
    description: 'The origin of TLS: the mesh (`originate`), or the callers themselves (`passthrough`)',
    examples: ['originate'],
  }),
  clientCertificate: ClientCertificate.meta({
    description:
      'The client certificate for the system, with `tls: originate`: a secret, or files of the sidecar',
    examples: [{ secret: 'stripe-client' }],
  }),
  through: ServiceName.meta({
    description:
      'The egress gateway between the callers and the system: it allows only the allowed callers, and the system sees its address. Without it, callers connect directly',
    examples: ['outbound'],
    'x-names': 'gateway',
  }),
  resolution: defineWords({
    none: 'The caller resolves the host, and its proxy forwards to the address that the caller dials',
    dns: 'The proxy resolves the host by DNS, and distributes requests over all its addresses',
    'dns-round-robin':
      'The proxy resolves the host by DNS, and opens each new connection to the first address of the latest answer',
    'dynamic-dns':
      'For wildcard hosts: the proxy resolves the server name in the TLS handshake of the caller (SNI)',
  }).meta({
    description:
      'The resolution of the hosts to addresses. Without `endpoints`, the default is `dns`, or `none` if the system has `addresses` or a wildcard host',
    examples: ['none', 'dns-round-robin'],
  }),
  addresses: z
    .union([
      defineWord('any', 'Any address: the port alone identifies connections to the system'),
      z.array(AddressRange).min(1).max(256),
    ])
    .meta({
      description: 'The IP addresses that callers dial, or `any`; required for a `tcp` port',
      examples: [['203.0.113.7'], ['198.51.100.0/24'], 'any'],
    }),
  endpoints: defineNamed(endpointAddress, z.union([weight, Endpoint])).meta({
    description:
      'The endpoints of the system, by address or host name, each with its weight (default: the addresses that the hosts resolve to)',
    examples: [{ '203.0.113.7': 3, '203.0.113.8': 1 }],
  }),
  timeout: Timeout.meta({
    description: 'The time that a caller waits for a response, retries included',
    examples: ['10s'],
  }),
  retries: Retries.meta({
    description: 'Retries of a failed request, `none`, or the default retries of Istio (`istio-default`)',
    examples: ['none', { attempts: 2, perTryTimeout: '10s' }],
  }),
  circuitBreaker: CircuitBreaker.meta({
    description: 'The ejection of addresses that fail (outlier detection), or `none`',
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
            description: 'The allowed caller: a service, `namespace/<name>` or `anyone`',
            examples: ['my-api'],
          }),
          because: z
            .string()
            .min(1)
            .max(500)
            .optional()
            .meta({ description: 'The reason for the entry', examples: ['payments'] }),
        })
        .meta({
          id: 'ExternalAllow',
          description: 'An allowed caller of the system',
          examples: [{ from: 'my-api' }],
        }),
    )
    .max(500)
    .meta({
      description:
        'The allowed callers. The system is not visible to any other caller; without `allow`, `access` decides',
      examples: [[{ from: 'my-api' }]],
    }),
}).meta({
  id: 'External',
  description: 'A system outside the mesh',
  examples: [
    { hosts: ['api.stripe.com'], port: { https: 443 }, tls: 'originate', allow: [{ from: 'my-api' }] },
  ],
})
