import { z } from 'zod'
import {
  CookieName,
  Count,
  Duration,
  HeaderName,
  HeaderValue,
  Host,
  Method,
  Origin,
  Path,
  Pattern,
  PortNumber,
  PositivePercent,
  PositiveShare,
  Regex,
  RouteName,
  VersionName,
  Weight,
  WholeSeconds,
} from './names.ts'
import { named, section } from './section.ts'
import { word, words } from './words.ts'

/** What Envoy may retry on; Istio refuses any other word. See https://istio.io/latest/docs/reference/config/networking/virtual-service/#HTTPRetry */
const RetryCondition = words({
  '5xx': 'Any answer from 500 on, or none at all',
  'gateway-error': 'Answers 502, 503 and 504',
  reset: 'No answer: the connection broke, or the time was over',
  'reset-before-request': 'The connection broke before the request was sent',
  'connect-failure': 'No connection could be made',
  'retriable-4xx': 'Answer 409',
  'refused-stream': 'HTTP/2 refused the stream before it was worked on',
  'envoy-ratelimited': 'The proxy itself limited the rate',
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
  description: 'A failure that is worth another try',
  examples: ['connect-failure'],
})

/** A caller waits no longer than this; a bound is never missing by accident. */
export const Timeout = z.union([word('none', 'No limit, as streams need it'), Duration])

export const Retries = z
  .union([
    word('none', 'One try only'),
    section({
      attempts: z
        .int()
        .min(1)
        .max(100)
        .meta({ description: 'How many tries follow the first', examples: [2] }),
      perTryTimeout: Duration.meta({ description: 'How long each try may take', examples: ['10s'] }),
      on: z
        .array(RetryCondition)
        .min(1)
        .max(16)
        .meta({ description: 'What is tried again', examples: [['connect-failure', 'unavailable']] }),
    }),
  ])
  .meta({
    id: 'Retries',
    description: 'Tries after a failed one, or `none`',
    examples: [{ attempts: 2, perTryTimeout: '10s' }],
  })

export const CircuitBreaker = section({
  consecutiveErrors: Count.meta({
    description: 'Server errors in a row after which an instance is ejected',
    examples: [5],
  }),
  interval: Duration.meta({ description: 'How often instances are looked at', examples: ['30s'] }),
  ejectFor: Duration.meta({
    description: 'How long an instance stays ejected the first time',
    examples: ['30s'],
  }),
  maxEjected: PositiveShare.meta({
    description: 'The largest share of instances that may be ejected at once',
    examples: ['50%'],
  }),
}).meta({
  id: 'CircuitBreaker',
  description: 'When instances that fail are taken out',
  examples: [{ consecutiveErrors: 5 }],
})

export const Connections = section({
  max: Count.meta({ description: 'Connections to the service from one caller', examples: [100] }),
  pending: Count.meta({ description: 'Requests that may wait for a connection', examples: [100] }),
  requestsPerConnection: Count.meta({
    description: 'Requests after which a connection is renewed',
    examples: [100],
  }),
  requests: Count.meta({ description: 'Requests in flight over HTTP/2 and gRPC', examples: [1000] }),
  connectTimeout: Duration.meta({ description: 'How long a connection may take to open', examples: ['5s'] }),
  idleTimeout: Duration.meta({ description: 'How long a connection may idle', examples: ['10m'] }),
}).meta({ id: 'Connections', description: 'Bounds of the connection pool', examples: [{ max: 100 }] })

export const LoadBalancing = section({
  policy: words({
    'least-request': 'Of two, the one with fewer requests in flight',
    'round-robin': 'One after the other',
    random: 'Any',
    'consistent-hash': 'The same one for the same header, cookie or address',
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
}).meta({
  id: 'LoadBalancing',
  description: 'How callers spread requests over instances',
  examples: [{ policy: 'round-robin' }],
})

const RegexMatch = z.strictObject({
  regex: Regex.meta({ description: 'An expression that the whole value matches', examples: ['v[12]'] }),
})

const StringMatch = z.union([Pattern, RegexMatch]).meta({
  id: 'StringMatch',
  description: 'A value, a beginning followed by `*`, `*` for any value, or a regular expression',
  examples: ['jason', { regex: 'v[12]' }],
})

export const Match = z
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
      .meta({ description: 'Methods, any of which matches', examples: [['GET']] }),
    paths: z
      .array(z.union([Path, RegexMatch]))
      .min(1)
      .optional()
      .meta({ description: 'Paths, any of which matches', examples: [['/v1/*']] }),
  })
  .meta({
    id: 'Match',
    description: 'The requests that are meant: everything that is said must hold',
    examples: [{ headers: { 'end-user': 'jason' } }],
  })

export const Traffic = named(VersionName, Weight).meta({
  id: 'Traffic',
  description: 'The share that each version gets; the shares add up to 100%',
  examples: [{ stable: '90%', canary: '10%' }],
  'x-names': 'version',
})

/** A copy of no request is no copy: Envoy does not mirror at 0%. */
export const Mirror = named(VersionName, PositivePercent).meta({
  id: 'Mirror',
  description: 'The share of the requests of which each version gets a copy',
  examples: [{ canary: '5%' }],
  'x-names': 'version',
})

