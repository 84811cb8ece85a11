import { z } from 'zod'
import {
  Duration,
  HeaderName,
  Host,
  Labels,
  LabelValue,
  Method,
  Namespace,
  Path,
  Pattern,
  Percent,
  PortName,
  PortNumber,
  ServiceName,
  Url,
  VersionName,
} from './names.ts'
import { Port } from './ports.ts'
import { named, section } from './section.ts'
import type { Snippet } from './snippet.ts'
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

/** Who calls: a service, `gateway/<name>`, `namespace/<name>`, `external-caller/<spiffe id>` or `anyone`. */
export const Caller = z
  .string()
  .max(300)
  .regex(
    /^([a-z]([-a-z0-9]{0,61}[a-z0-9])?|gateway\/[a-z]([-a-z0-9]{0,61}[a-z0-9])?|namespace\/[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?|external-caller\/[a-z0-9][-a-z0-9.]{0,252}(\/[-A-Za-z0-9._]{1,63}){1,16})$/,
  )
  .meta({
    title: 'a service, `gateway/<name>`, `namespace/<name>`, `external-caller/<identity>` or `anyone`',
    examples: ['web', 'gateway/public', 'namespace/monitoring'],
    'x-names': 'caller',
  })

export const Allow = z
  .strictObject({
    from: Caller.meta({
      description: 'Who may call',
      examples: ['web', 'gateway/public', 'namespace/monitoring', 'anyone'],
    }),
    methods: z
      .array(Method)
      .min(1)
      .optional()
      .meta({ description: 'With these methods only', examples: [['GET']] }),
    paths: z
      .array(Path)
      .min(1)
      .optional()
      .meta({ description: 'On these paths only', examples: [['/api/*']] }),
    ports: z
      .array(PortName.meta({ 'x-names': 'port' }))
      .min(1)
      .optional()
      .meta({ description: 'On these ports only, by name', examples: [['metrics']] }),
    jwt: z
      .literal('required')
      .optional()
      .meta({ description: 'Only with a valid token', examples: ['required'] }),
    claims: z
      .record(
        z
          .string()
          .regex(/^[A-Za-z0-9_.:/-]{1,128}$/)
          .meta({ title: 'a claim name' }),
        z.array(Pattern).min(1),
      )
      .optional()
      .meta({
        description: 'Only with a token whose claims have one of these values',
        examples: [{ role: ['admin'] }],
      }),
    because: z
      .string()
      .min(1)
      .max(500)
      .optional()
      .meta({ description: 'Why, for who reads it next', examples: ['the load balancer probes it'] }),
  })
  .meta({
    id: 'Allow',
    description: 'Who may call, and with what',
    examples: [{ from: 'web', methods: ['GET'] }],
  })

export const Jwt = section({
  issuer: z
    .string()
    .min(1)
    .max(2048)
    .regex(/^[!-~]+$/)
    .meta({
      title: 'the issuer of tokens',
      description: 'Who issues the tokens',
      examples: ['https://login.example.com'],
    }),
  jwks: Url.meta({
    description: 'Where its public keys are',
    examples: ['https://login.example.com/.well-known/jwks.json'],
  }),
  audiences: z
    .array(
      z
        .string()
        .min(1)
        .max(1024)
        .regex(/^[!-~]+$/)
        .meta({ title: 'an audience' }),
    )
    .min(1)
    .meta({ description: 'The audiences a token must name', examples: [['my-api']] }),
  header: HeaderName.meta({
    description: 'The header that carries the token, where it is not `authorization`',
    examples: ['x-token'],
  }),
  forward: z.boolean().meta({ description: 'Whether the service sees the token too', examples: [true] }),
}).meta({
  id: 'Jwt',
  description: 'The tokens that a service understands',
  examples: [
    { issuer: 'https://login.example.com', jwks: 'https://login.example.com/.well-known/jwks.json' },
  ],
})

export const Expose = z
  .strictObject({
    gateway: ServiceName.meta({ description: 'The gateway', examples: ['public'], 'x-names': 'gateway' }),
    host: Host.meta({
      description: 'The host, one of those of the gateway',
      examples: ['api.example.com'],
      'x-names': 'host',
    }),
    paths: z
      .array(Path)
      .min(1)
      .optional()
      .meta({ description: 'These paths only', examples: [['/api/*']] }),
    rewrite: Rewrite.optional().meta({
      description: 'Changes the request before it is sent on',
      examples: [{ path: '/' }],
    }),
    headers: HeaderChanges.optional().meta({
      description: 'Headers changed on the way',
      examples: [{ response: { set: { 'x-frame-options': 'deny' } } }],
    }),
    cors: Cors.optional().meta({
      description: 'Which web pages of other sites may call',
      examples: [{ origins: ['https://app.example.com'], methods: ['GET'] }],
    }),
    port: PortName.optional().meta({
      description: 'The port of the service, by name, where it has several',
      examples: ['http'],
      'x-names': 'port',
    }),
  })
  .meta({
    id: 'Expose',
    description: 'A host of a gateway that leads to this service',
    examples: [{ gateway: 'public', host: 'api.example.com' }],
  })

const VersionSpec = section({
  version: LabelValue.min(1).meta({
    title: 'a label value',
    description: 'The value of the `version` label of its pods, where it is not the name',
    examples: ['v2'],
  }),
  labels: Labels.meta({
    description: 'The labels of its pods, instead of `version`',
    examples: [{ track: 'canary' }],
  }),
}).meta({ id: 'Version', description: 'A version of a service', examples: [{ version: 'v2' }] })

export const Objective = section({
  availability: Percent.meta({ description: 'The share of the requests that succeeds', examples: ['99.9%'] }),
  latency: section({
    p50: Duration.meta({ description: 'Half of the requests are faster', examples: ['50ms'] }),
    p90: Duration.meta({ description: 'Nine of ten requests are faster', examples: ['100ms'] }),
    p95: Duration.meta({ description: 'Nineteen of twenty requests are faster', examples: ['250ms'] }),
    p99: Duration.meta({ description: 'All but one of a hundred requests are faster', examples: ['250ms'] }),
  }).meta({ description: 'How fast', examples: [{ p99: '250ms' }] }),
}).meta({ id: 'Objective', description: 'What the service promises', examples: [{ availability: '99.9%' }] })

/** How traffic is shared between versions, as people most often do it. */
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
    description: 'Two versions, of which one gets everything; `active` switches',
    body: {
      versions: { blue: '{ version: ${1:v1} }', green: '{ version: ${2:v2} }' },
      active: '${3|blue,green|}',
    },
  },
]

