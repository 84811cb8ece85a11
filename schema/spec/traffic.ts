import { z } from 'zod'
import {
  CookieName,
  Count,
  Duration,
  HeaderName,
  HeaderValue,
  Host,
  LocalityPattern,
  Method,
  Origin,
  Path,
  Pattern,
  PortNumber,
  PositivePercent,
  PositiveShare,
  Receiver,
  Regex,
  Region,
  RouteName,
  Weight,
  WholeSeconds,
} from './names.ts'
import { RateLimit } from './rate-limits.ts'
import { defineNamed, defineSection } from './section.ts'
import { Claims } from './tokens.ts'
import { defineWord, defineWords } from './words.ts'

/**
 * The conditions on which Envoy may retry; Istio refuses any other word. See
 * https://istio.io/latest/docs/reference/config/networking/virtual-service/#HTTPRetry
 */
const RetryCondition = defineWords({
  '5xx': 'A response with status 500 or above, or no response',
  'gateway-error': 'A response with status 502, 503 or 504',
  reset: 'No response: the connection broke, or the attempt timed out',
  'reset-before-request': 'The connection broke before the proxy sent the request',
  'connect-failure': 'The proxy could not open a connection',
  'retriable-4xx': 'A response with status 409',
  'refused-stream': 'The server refused the HTTP/2 stream before it processed the request',
  'envoy-ratelimited': 'The proxy refused the request because of a rate limit',
  cancelled: 'gRPC status 1 (cancelled)',
  'deadline-exceeded': 'gRPC status 4 (deadline exceeded)',
  internal: 'gRPC status 13 (internal)',
  'resource-exhausted': 'gRPC status 8 (resource exhausted)',
  unavailable: 'gRPC status 14 (unavailable)',
  '429': 'Status 429 (too many requests)',
  '502': 'Status 502 (bad gateway)',
  '503': 'Status 503 (service unavailable)',
  '504': 'Status 504 (gateway timeout)',
}).meta({
  title: 'a retry condition',
  description: 'A failure after which a proxy retries a request',
  examples: ['connect-failure'],
})

/** A caller waits no longer than this; a bound is never missing by accident. */
export const Timeout = z.union([defineWord('none', 'No limit, for streams'), Duration])

export const Retries = z
  .union([
    defineWord('none', 'No retries'),
    defineWord(
      'istio-default',
      'The default retries of Istio: two, after `connect-failure`, `refused-stream`, `unavailable` or `cancelled`, without a timeout for each attempt; or those of `defaultHttpRetryPolicy` in the MeshConfig of the cluster',
    ),
    defineSection({
      attempts: z
        .int()
        .min(1)
        .max(100)
        .meta({ description: 'The number of retries after the first attempt', examples: [2] }),
      perTryTimeout: z
        .union([defineWord('none', 'An attempt may take as long as the whole request'), Duration])
        .meta({ description: 'The timeout of each attempt', examples: ['10s'] }),
      on: z
        .union([
          defineWord(
            'istio-default',
            'The default failures of Istio: `connect-failure`, `refused-stream`, `unavailable` and `cancelled`',
          ),
          z.array(RetryCondition).min(1).max(16),
        ])
        .meta({
          description: 'The failures after which a proxy retries a request',
          examples: [['connect-failure', 'unavailable']],
        }),
    }),
  ])
  .meta({
    id: 'Retries',
    description: 'Retries of a failed request, `none`, or the default retries of Istio (`istio-default`)',
    examples: [{ attempts: 2, perTryTimeout: '10s' }],
  })