export const Redirect = z
  .strictObject({
    path: Path.optional().meta({
      description: 'The path to go to; `/v2/*` keeps what follows the matched prefix',
      examples: ['/v2/'],
    }),
    host: Host.optional().meta({ description: 'The host to go to', examples: ['www.example.com'] }),
    scheme: words({ http: 'Plain text', https: 'TLS' })
      .optional()
      .meta({ description: 'The scheme to go to', examples: ['https'] }),
    port: PortNumber.optional().meta({ description: 'The port to go to', examples: [443] }),
    code: z
      .union([
        z.literal(301).meta({ description: 'Moved permanently' }),
        z.literal(302).meta({ description: 'Found' }),
        z.literal(303).meta({ description: 'See other: with GET' }),
        z.literal(307).meta({ description: 'Temporarily, with the same method' }),
        z.literal(308).meta({ description: 'Permanently, with the same method' }),
      ])
      .optional()
      .meta({ description: 'The status code, 301 unless said', examples: [308] }),
  })
  .meta({
    id: 'Redirect',
    description: 'Answers with a redirect instead of a version',
    examples: [{ path: '/v2/' }],
  })

export const Rewrite = z
  .strictObject({
    path: Path.optional().meta({
      description: 'Replaces the matched prefix, or the whole of an exact path',
      examples: ['/'],
    }),
    host: Host.optional().meta({
      description: 'Replaces the Host header',
      examples: ['backend.example.com'],
    }),
  })
  .meta({ id: 'Rewrite', description: 'Changes the request before it is sent on', examples: [{ path: '/' }] })

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
      .meta({ description: 'Headers to take away', examples: [['x-internal']] }),
  })
  .meta({
    id: 'HeaderOperations',
    description: 'What is done to headers',
    examples: [{ set: { 'x-mesh': 'shop' } }],
  })

export const HeaderChanges = z
  .strictObject({
    request: HeaderOperations.optional().meta({
      description: 'On the way to the service',
      examples: [{ remove: ['x-internal'] }],
    }),
    response: HeaderOperations.optional().meta({
      description: 'On the way back',
      examples: [{ set: { 'x-frame-options': 'deny' } }],
    }),
  })
  .meta({
    id: 'HeaderChanges',
    description: 'Headers changed on the way',
    examples: [{ request: { set: { 'x-mesh': 'shop' } } }],
  })

export const Cors = section({
  origins: z
    .array(Origin)
    .min(1)
    .meta({ description: 'The sites whose pages may call', examples: [['https://app.example.com']] }),
  methods: z
    .array(Method)
    .min(1)
    .meta({ description: 'The methods they may use', examples: [['GET', 'POST']] }),
  headers: z
    .array(HeaderName)
    .min(1)
    .meta({ description: 'The headers they may send', examples: [['authorization']] }),
  exposeHeaders: z
    .array(HeaderName)
    .min(1)
    .meta({ description: 'The headers they may read', examples: [['x-request-id']] }),
  maxAge: WholeSeconds.meta({ description: 'How long a browser may remember the answer', examples: ['24h'] }),
  credentials: z
    .boolean()
    .meta({ description: 'Whether cookies and authorization go along', examples: [true] }),
}).meta({
  id: 'Cors',
  description: 'Which web pages of other sites may call',
  examples: [{ origins: ['https://app.example.com'], methods: ['GET'] }],
})

export const Fault = section({
  delay: Duration.meta({ description: 'Wait this long before the request goes on', examples: ['7s'] }),
  abort: z
    .int()
    .min(400)
    .max(599)
    .meta({ description: 'Answer with this status instead', examples: [503] }),
  share: PositivePercent.meta({ description: 'The share of the requests that is hit', examples: ['10%'] }),
  when: Match.meta({ description: 'Only these requests', examples: [{ headers: { 'end-user': 'jason' } }] }),
}).meta({
  id: 'Fault',
  description: 'A failure on purpose, refused where `faults: forbidden`',
  examples: [{ delay: '7s', share: '10%' }],
})

export const Route = z
  .strictObject({
    name: RouteName.meta({
      description: 'What this route is called in logs and findings',
      examples: ['testers'],
    }),
    when: Match.optional().meta({
      description: 'The requests that take this route; without it, all that are left',
      examples: [{ methods: ['GET'] }],
    }),
    traffic: z
      .record(VersionName, Weight)
      .optional()
      .meta({
        description: 'The share that each version gets',
        examples: [{ v1: '80%', v3: '20%' }],
        'x-names': 'version',
      }),
    redirect: Redirect.optional().meta({
      description: 'Answers with a redirect instead of a version',
      examples: [{ path: '/v2/' }],
    }),
    rewrite: Rewrite.optional().meta({
      description: 'Changes the request before it is sent on',
      examples: [{ path: '/' }],
    }),
    headers: HeaderChanges.optional().meta({
      description: 'Headers changed on the way',
      examples: [{ response: { remove: ['server'] } }],
    }),
    mirror: z
      .record(VersionName, PositivePercent)
      .optional()
      .meta({
        description: 'A copy of this share goes to another version; its answer is thrown away',
        examples: [{ v2: '5%' }],
        'x-names': 'version',
      }),
    timeout: Timeout.optional().meta({
      description: 'How long a caller waits, retries included; `none` for streams',
      examples: ['5s'],
    }),
    retries: Retries.optional().meta({
      description: 'Tries after a failed one, or `none`',
      examples: ['none'],
    }),
  })
  .meta({
    id: 'Route',
    description: 'Where requests of one sort go; the first route that matches wins',
    examples: [{ name: 'testers', when: { headers: { 'end-user': 'jason' } }, traffic: { v2: '100%' } }],
  })
