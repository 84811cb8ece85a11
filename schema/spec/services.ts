import { z } from 'zod'
import { Authorize } from './authorizers.ts'
import { ClusterName } from './clusters.ts'
import { deniedRequests } from './deny.ts'
import {
  Duration,
  GatewayHost,
  ipv4,
  Labels,
  LabelValue,
  Locality,
  Method,
  Namespace,
  Path,
  Percent,
  PortName,
  PortNumber,
  ServiceName,
  TeamName,
  VersionName,
} from './names.ts'
import { Port } from './ports.ts'
import { RateLimit } from './rate-limits.ts'
import { defineNamed, defineSection } from './section.ts'
import type { Snippet } from './snippet.ts'
import { Claims, HeaderValues, Jwt, RequiredIssuers } from './tokens.ts'
import {
  CircuitBreaker,
  Connections,
  Cors,
  Fault,
  HeaderChanges,
  LoadBalancing,
  Mirror,
  Retries,
  Rewrite,
  Route,
  Timeout,
  Traffic,
} from './traffic.ts'
import { defineWord, defineWords } from './words.ts'

const serviceName = '[a-z]([-a-z0-9]{0,61}[a-z0-9])?'
const namespaceName = '[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?'

/** The form of a word that names a caller, with the form of a gateway in it. */
export const makeCallerPattern = (gateway: string): RegExp =>
  new RegExp(
    `^(${serviceName}|gateway/${gateway}|namespace/${namespaceName}|external-caller/[a-z0-9][-a-z0-9.]{0,252}(/[-A-Za-z0-9._]{1,63}){1,16}|(?!gateway/|namespace/|external/|external-caller/)${namespaceName}/[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?)$`,
  )

/** The form of a word that names the destination of an expectation. */
export const destinationPattern = new RegExp(
  `^(${serviceName}|external/${serviceName}|(?!gateway/|namespace/|external/|external-caller/)${namespaceName}/${namespaceName})$`,
)

/**
 * A caller: a service, `gateway/<name>`, `namespace/<name>`, `<namespace>/<workload>` of the surroundings,
 * `external-caller/<spiffe id>` or `anyone`.
 */
export const Caller = z
  .string()
  .max(320)
  .regex(makeCallerPattern(serviceName))
  .meta({
    title:
      'a service, `gateway/<name>`, `namespace/<name>`, `<namespace>/<workload>`, `external-caller/<identity>` or `anyone`',
    examples: ['web', 'gateway/public', 'namespace/monitoring'],
    'x-names': 'caller',
  })

const Allow = z
  .strictObject({
    from: Caller.meta({
      description: 'The allowed caller',
      examples: ['web', 'gateway/public', 'namespace/monitoring', 'anyone'],
    }),
    methods: z
      .array(Method)
      .min(1)
      .optional()
      .meta({ description: 'Only requests with these methods', examples: [['GET']] }),
    paths: z
      .array(Path)
      .min(1)
      .optional()
      .meta({ description: 'Only requests on these paths', examples: [['/api/*']] }),
    ports: z
      .array(PortName.meta({ 'x-names': 'port' }))
      .min(1)
      .optional()
      .meta({ description: 'Only requests to these ports, by name', examples: [['metrics']] }),
    jwt: z
      .literal('required')
      .optional()
      .meta({ description: 'Only requests with a valid token', examples: ['required'] }),
    issuers: RequiredIssuers.optional(),
    claims: Claims.optional().meta({
      description:
        'Only requests with a token in which each of these claims has one of its values; a map leads into nested claims',
      examples: [{ role: ['admin'] }],
    }),
    headers: HeaderValues.optional().meta({
      description: 'Only requests in which each of these headers has one of its values',
      examples: [{ 'x-team': ['catalog', 'search'] }],
    }),
    because: z
      .string()
      .min(1)
      .max(500)
      .optional()
      .meta({
        description: 'The reason for the entry, for later readers',
        examples: ['the load balancer probes it'],
      }),
  })
  .meta({
    id: 'Allow',
    description: 'An allowed caller, with conditions on its requests',
    examples: [{ from: 'web', methods: ['GET'] }],
  })

const Deny = z
  .strictObject({
    from: Caller.optional().meta({
      description: 'Only requests of this caller (default: every caller)',
      examples: ['legacy', 'namespace/batch'],
    }),
    ports: z
      .array(PortName.meta({ 'x-names': 'port' }))
      .min(1)
      .optional()
      .meta({ description: 'Only requests to these ports, by name', examples: [['http']] }),
    ...deniedRequests,
  })
  .meta({
    id: 'Deny',
    description:
      'Conditions on a request: the service denies requests that meet all of them, even if `allow` allows them',
    examples: [{ from: 'legacy', methods: ['DELETE'] }],
  })

