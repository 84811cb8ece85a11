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
  '5xx': 'A response with a status from 500 on, or no response',
  'gateway-error': 'A response with status 502, 503 or 504',
  reset: 'No response: the connection broke, or the try timed out',
  'reset-before-request': 'The connection broke before the request was sent',
  'connect-failure': 'No connection could be made',
  'retriable-4xx': 'A response with status 409',
  'refused-stream': 'The server refused the HTTP/2 stream before it processed the request',
  'envoy-ratelimited': 'The proxy refused the request because of a rate limit',
  cancelled: 'gRPC status 1',
  'deadline-exceeded': 'gRPC status 4',
  internal: 'gRPC status 13',
  'resource-exhausted': 'gRPC status 8',
  unavailable: 'gRPC status 14',
  '429': 'Too many requests',
  '502': 'Bad gateway',
  '503': 'Service unavailable',
  '504': 'Gateway timeout',
}).meta({
  title: 'a retry condition',
  description: 'A failure after which a request is retried',
  examples: ['connect-failure'],
})

/** A caller waits no longer than this; a bound is never missing by accident. */
export const Timeout = z.union([defineWord('none', 'No limit, for streams'), Duration])

export const Retries = z
  .union([
    defineWord('none', 'No retries'),
    defineWord(
      'istio-default',
      'The retries that Istio makes by itself: two, after `connect-failure`, `refused-stream`, `unavailable` or `cancelled`, without a limit of time for each; or those of `defaultHttpRetryPolicy` in the meshConfig of the cluster',
    ),
    defineSection({
      attempts: z
        .int()
        .min(1)
        .max(100)
        .meta({ description: 'How many retries follow the first try', examples: [2] }),
      perTryTimeout: z
        .union([defineWord('none', 'A try may take as long as the request'), Duration])
        .meta({ description: 'How long each try may take', examples: ['10s'] }),
      on: z
        .union([
          defineWord(
            'istio-default',
            'The failures of Istio itself: `connect-failure`, `refused-stream`, `unavailable` and `cancelled`',
          ),
          z.array(RetryCondition).min(1).max(16),
        ])
        .meta({
          description: 'The failures after which a request is retried',
          examples: [['connect-failure', 'unavailable']],
        }),
    }),
  ])
  .meta({
    id: 'Retries',
    description: 'Retries of a failed request, `none`, or those of Istio itself (`istio-default`)',
    examples: [{ attempts: 2, perTryTimeout: '10s' }],
  })

export const CircuitBreaker = z
  .union([
    defineWord('none', 'No instance is ejected'),
    defineSection({
      consecutiveErrors: Count.meta({
        description: 'Server errors in a row after which an instance is ejected',
        examples: [5],
      }),
      interval: Duration.meta({ description: 'How often instances are checked', examples: ['30s'] }),
      ejectFor: Duration.meta({
        description: 'How long an instance stays ejected the first time',
        examples: ['30s'],
      }),
      maxEjected: PositiveShare.meta({
        description: 'The largest share of instances that may be ejected at once',
        examples: ['50%'],
      }),
      minHealthy: PositiveShare.meta({
        description:
          'The share of healthy instances below which no instance counts as ejected (panic threshold); by default there is none',
        examples: ['30%'],
      }),
    }),
  ])
  .meta({
    id: 'CircuitBreaker',
    description: 'When an instance that fails is ejected, or `none`',
    examples: [{ consecutiveErrors: 5 }],
  })

const unlimited = defineWord('unlimited', 'No limit')