export const CircuitBreaker = z
  .union([
    defineWord('none', 'Callers eject no instance'),
    defineSection({
      consecutiveErrors: Count.meta({
        description: 'The number of consecutive server errors after which callers eject an instance',
        examples: [5],
      }),
      interval: Duration.meta({
        description: 'The time between two checks of the instances',
        examples: ['30s'],
      }),
      ejectFor: Duration.meta({
        description: 'The time that an instance stays ejected the first time; later ejections are longer',
        examples: ['30s'],
      }),
      maxEjected: PositiveShare.meta({
        description: 'The largest share of the instances that may be ejected at the same time',
        examples: ['50%'],
      }),
      minHealthy: PositiveShare.meta({
        description:
          'The panic threshold: if the share of healthy instances is lower, callers also use ejected instances (default: no threshold)',
        examples: ['30%'],
      }),
    }),
  ])
  .meta({
    id: 'CircuitBreaker',
    description: 'The ejection of instances that fail (outlier detection), or `none`',
    examples: [{ consecutiveErrors: 5 }],
  })

const unlimited = defineWord('unlimited', 'No limit')

export const Connections = z
  .union([
    defineWord(
      'unlimited',
      'No limits except the `connectTimeout` of Istio, which is 10s unless the MeshConfig sets it',
    ),
    defineSection({
      max: z.union([unlimited, Count]).meta({
        description: 'The largest number of connections from one instance of a caller to the service',
        examples: [100],
      }),
      pending: z.union([unlimited, Count]).meta({
        description: 'The largest number of requests that wait for a connection',
        examples: [100],
        'x-requests': true,
      }),
      requestsPerConnection: Count.meta({
        description: 'The largest number of requests on one connection; the caller then opens a new one',
        examples: [100],
        'x-requests': true,
      }),
      requests: Count.meta({
        description: 'The largest number of active requests (HTTP/1.1, HTTP/2 and gRPC)',
        examples: [1000],
        'x-requests': true,
      }),
      connectTimeout: Duration.meta({
        description: 'The time limit for opening a connection',
        examples: ['5s'],
      }),
      idleTimeout: Duration.meta({
        description: 'The time after which a caller closes an idle connection',
        examples: ['10m'],
      }),
      keepalive: z
        .union([
          Duration,
          defineSection({
            after: Duration.meta({
              description: 'The time that a connection is idle before the first probe',
              examples: ['5m'],
            }),
            interval: Duration.meta({ description: 'The time between two probes', examples: ['30s'] }),
            probes: Count.meta({
              description:
                'The number of probes without an answer after which the caller closes the connection',
              examples: [3],
            }),
          }),
        ])
        .meta({
          description:
            'TCP keepalive: the time that a connection is idle before the first probe, or a map with more settings',
          examples: ['5m', { after: '5m', interval: '30s', probes: 3 }],
        }),
    }),
  ])
  .meta({
    id: 'Connections',
    description: 'Limits of the connection pool, or `unlimited`',
    examples: [{ max: 100 }],
  })

const Locality = z
  .union([
    defineWord(
      'zone-first',
      'Callers prefer healthy instances in their zone, then in their region, then in any region',
    ),
    defineWord('off', 'Callers use all instances alike, in every zone and region'),
    defineSection({
      failover: defineNamed(Region, Region).meta({
        description: 'For each region: the region that gets its requests if its instances fail',
        examples: [{ 'eu-west-1': 'eu-central-1' }],
      }),
      distribute: defineNamed(LocalityPattern, defineNamed(LocalityPattern, PositiveShare)).meta({
        description:
          'For callers in a locality (region, zone or subzone): the share of their requests that each locality gets; the shares add up to 100%',
        examples: [{ 'eu-west-1/a/*': { 'eu-west-1/a/*': '80%', 'eu-west-1/b/*': '20%' } }],
      }),
    }),
  ])
  .meta({
    id: 'LocalityPreference',
    description: 'The preference for near instances: `zone-first`, `off`, or a map of regions and shares',
    examples: ['zone-first', { failover: { 'eu-west-1': 'eu-central-1' } }],
  })