const Expose = z
  .strictObject({
    gateway: ServiceName.meta({ description: 'The gateway', examples: ['public'], 'x-names': 'gateway' }),
    host: GatewayHost.optional().meta({
      description: 'A host of the gateway, or a host that a wildcard host of the gateway covers',
      examples: ['api.example.com'],
      'x-names': 'host',
    }),
    tcp: PortName.optional().meta({
      description:
        'A port under `tcp` of the gateway, in place of a host; the gateway forwards its connections to the service',
      examples: ['postgres'],
    }),
    paths: z
      .array(Path)
      .min(1)
      .optional()
      .meta({ description: 'Only requests on these paths (default: every path)', examples: [['/api/*']] }),
    rewrite: Rewrite.optional().meta({
      description: 'The rewrite of the path or the host, before the proxy forwards the request',
      examples: [{ path: '/' }],
    }),
    headers: HeaderChanges.optional().meta({
      description: 'Changes to the headers of requests and responses',
      examples: [{ response: { set: { 'x-frame-options': 'deny' } } }],
    }),
    cors: Cors.optional().meta({
      description: 'The CORS policy: the web pages of other sites that may call the service',
      examples: [{ origins: ['https://app.example.com'], methods: ['GET'] }],
    }),
    port: PortName.optional().meta({
      description:
        'The port of the service, by name (default: the first port with a protocol that the gateway can forward)',
      examples: ['http'],
      'x-names': 'port',
    }),
  })
  .meta({
    id: 'Expose',
    description: 'A host or a TCP port of a gateway that leads to this service',
    examples: [{ gateway: 'public', host: 'api.example.com' }],
  })

const VersionSpec = defineSection({
  version: LabelValue.min(1).meta({
    title: 'a label value',
    description: 'The value of the label `version` of the pods, if it differs from the name of the version',
    examples: ['v2'],
  }),
  labels: Labels.meta({
    description: 'The labels of the pods, in place of the label `version`',
    examples: [{ track: 'canary' }],
  }),
  circuitBreaker: CircuitBreaker.meta({
    description: 'For this version alone: the ejection of instances that fail (outlier detection), or `none`',
    examples: [{ consecutiveErrors: 3 }],
  }),
  connections: Connections.meta({
    description: 'For this version alone: limits of the connection pool, or `unlimited`',
    examples: [{ max: 20 }],
  }),
  loadBalancing: LoadBalancing.meta({
    description: 'For this version alone: the distribution of requests over instances (load balancing)',
    examples: [{ warmup: '1m' }],
  }),
}).meta({ id: 'Version', description: 'A version of a service', examples: [{ version: 'v2' }] })

const Objective = defineSection({
  availability: Percent.meta({ description: 'The share of the requests that succeeds', examples: ['99.9%'] }),
  latency: defineSection({
    p50: Duration.meta({
      description: 'The time within which 50% of the requests get a response',
      examples: ['50ms'],
    }),
    p90: Duration.meta({
      description: 'The time within which 90% of the requests get a response',
      examples: ['100ms'],
    }),
    p95: Duration.meta({
      description: 'The time within which 95% of the requests get a response',
      examples: ['250ms'],
    }),
    p99: Duration.meta({
      description: 'The time within which 99% of the requests get a response',
      examples: ['250ms'],
    }),
  }).meta({ description: 'The latency that the service promises', examples: [{ p99: '250ms' }] }),
}).meta({
  id: 'Objective',
  description: 'The availability and latency that the service promises',
  examples: [{ availability: '99.9%' }],
})

/** The usual ways to split traffic between versions. */
const sharing: readonly Snippet[] = [
  {
    label: 'canary',
    description: 'A new version beside the stable one, with a small share of the traffic',
    body: {
      versions: { stable: '{ version: ${1:v1} }', canary: '{ version: ${2:v2} }' },
      traffic: '{ stable: ${3:90%}, canary: ${4:10%} }',
    },
  },
  {
    label: 'A/B route',
    description: 'Requests with a header go to one version, all others to another',
    body: {
      versions: { a: '{ version: ${1:v1} }', b: '{ version: ${2:v2} }' },
      routes: [
        {
          name: '${3:testers}',
          when: '{ headers: { ${4:x-group}: ${5:b} } }',
          traffic: '{ b: 100% }',
        },
        { name: 'everyone', traffic: '{ a: 100% }' },
      ],
    },
  },
  {
    label: 'blue-green pair',
    description: 'Two versions: `active` selects the version that gets all traffic',
    body: {
      versions: { blue: '{ version: ${1:v1} }', green: '{ version: ${2:v2} }' },
      active: '${3|blue,green|}',
    },
  },
]