export const Connections = z
  .union([
    defineWord(
      'unlimited',
      'No limits but those of Istio: its `connectTimeout`, which is 10s unless the meshConfig sets another',
    ),
    defineSection({
      max: z.union([unlimited, Count]).meta({
        description: 'The largest number of connections from one caller to the service',
        examples: [100],
      }),
      pending: z.union([unlimited, Count]).meta({
        description: 'The largest number of requests that wait for a connection',
        examples: [100],
      }),
      requestsPerConnection: Count.meta({
        description: 'The number of requests after which a connection is replaced',
        examples: [100],
      }),
      requests: Count.meta({
        description: 'The largest number of HTTP/2 and gRPC requests in flight',
        examples: [1000],
      }),
      connectTimeout: Duration.meta({
        description: 'How long a connection may take to open',
        examples: ['5s'],
      }),
      idleTimeout: Duration.meta({ description: 'How long a connection may be idle', examples: ['10m'] }),
      keepalive: z
        .union([
          Duration,
          defineSection({
            after: Duration.meta({
              description: 'How long a connection is idle before the first probe',
              examples: ['5m'],
            }),
            interval: Duration.meta({ description: 'The time between two probes', examples: ['30s'] }),
            probes: Count.meta({
              description: 'The number of probes without an answer after which a connection is closed',
              examples: [3],
            }),
          }),
        ])
        .meta({
          description:
            'TCP probes of idle connections: how long a connection is idle before the first one, or all about them',
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
      'The zone of the caller first, then its region, then any region: as far as instances there are healthy',
    ),
    defineWord('off', 'All instances alike, wherever they are'),
    defineSection({
      failover: defineNamed(Region, Region).meta({
        description: 'The region that takes the requests of another one whose instances fail',
        examples: [{ 'eu-west-1': 'eu-central-1' }],
      }),
      distribute: defineNamed(LocalityPattern, defineNamed(LocalityPattern, PositiveShare)).meta({
        description:
          'For callers in a region, zone or subzone: the share of their requests that goes to each; the shares add up to 100%',
        examples: [{ 'eu-west-1/a/*': { 'eu-west-1/a/*': '80%', 'eu-west-1/b/*': '20%' } }],
      }),
    }),
  ])
  .meta({
    id: 'LocalityPreference',
    description: 'How much nearer instances are preferred: `zone-first`, `off`, or regions and shares',
    examples: ['zone-first', { failover: { 'eu-west-1': 'eu-central-1' } }],
  })

export const LoadBalancing = defineSection({
  policy: defineWords({
    'least-request': 'Of two random instances, the one with fewer requests in flight',
    'round-robin': 'Each instance in turn',
    random: 'A random instance',
    'consistent-hash': 'The same instance for the same header, cookie or address',
  }).meta({ description: 'How an instance is chosen', examples: ['least-request'] }),
  header: HeaderName.meta({
    description: 'With consistent-hash: the header whose value chooses the instance',
    examples: ['x-user'],
  }),
  cookie: CookieName.meta({
    description: 'With consistent-hash: the cookie whose value chooses the instance',
    examples: ['session'],
  }),
  sourceAddress: z.literal(true).meta({
    description: 'With consistent-hash: the address of the caller chooses the instance',
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
            description: 'The curve: 1 grows evenly, and more grows faster at the beginning',
            examples: [1.5],
          }),
      }),
    ])
    .meta({
      description: 'Slow start: the time until a new instance gets its full share, or all about it',
      examples: ['30s', { duration: '1m', from: '20%' }],
    }),
  locality: Locality.meta({
    description:
      'How much nearer instances are preferred; by default as Istio does, `zone-first` where a circuit breaker is set',
    examples: ['zone-first', 'off'],
  }),
}).meta({
  id: 'LoadBalancing',
  description: 'How callers distribute requests over instances',
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
  description: 'A value, a prefix followed by `*`, `*` for any value, or a regular expression',
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
      .meta({ description: 'Methods, of which one must match', examples: [['GET']] }),
    paths: z
      .array(z.union([Path, RegexMatch]))
      .min(1)
      .optional()
      .meta({ description: 'Paths, of which one must match', examples: [['/v1/*']] }),
  })
  .meta({
    id: 'Match',
    description: 'A condition on requests: each of its fields must match',
    examples: [{ headers: { 'end-user': 'jason' } }],
  })

const RouteMatch = Match.extend({
  claims: Claims.optional().meta({
    description:
      'Claims of a valid token that must all match, at gateways whose `jwt` accepts the token; inside of the mesh, no request takes the route',
    examples: [{ group: 'testers' }],
  }),
}).meta({
  id: 'RouteMatch',
  description: 'A condition on requests: each of its fields must match',
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
    'The share of the requests that is copied to each version, or to another service (`service/<name>`)',
  examples: [{ canary: '5%' }],
  'x-names': 'receiver',
})