export const LoadBalancing = defineSection({
  policy: defineWords({
    'least-request': 'Of two random instances, the instance with fewer active requests',
    'round-robin': 'Each instance in turn',
    random: 'A random instance',
    'consistent-hash': 'The same instance for the same header, cookie or address',
  }).meta({
    description: 'The policy that chooses an instance for each request',
    examples: ['least-request'],
  }),
  header: HeaderName.meta({
    description: 'With `consistent-hash`: the header whose value is the hash key',
    examples: ['x-user'],
    'x-requests': true,
  }),
  cookie: CookieName.meta({
    description: 'With `consistent-hash`: the cookie whose value is the hash key',
    examples: ['session'],
    'x-requests': true,
  }),
  sourceAddress: z.literal(true).meta({
    description: 'With `consistent-hash`: the address of the caller is the hash key',
    examples: [true],
  }),
  warmup: z
    .union([
      Duration,
      defineSection({
        duration: Duration.meta({
          description: 'The time until a new instance gets its full share',
          examples: ['30s'],
        }),
        from: PositiveShare.meta({
          description: 'The share of its weight that a new instance begins with (default: 10%)',
          examples: ['10%'],
        }),
        aggression: z
          .number()
          .min(0.1)
          .max(100)
          .meta({
            title: 'a number from 0.1 to 100',
            description:
              'The curve of the growth: `1` is linear, and a higher value is faster at the beginning',
            examples: [1.5],
          }),
      }),
    ])
    .meta({
      description:
        'Slow start: the time until a new instance gets its full share of requests, or a map with more settings',
      examples: ['30s', { duration: '1m', from: '20%' }],
    }),
  locality: Locality.meta({
    description:
      'The preference for near instances (default: that of Istio, which is `zone-first` if a circuit breaker is set)',
    examples: ['zone-first', 'off'],
  }),
}).meta({
  id: 'LoadBalancing',
  description: 'The distribution of requests over instances (load balancing)',
  examples: [{ policy: 'round-robin' }],
})

const RegexMatch = z.strictObject({
  regex: Regex.meta({
    description: 'A regular expression that matches the whole value',
    examples: ['v[12]'],
  }),
})

const StringMatch = z.union([Pattern, RegexMatch]).meta({
  id: 'StringMatch',
  description: 'A value, a prefix followed by `*`, a `*` for any value, or a regular expression',
  examples: ['jason', { regex: 'v[12]' }],
})

const Match = z
  .strictObject({
    headers: z
      .record(HeaderName, StringMatch)
      .optional()
      .meta({ description: 'Headers that must all match', examples: [{ 'end-user': 'jason' }] }),
    withoutHeaders: z
      .array(HeaderName)
      .min(1)
      .optional()
      .meta({ description: 'Headers that must all be absent', examples: [['x-internal']] }),
    query: z
      .record(HeaderName, StringMatch)
      .optional()
      .meta({ description: 'Query parameters that must all match', examples: [{ beta: 'on' }] }),
    methods: z
      .array(Method)
      .min(1)
      .optional()
      .meta({ description: 'Methods, at least one of which must match', examples: [['GET']] }),
    paths: z
      .array(z.union([Path, RegexMatch]))
      .min(1)
      .optional()
      .meta({ description: 'Paths, at least one of which must match', examples: [['/v1/*']] }),
  })
  .meta({
    id: 'Match',
    description: 'A condition on requests: all fields must match',
    examples: [{ headers: { 'end-user': 'jason' } }],
  })

const RouteMatch = Match.extend({
  claims: Claims.optional().meta({
    description:
      'Claims of a valid token that must all match, at gateways whose `jwt` accepts the token. Requests inside the mesh never take the route',
    examples: [{ group: 'testers' }],
  }),
}).meta({
  id: 'RouteMatch',
  description: 'A condition on requests: all fields must match',
  examples: [{ headers: { 'end-user': 'jason' } }],
})

