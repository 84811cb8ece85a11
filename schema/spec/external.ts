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
  .meta({ title: 'a weight from 1 to 1000', description: 'Its weight', examples: [3] })

const Endpoint = defineSection({
  weight: weight.meta({
    description: 'Its share of the requests, relative to the weights of the others; by default 1',
    examples: [3],
  }),
  port: PortNumber.meta({ description: 'Its port, if it is another', examples: [8443] }),
  locality: Locality.meta({
    description: 'The region, zone and subzone that it is in',
    examples: ['eu-west-1/a'],
  }),
}).meta({
  id: 'ExternalEndpoint',
  description: 'A place where the system answers',
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
      'The secret with the certificate (`tls.crt`), its key (`tls.key`) and the CA of the system (`ca.crt`), in the namespace of each caller, whose service account needs the right to list secrets there; with `through`, in that of the gateway',
    examples: ['stripe-client'],
  }),
  certificate: httpPath.meta({
    description: 'The file of the certificate in the sidecar of each caller, instead of a secret',
    examples: ['/etc/stripe/tls.crt'],
  }),
  key: httpPath.meta({ description: 'The file of its private key', examples: ['/etc/stripe/tls.key'] }),
  ca: httpPath.meta({
    description: 'The file of the CA of the system; by default the CAs of the operating system',
    examples: ['/etc/stripe/ca.crt'],
  }),
}).meta({
  id: 'ClientCertificate',
  description: 'The certificate that the mesh shows to an external system: a secret, or files',
  examples: [{ secret: 'stripe-client' }, { certificate: '/etc/stripe/tls.crt', key: '/etc/stripe/tls.key' }],
})

/** A system outside the mesh that services of the mesh call. */
export const ExternalSpec = defineSection({
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
  port: defineSection({
    https: PortNumber.meta({ description: 'The number of a port that speaks HTTPS', examples: [443] }),
    http: PortNumber.meta({ description: 'The number of a port that speaks plain HTTP', examples: [80] }),
    tls: PortNumber.meta({
      description: 'The number of a port that speaks another protocol over TLS',
      examples: [6380],
    }),
    tcp: PortNumber.meta({ description: 'The number of a port that speaks anything else', examples: [5432] }),
  }).meta({ description: 'Its port: the protocol with the number', examples: [{ https: 443 }] }),
  tls: defineWords({
    originate: 'Callers speak HTTP, and the mesh speaks TLS',
    passthrough: 'Callers speak TLS themselves',
  }).meta({
    description: 'Who speaks TLS: the mesh (`originate`), or the callers themselves (`passthrough`)',
    examples: ['originate'],
  }),
  clientCertificate: ClientCertificate.meta({
    description:
      'The certificate that the mesh shows to the system, with `tls: originate`: a secret, or files of the sidecar',
    examples: [{ secret: 'stripe-client' }],
  }),
  through: ServiceName.meta({
    description:
      'The egress gateway that callers pass: it lets only the allowed callers through, and the system sees its address. Without one, callers connect themselves',
    examples: ['outbound'],
    'x-names': 'gateway',
  }),
  resolution: defineWords({
    none: 'The caller looks the host up, and the mesh sends on to the address that it dials',
    dns: 'The mesh looks the host up, and distributes requests over all its addresses',
    'dns-round-robin':
      'The mesh looks the host up, and makes each new connection to the first address of the latest answer',
    'dynamic-dns': 'For wildcards: the mesh looks up the host that the TLS of a caller asks for',
  }).meta({
    description:
      'Who looks the host up, and how; by default `dns`, or `none` if there are `addresses` or a wildcard',
    examples: ['none', 'dns-round-robin'],
  }),
  addresses: z
    .union([
      defineWord('any', 'Any address: the port alone shows which connections are for the system'),
      z.array(AddressRange).min(1).max(256),
    ])
    .meta({
      description: 'The IP addresses that callers dial, or `any`; required for a `tcp` port',
      examples: [['203.0.113.7'], ['198.51.100.0/24'], 'any'],
    }),
  endpoints: defineNamed(endpointAddress, z.union([weight, Endpoint])).meta({
    description:
      'The places where it answers, by address or host name, each with its weight; without them, those that a lookup of its hosts finds',
    examples: [{ '203.0.113.7': 3, '203.0.113.8': 1 }],
  }),
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