/** A service of the mesh: a Kubernetes Service and the workload behind it. */
export const ServiceSpec = section({
  name: ServiceName.meta({
    description: 'The name of the Kubernetes Service, where the key is not it',
    examples: ['api'],
  }),
  namespace: Namespace.meta({
    description: 'The namespace; not needed where the mesh has just one',
    examples: ['my-api'],
    'x-names': 'namespace',
  }),
  owner: z
    .string()
    .min(1)
    .max(63)
    .regex(/^[A-Za-z0-9][-A-Za-z0-9_. @]*$/)
    .meta({ title: 'a team name', description: 'Who answers for it', examples: ['team-reviews'] }),
  workload: section({
    labels: Labels.meta({
      description: 'The labels that select its pods; `app: <name>` unless said',
      examples: [{ app: 'reviews' }],
    }),
    serviceAccount: ServiceName.meta({
      description: 'The service account of its pods; the name of the service unless said',
      examples: ['bookinfo-reviews'],
    }),
  }).meta({ description: 'The pods behind the service', examples: [{ serviceAccount: 'bookinfo-reviews' }] }),
  port: Port.meta({ description: 'The port, where there is one', examples: [{ http: 8080 }] }),
  ports: named(PortName, z.union([PortNumber, Port])).meta({
    description: 'The ports by name; a name that is a protocol needs a number only',
    examples: [{ http: 9080, grpc: 9081 }],
  }),
  versions: named(VersionName, VersionSpec).meta({
    description: 'The versions that run side by side',
    examples: [{ stable: { version: 'v1' }, canary: { version: 'v2' } }],
    'x-names': 'version',
  }),
  traffic: Traffic.meta({
    description: 'The share that each version gets',
    examples: [{ stable: '90%', canary: '10%' }],
  }),
  active: VersionName.meta({
    description: 'The version that gets everything: blue-green',
    examples: ['blue'],
    'x-names': 'version',
  }),
  mirror: Mirror.meta({
    description: 'A copy of this share goes to another version',
    examples: [{ canary: '5%' }],
  }),
  routes: z
    .array(Route)
    .min(1)
    .max(200)
    .meta({
      description: 'Routes in order; the first that matches wins',
      examples: [[{ name: 'everyone', traffic: { v1: '100%' } }]],
    }),
  fault: Fault.meta({ description: 'A failure on purpose', examples: [{ delay: '7s', share: '10%' }] }),
  expose: z
    .array(Expose)
    .min(1)
    .max(100)
    .meta({
      description: 'Where it can be reached from outside',
      examples: [[{ gateway: 'public', host: 'api.example.com' }]],
    }),
  jwt: Jwt.meta({
    description: 'The tokens it understands',
    examples: [
      { issuer: 'https://login.example.com', jwks: 'https://login.example.com/.well-known/jwks.json' },
    ],
  }),
  allow: z
    .array(Allow)
    .max(500)
    .meta({ description: 'Who may call; nobody else can', examples: [[{ from: 'web', methods: ['GET'] }]] }),
  timeout: Timeout.meta({
    description: 'How long a caller waits, retries included; `none` for streams',
    examples: ['5s'],
  }),
  retries: Retries.meta({
    description: 'Tries after a failed one, or `none`',
    examples: ['none', { attempts: 2, perTryTimeout: '10s' }],
  }),
  circuitBreaker: CircuitBreaker.meta({
    description: 'When instances that fail are taken out',
    examples: [{ consecutiveErrors: 5 }],
  }),
  connections: Connections.meta({ description: 'Bounds of the connection pool', examples: [{ max: 500 }] }),
  loadBalancing: LoadBalancing.meta({
    description: 'How callers spread requests',
    examples: [{ policy: 'round-robin' }],
  }),
  objective: Objective.meta({
    description: 'What the service promises',
    examples: [{ availability: '99.9%' }],
  }),
}).meta({
  id: 'Service',
  description: 'A service of the mesh',
  examples: [{ namespace: 'my-api', port: { http: 8080 } }],
  defaultSnippets: sharing,
})