export const Traffic = defineNamed(Receiver, Weight).meta({
  id: 'Traffic',
  description:
    'The share of the requests that each version, or another service (`service/<name>`), gets; the shares add up to 100%',
  examples: [{ stable: '90%', canary: '10%' }],
  'x-names': 'receiver',
})

/** A copy of no request is no copy: Envoy does not mirror at 0%. */
export const Mirror = defineNamed(Receiver, PositivePercent).meta({
  id: 'Mirror',
  description:
    'The share of the requests that proxies copy to each version, or to another service (`service/<name>`)',
  examples: [{ canary: '5%' }],
  'x-names': 'receiver',
})

export const Redirect = z
  .strictObject({
    path: Path.optional().meta({
      description:
        'The new path; a path that ends in `*`, such as `/v2/*`, keeps the rest of the path after the matched prefix',
      examples: ['/v2/'],
    }),
    host: Host.optional().meta({ description: 'The new host', examples: ['www.example.com'] }),
    scheme: defineWords({ http: 'Plain text', https: 'TLS' })
      .optional()
      .meta({ description: 'The new scheme', examples: ['https'] }),
    port: PortNumber.optional().meta({ description: 'The new port', examples: [443] }),
    code: z
      .union([
        z.literal(301).meta({ description: 'Moved permanently' }),
        z.literal(302).meta({ description: 'Found: a temporary redirect' }),
        z.literal(303).meta({ description: 'See other: the client continues with GET' }),
        z.literal(307).meta({ description: 'Temporary redirect: the client keeps the method' }),
        z.literal(308).meta({ description: 'Permanent redirect: the client keeps the method' }),
      ])
      .optional()
      .meta({ description: 'The status code (default: 301)', examples: [308] }),
  })
  .meta({
    id: 'Redirect',
    description: 'The redirect with which the proxy answers, in place of forwarding the request',
    examples: [{ path: '/v2/' }],
  })

export const Rewrite = z
  .strictObject({
    path: Path.optional().meta({
      description: 'The path that replaces the matched prefix, or the whole path if the match is exact',
      examples: ['/'],
    }),
    host: Host.optional().meta({
      description: 'The host that replaces the `Host` header',
      examples: ['backend.example.com'],
    }),
  })
  .meta({
    id: 'Rewrite',
    description: 'The rewrite of the path or the host, before the proxy forwards the request',
    examples: [{ path: '/' }],
  })

const HeaderOperations = z
  .strictObject({
    set: z
      .record(HeaderName, HeaderValue)
      .optional()
      .meta({
        description: 'Headers to set; they replace existing values',
        examples: [{ 'x-mesh': 'shop' }],
      }),
    add: z
      .record(HeaderName, HeaderValue)
      .optional()
      .meta({
        description: 'Headers to add; they keep existing values',
        examples: [{ 'x-seen': 'gateway' }],
      }),
    remove: z
      .array(HeaderName)
      .min(1)
      .optional()
      .meta({ description: 'Headers to remove', examples: [['x-internal']] }),
  })
  .meta({
    id: 'HeaderOperations',
    description: 'Changes to headers',
    examples: [{ set: { 'x-mesh': 'shop' } }],
  })

export const HeaderChanges = z
  .strictObject({
    request: HeaderOperations.optional().meta({
      description: 'Changes to the headers of the request',
      examples: [{ remove: ['x-internal'] }],
    }),
    response: HeaderOperations.optional().meta({
      description: 'Changes to the headers of the response',
      examples: [{ set: { 'x-frame-options': 'deny' } }],
    }),
  })
  .meta({
    id: 'HeaderChanges',
    description: 'Changes to the headers of requests and responses',
    examples: [{ request: { set: { 'x-mesh': 'shop' } } }],
  })