const machineAddress = z
  .string()
  .regex(new RegExp(`^${ipv4}$`))
  .meta({ title: 'an IPv4 address', examples: ['10.3.0.11'] })

const Machine = defineSection({
  locality: Locality.meta({
    description: 'The region, zone and subzone of the machine',
    examples: ['eu-west-1/a'],
  }),
  weight: z
    .int()
    .min(1)
    .max(1000)
    .meta({
      title: 'a weight from 1 to 1000',
      description:
        'The weight: the share of the requests, relative to the weights of the other machines (default: 1)',
      examples: [3],
    }),
}).meta({
  id: 'Machine',
  description: 'A virtual machine',
  examples: [{ locality: 'eu-west-1/a' }],
})

/** A service of the mesh: a Kubernetes Service and the workload behind it. */
export const ServiceSpec = defineSection({
  name: ServiceName.meta({
    description: 'The name of the Kubernetes Service, if it differs from the key',
    examples: ['api'],
    'x-about': ['objects'],
    'x-topics': 'all',
  }),
  namespace: Namespace.meta({
    description: 'The namespace of the service (default: the only namespace of the mesh)',
    examples: ['my-api'],
    'x-names': 'namespace',
    'x-about': ['objects'],
    'x-topics': 'all',
  }),
  owner: TeamName.meta({
    description: 'The team that is responsible for the service',
    examples: ['team-reviews'],
    'x-about': [],
    'x-topics': [],
  }),
  workload: defineSection({
    labels: Labels.meta({
      description: 'The labels that select the pods (default: `app: <name>`)',
      examples: [{ app: 'reviews' }],
    }),
    serviceAccount: ServiceName.meta({
      description: 'The service account of the pods (default: the name of the service)',
      examples: ['bookinfo-reviews'],
    }),
    sidecar: defineWords({
      off: 'The pods have no sidecar: they speak plain text, prove no identity, and no policy applies to them',
    }).meta({ description: 'The sidecar of the pods; `off` if they have none', examples: ['off'] }),
    machines: z
      .union([
        defineWord('registered', 'The machines register themselves when they start'),
        defineNamed(machineAddress, Machine),
      ])
      .meta({
        description:
          'The virtual machines that run the service, by address, or `registered`; meshc then writes its Kubernetes Service',
        examples: [{ '10.3.0.11': {}, '10.3.0.12': { locality: 'eu-west-1/a' } }, 'registered'],
      }),
  }).meta({
    description: 'The pods behind the service',
    examples: [{ serviceAccount: 'bookinfo-reviews' }],
    'x-about': ['objects'],
    'x-topics': ['versions'],
  }),
  clusters: z
    .array(ClusterName)
    .min(1)
    .max(100)
    .meta({
      description:
        'The clusters that run the pods of the service (default: all). In the other clusters, meshc writes its Kubernetes Service, so that callers there can resolve its host',
      examples: [['eu1']],
      'x-about': ['objects'],
      'x-topics': [],
    }),
  headless: z.literal(true).meta({
    description:
      'A headless Kubernetes Service (`clusterIP: None`): a caller chooses one of the pods, as with a StatefulSet',
    examples: [true],
    'x-about': ['objects'],
    'x-topics': ['versions'],
  }),
  port: Port.meta({
    description: 'The port of the service, if it has only one',
    examples: [{ http: 8080 }],
    'x-about': ['objects'],
    'x-topics': 'all',
  }),
  ports: defineNamed(PortName, z.union([PortNumber, Port])).meta({
    description: 'The ports of the service, by name; if the name begins with a protocol, a number is enough',
    examples: [{ http: 9080, grpc: 9081 }],
    'x-about': ['objects'],
    'x-topics': 'all',
  }),
  versions: defineNamed(VersionName, VersionSpec).meta({
    description: 'The versions that run side by side',
    examples: [{ stable: { version: 'v1' }, canary: { version: 'v2' } }],
    'x-names': 'version',
    'x-about': ['objects', 'calls'],
    'x-topics': ['versions'],
  }),
  traffic: Traffic.meta({
    description: 'The share of the requests that each version, or another service (`service/<name>`), gets',
    examples: [{ stable: '90%', canary: '10%' }],
    'x-about': ['calls'],
    'x-topics': ['versions'],
  }),
  active: VersionName.meta({
    description: 'The version that gets all requests (blue-green)',
    examples: ['blue'],
    'x-names': 'version',
    'x-about': ['calls'],
    'x-topics': ['versions'],
  }),
  mirror: Mirror.meta({
    description:
      'The share of the requests that proxies copy to another version or service (`service/<name>`)',
    examples: [{ canary: '5%' }],
    'x-about': ['calls'],
    'x-topics': ['versions'],
  }),
  routes: z
    .array(Route)
    .min(1)
    .max(200)
    .meta({
      description: 'Routes in order; the first route that matches takes the request',
      examples: [[{ name: 'everyone', traffic: { v1: '100%' } }]],
      'x-about': ['calls'],
      'x-topics': ['access', 'fault', 'times', 'versions'],
    }),
  fault: Fault.meta({
    description: 'A fault to inject: a delay or an error',
    examples: [{ delay: '7s', share: '10%' }],
    'x-about': ['calls'],
    'x-topics': ['fault'],
  }),
  expose: z
    .array(Expose)
    .min(1)
    .max(100)
    .meta({
      description: 'The gateways and hosts at which clients outside the mesh can reach the service',
      examples: [[{ gateway: 'public', host: 'api.example.com' }]],
      'x-about': ['callers'],
      'x-topics': ['access'],
    }),
  jwt: Jwt.meta({
    description: 'The tokens that the service accepts',
    examples: [
      { issuer: 'https://login.example.com', jwks: 'https://login.example.com/.well-known/jwks.json' },
    ],
    'x-about': ['calls'],
    'x-topics': ['access'],
  }),
  allow: z
    .array(Allow)
    .max(500)
    .meta({
      description:
        'The allowed callers; the service denies every other caller. Without `allow`, `access` decides',
      examples: [[{ from: 'web', methods: ['GET'] }]],
      'x-about': ['callers'],
      'x-topics': ['access'],
    }),
  deny: z
    .array(Deny)
    .min(1)
    .max(500)
    .meta({
      description: 'Requests that the service denies, even if `allow` allows them',
      examples: [[{ from: 'legacy', methods: ['DELETE'] }]],
      'x-about': ['calls'],
      'x-topics': ['access'],
    }),
  authorize: Authorize.meta({
    description: 'The authorizer that decides about requests before `deny` and `allow`',
    examples: [{ by: 'opa', requests: [{ paths: ['/admin/*'] }] }],
    'x-about': ['calls'],
    'x-topics': ['access'],
  }),
  rateLimit: RateLimit.meta({
    description:
      'The rate limit of each instance, or of all instances together with `limiter`. A request above the limit gets status 429',
    examples: ['100/s', { requests: '100/s', burst: 200 }],
    'x-about': ['calls'],
    'x-topics': [],
  }),
  timeout: Timeout.meta({
    description: 'The time that a caller waits for a response, retries included; `none` for streams',
    examples: ['5s'],
    'x-about': ['calls'],
    'x-topics': ['times'],
  }),
  retries: Retries.meta({
    description: 'Retries of a failed request, `none`, or the default retries of Istio (`istio-default`)',
    examples: ['none', { attempts: 2, perTryTimeout: '10s' }],
    'x-about': ['calls'],
    'x-topics': ['times'],
  }),
  circuitBreaker: CircuitBreaker.meta({
    description: 'The ejection of instances that fail (outlier detection), or `none`',
    examples: [{ consecutiveErrors: 5 }],
    'x-about': ['calls'],
    'x-topics': [],
  }),
  connections: Connections.meta({
    description: 'Limits of the connection pool, or `unlimited`',
    examples: [{ max: 500 }],
    'x-about': ['calls'],
    'x-topics': [],
  }),
  loadBalancing: LoadBalancing.meta({
    description: 'The distribution of requests over instances (load balancing)',
    examples: [{ policy: 'round-robin' }],
    'x-about': ['calls'],
    'x-topics': [],
  }),
  objective: Objective.meta({
    description: 'The availability and latency that the service promises',
    examples: [{ availability: '99.9%' }],
    'x-about': ['calls'],
    'x-topics': [],
  }),
}).meta({
  id: 'Service',
  description: 'A service of the mesh',
  examples: [{ namespace: 'my-api', port: { http: 8080 } }],
  defaultSnippets: sharing,
})