export const Redirect = z
  .strictObject({
    path: Path.optional().meta({
      description: 'The new path; `/v2/*` keeps what follows the matched prefix',
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
        z.literal(302).meta({ description: 'Found' }),
        z.literal(303).meta({ description: 'See other: with GET' }),
        z.literal(307).meta({ description: 'Temporarily, with the same method' }),
        z.literal(308).meta({ description: 'Permanently, with the same method' }),
      ])
      .optional()
      .meta({ description: 'The status code; by default 301', examples: [308] }),
  })
  .meta({
    id: 'Redirect',
    description: 'Answers with a redirect, and forwards nothing to a version',
    examples: [{ path: '/v2/' }],
  })

export const Rewrite = z
  .strictObject({
    path: Path.optional().meta({
      description: 'Replaces the matched prefix, or the whole path if the match is exact',
      examples: ['/'],
    }),
    host: Host.optional().meta({
      description: 'Replaces the Host header',
      examples: ['backend.example.com'],
    }),
  })
  .meta({
    id: 'Rewrite',
    description: 'Changes the path or host of a request before it is forwarded',
    examples: [{ path: '/' }],
  })

const HeaderOperations = z
  .strictObject({
    set: z
      .record(HeaderName, HeaderValue)
      .optional()
      .meta({ description: 'Headers to overwrite', examples: [{ 'x-mesh': 'shop' }] }),
    add: z
      .record(HeaderName, HeaderValue)
      .optional()
      .meta({ description: 'Headers to append', examples: [{ 'x-seen': 'gateway' }] }),
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
    .meta({ description: 'The sites whose pages may call', examples: [['https://app.example.com']] }),
  methods: z
    .array(Method)
    .min(1)
    .meta({ description: 'The methods that these pages may use', examples: [['GET', 'POST']] }),
  headers: z
    .array(HeaderName)
    .min(1)
    .meta({ description: 'The headers that these pages may send', examples: [['authorization']] }),
  exposeHeaders: z
    .array(HeaderName)
    .min(1)
    .meta({ description: 'The headers that these pages may read', examples: [['x-request-id']] }),
  maxAge: WholeSeconds.meta({
    description: 'How long a browser may cache the answer to a preflight',
    examples: ['24h'],
  }),
  credentials: z
    .boolean()
    .meta({ description: 'Whether these pages may send cookies and credentials', examples: [true] }),
}).meta({
  id: 'Cors',
  description: 'Which web pages of other sites may call',
  examples: [{ origins: ['https://app.example.com'], methods: ['GET'] }],
})

export const Fault = defineSection({
  delay: Duration.meta({ description: 'Delays the request by this time', examples: ['7s'] }),
  abort: z
    .int()
    .min(400)
    .max(599)
    .meta({ description: 'Answers with this status, and does not forward the request', examples: [503] }),
  share: PositivePercent.meta({
    description: 'The share of the requests that the fault affects',
    examples: ['10%'],
  }),
  when: Match.meta({
    description: 'The requests that the fault affects',
    examples: [{ headers: { 'end-user': 'jason' } }],
  }),
}).meta({
  id: 'Fault',
  description: 'A fault to inject; refused where `faults: forbidden` is set',
  examples: [{ delay: '7s', share: '10%' }],
})

export const Route = z
  .strictObject({
    name: RouteName.meta({
      description: 'The name of the route in logs and diagnostics',
      examples: ['testers'],
    }),
    when: RouteMatch.optional().meta({
      description: 'The requests that take this route; without it, all that no earlier route takes',
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
      description: 'Answers with a redirect, and forwards nothing to a version',
      examples: [{ path: '/v2/' }],
    }),
    rewrite: Rewrite.optional().meta({
      description: 'Changes the path or host of a request before it is forwarded',
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
          'The share of the requests that is copied to another version or service (`service/<name>`); its responses are ignored',
        examples: [{ v2: '5%' }],
        'x-names': 'receiver',
      }),
    timeout: Timeout.optional().meta({
      description: 'How long a caller waits for a response, including retries; `none` for streams',
      examples: ['5s'],
    }),
    retries: Retries.optional().meta({
      description: 'Retries of a failed request, `none`, or those of Istio itself (`istio-default`)',
      examples: ['none'],
    }),
    rateLimit: RateLimit.optional().meta({
      description:
        'The requests of this route that each proxy of a gateway takes, in place of the limit of the gateway',
      examples: ['20/s'],
    }),
  })
  .meta({
    id: 'Route',
    description: 'Where requests that match a condition go; the first route that matches takes the request',
    examples: [{ name: 'testers', when: { headers: { 'end-user': 'jason' } }, traffic: { v2: '100%' } }],
  })