export const Cors = defineSection({
  origins: z
    .array(Origin)
    .min(1)
    .meta({
      description: 'The allowed origins: the sites whose web pages may call',
      examples: [['https://app.example.com']],
    }),
  methods: z
    .array(Method)
    .min(1)
    .meta({ description: 'The methods that these pages may use', examples: [['GET', 'POST']] }),
  headers: z
    .array(HeaderName)
    .min(1)
    .meta({ description: 'The request headers that these pages may send', examples: [['authorization']] }),
  exposeHeaders: z
    .array(HeaderName)
    .min(1)
    .meta({ description: 'The response headers that these pages may read', examples: [['x-request-id']] }),
  maxAge: WholeSeconds.meta({
    description: 'The time that a browser may cache the answer to a preflight request',
    examples: ['24h'],
  }),
  credentials: z
    .boolean()
    .meta({ description: 'If `true`, these pages may send cookies and credentials', examples: [true] }),
}).meta({
  id: 'Cors',
  description: 'The CORS policy: the web pages of other sites that may call',
  examples: [{ origins: ['https://app.example.com'], methods: ['GET'] }],
})

export const Fault = defineSection({
  delay: Duration.meta({ description: 'The time by which the proxy delays the request', examples: ['7s'] }),
  abort: z
    .int()
    .min(400)
    .max(599)
    .meta({
      description: 'The status with which the proxy answers, in place of forwarding the request',
      examples: [503],
    }),
  share: PositivePercent.meta({
    description: 'The share of the requests that the fault affects (default: all requests)',
    examples: ['10%'],
  }),
  when: Match.meta({
    description: 'The requests that the fault affects',
    examples: [{ headers: { 'end-user': 'jason' } }],
  }),
}).meta({
  id: 'Fault',
  description: 'A fault to inject; with `faults: forbidden`, it is an error',
  examples: [{ delay: '7s', share: '10%' }],
})

export const Route = z
  .strictObject({
    name: RouteName.meta({
      description: 'The name of the route in logs and diagnostics',
      examples: ['testers'],
    }),
    when: RouteMatch.optional().meta({
      description: 'The requests that take this route (default: all requests that no earlier route takes)',
      examples: [{ methods: ['GET'] }],
    }),
    traffic: z
      .record(Receiver, Weight)
      .optional()
      .meta({
        description:
          'The share of the requests that each version, or another service (`service/<name>`), gets',
        examples: [{ v1: '80%', v3: '20%' }, { 'service/orders-v2': '100%' }],
        'x-names': 'receiver',
      }),
    redirect: Redirect.optional().meta({
      description: 'The redirect with which the proxy answers, in place of forwarding the request',
      examples: [{ path: '/v2/' }],
    }),
    rewrite: Rewrite.optional().meta({
      description: 'The rewrite of the path or the host, before the proxy forwards the request',
      examples: [{ path: '/' }],
    }),
    headers: HeaderChanges.optional().meta({
      description: 'Changes to the headers of requests and responses',
      examples: [{ response: { remove: ['server'] } }],
    }),
    mirror: z
      .record(Receiver, PositivePercent)
      .optional()
      .meta({
        description:
          'The share of the requests that proxies copy to another version or service (`service/<name>`); proxies ignore the responses to the copies',
        examples: [{ v2: '5%' }],
        'x-names': 'receiver',
      }),
    timeout: Timeout.optional().meta({
      description: 'The time that a caller waits for a response, retries included; `none` for streams',
      examples: ['5s'],
    }),
    retries: Retries.optional().meta({
      description: 'Retries of a failed request, `none`, or the default retries of Istio (`istio-default`)',
      examples: ['none'],
    }),
    rateLimit: RateLimit.optional().meta({
      description:
        'The rate limit for requests of this route at each proxy of a gateway, in place of the limit of the gateway',
      examples: ['20/s'],
    }),
  })
  .meta({
    id: 'Route',
    description:
      'A condition on requests, and their destination; the first route that matches takes the request',
    examples: [{ name: 'testers', when: { headers: { 'end-user': 'jason' } }, traffic: { v2: '100%' } }],
  })
