import { suite } from 'uvu'
import type { DiagnosticCode } from '../../compiler/diagnostics/diagnostic.ts'
import { plantedFault, soundSpec } from '../support/planted-fault.ts'

/** The rules for a DestinationRule: the versions of a service, and the choice of its instances. */
const test = suite('rules of a DestinationRule')

const fault = (code: DiagnosticCode, what: string, spec: string, message: string) =>
  test(`${code}: ${what}`, () => plantedFault(code, spec, message))

const sound = (what: string, spec: string) => test(`nothing wrong: ${what}`, () => soundSpec(spec))

fault(
  'MESH3003',
  'two versions have one label',
  `
services:
  cart:
    namespace: shop
    port: { http: 8080 }
    versions:
      ‹blue›: { version: v1 }
      «green»: { version: v1 }
    active: blue
`,
  'the versions `blue` and `green` of `cart` select the same pods',
)

fault(
  'MESH3003',
  'a version has the labels of another one, and more',
  `
services:
  cart:
    namespace: shop
    port: { http: 8080 }
    versions:
      ‹canary›: { labels: { version: v1, track: canary } }
      «stable»: { labels: { version: v1 } }
    traffic: { stable: 100% }
`,
  'the version `stable` of `cart` selects the pods of `canary` too',
)

sound(
  'versions differ in one label',
  `
services:
  cart:
    namespace: shop
    port: { http: 8080 }
    versions:
      canary: { labels: { version: v1, track: canary } }
      stable: { labels: { version: v1, track: stable } }
    traffic: { stable: 100% }
`,
)

fault(
  'MESH3004',
  'a version has another value than all pods of the service',
  `
services:
  cart:
    namespace: shop
    port: { http: 8080 }
    workload: { labels: { app: cart, track: ‹stable› } }
    versions: { canary: { labels: { track: «canary» } } }
`,
  'no pod can belong to the version `canary`: the pods of `cart` have `track: stable`',
)

fault(
  'MESH3201',
  'no hash key',
  `
services:
  cart:
    namespace: shop
    port: { http: 8080 }
    loadBalancing: { policy: «consistent-hash» }
`,
  '`consistent-hash` has no hash key',
)

fault(
  'MESH3201',
  'two hash keys',
  `
services:
  cart:
    namespace: shop
    port: { http: 8080 }
    loadBalancing: { policy: consistent-hash, ‹header›: x-user, «cookie»: session }
`,
  '`consistent-hash` takes one hash key, not both `header` and `cookie`',
)

fault(
  'MESH3201',
  'a hash key without `consistent-hash`',
  `
services:
  cart:
    namespace: shop
    port: { http: 8080 }
    loadBalancing: { policy: ‹round-robin›, «sourceAddress»: true }
`,
  '`sourceAddress` has no effect with the policy `round-robin`',
)

fault(
  'MESH3113',
  'the host is hashed as a header',
  `
services:
  cart:
    namespace: shop
    port: { http: 8080 }
    loadBalancing: { policy: consistent-hash, header: «host» }
`,
  '`host` is not a header for a proxy: it is the authority of the request',
)

sound(
  'a service has another load balancing than the defaults',
  `
defaults:
  loadBalancing: { policy: consistent-hash, header: x-user }
services:
  cart: { namespace: shop, port: { http: 8080 }, loadBalancing: { policy: round-robin } }
  orders: { namespace: shop, port: { http: 8080 }, loadBalancing: { cookie: session } }
  web: { namespace: shop, port: { http: 8080 } }
`,
)

fault(
  'MESH3013',
  'a header is hashed at a service without HTTP',
  `
services:
  cache: { namespace: shop, ‹port›: { redis: 6379 }, loadBalancing: { policy: consistent-hash, «header»: x-user } }
`,
  '`header` has no effect: no port of `cache` speaks HTTP',
)

fault(
  'MESH3121',
  'a default hashes a cookie in a mesh without HTTP',
  `
defaults: { loadBalancing: { policy: consistent-hash, cookie: ‹session› } }
services:
  cart: { namespace: shop, port: { http: 8080 } }
  «cache»: { namespace: shop, port: { redis: 6379 } }
  worker: { namespace: shop }
  store: { namespace: shop, port: { redis: 6379 }, loadBalancing: { policy: consistent-hash, sourceAddress: true } }
`,
  '`defaults` hash a cookie, but no port of `cache` speaks HTTP',
)

fault(
  'MESH1013',
  'no instance is ever ejected, which Istio reads as one of ten',
  `
services:
  cart: { namespace: shop, port: { http: 8080 }, circuitBreaker: { maxEjected: «0%» } }
`,
  '`0%` is not a whole percentage from 1%',
)

const balanced = (loadBalancing: string, others = '') => `
services:
  cart:
    namespace: shop
    port: { http: 8080 }
    ${others}
    loadBalancing: ${loadBalancing}
    allow: [{ from: cart }]
`

fault(
  'MESH3202',
  'a slow start has no duration',
  balanced('{ «warmup»: { from: 20% } }'),
  'this `warmup` has no `duration`',
)

// The compiler applies patches also to the objects of a mesh with faults.
fault(
  'MESH3202',
  'a slow start has no duration, and an object is patched',
  `${balanced('{ «warmup»: { from: 20% } }').trimEnd()}
patches:
  - { kind: DestinationRule, namespace: shop, name: cart, spec: { exportTo: ['.'] } }
`,
  'this `warmup` has no `duration`',
)

fault(
  'MESH3202',
  'a slow start has no effect',
  balanced('{ policy: ‹random›, «warmup»: 30s }'),
  '`warmup` has no effect with the policy `random`',
)

sound(
  'a slow start, probes of connections and a panic threshold',
  balanced(
    '{ warmup: { duration: 1m, from: 20%, aggression: 1.5 }, locality: zone-first }',
    'circuitBreaker: { minHealthy: 30% }\n    connections: { keepalive: { after: 5m, interval: 30s, probes: 3 } }',
  ),
)

fault(
  'MESH3203',
  'near instances are preferred, and none is ejected',
  balanced('{ «locality»: zone-first }', 'circuitBreaker: ‹none›'),
  '`cart` has no circuit breaker: a caller would not notice that near instances fail, and Istio prefers none',
)

fault(
  'MESH3203',
  'a failover region without a circuit breaker',
  balanced('{ «locality»: { failover: { eu: us } } }', 'circuitBreaker: ‹none›'),
  '`cart` has no circuit breaker: a caller would not notice that near instances fail, and Istio prefers none',
)

sound(
  'shares need no circuit breaker',
  balanced('{ locality: { distribute: { eu/*: { eu/*: 70%, us/*: 30% } } } }', 'circuitBreaker: none'),
)

fault(
  'MESH3204',
  'shares are missing',
  balanced('{ locality: { distribute: { «eu»: { eu/a: 60% }, us: { us: 100% } } } }'),
  'the shares of `eu` add up to 60%, not 100%',
)

for (const [locality, message] of [
  ['{ «locality»: {} }', 'this `locality` sets nothing'],
  [
    '{ locality: { ‹failover›: { eu: us }, «distribute»: { eu: { eu: 100% } } } }',
    '`distribute` and `failover` exclude each other',
  ],
  ['{ locality: { failover: { «eu»: eu } } }', '`eu` cannot take its own requests when it fails'],
  [
    '{ locality: { distribute: { «eu»: { eu/a: 60%, eu/b: 30% } } } }',
    'the shares of `eu` add up to 90%, not 100%',
  ],
  [
    '{ locality: { distribute: { ‹eu/*›: { eu: 100% }, «eu/a»: { eu: 100% } } } }',
    '`eu/a` and `eu/*` overlap',
  ],
  ['{ locality: { distribute: { us: { ‹eu/a›: 50%, «eu/a/*»: 50% } } } }', '`eu/a/*` and `eu/a` overlap'],
] as const)
  fault('MESH3204', message, balanced(locality), message)

const refined = (ports: string, others = '') => `
services:
  cart:
    namespace: shop
    ports: ${ports}
    ${others}
    allow: [{ from: cart }]
`

fault(
  'MESH3013',
  'a port that speaks TCP limits requests',
  refined('{ http: 80, ‹store›: { redis: 6379, connections: { max: 5, «pending»: 9 } } }'),
  '`pending` has no effect: the port `store` of `cart` does not speak HTTP',
)

fault(
  'MESH3013',
  'a port that speaks TCP hashes a header',
  refined(
    '{ http: 80, ‹store›: { redis: 6379, loadBalancing: { policy: consistent-hash, «header»: x-user } } }',
  ),
  '`header` has no effect: the port `store` of `cart` does not speak HTTP',
)

fault(
  'MESH3013',
  'a version hashes a cookie at a service without HTTP',
  refined(
    '{ ‹redis›: 6379 }',
    'versions: { v1: { loadBalancing: { policy: consistent-hash, «cookie»: session } } }',
  ),
  '`cookie` has no effect: no port of `cart` speaks HTTP',
)

fault(
  'MESH3201',
  'a port hashes nothing',
  refined('{ http: { http: 80, loadBalancing: { policy: «consistent-hash» } } }'),
  '`consistent-hash` has no hash key',
)

fault(
  'MESH3202',
  'the slow start of a version has no effect at a port',
  refined(
    '{ http: 80, events: { http: 81, loadBalancing: { policy: ‹random› } } }',
    'versions: { v1: { loadBalancing: { «warmup»: 30s } } }',
  ),
  '`warmup` has no effect with the policy `random`',
)

fault(
  'MESH3203',
  'a port prefers near instances, and none is ejected',
  refined('{ http: { http: 80, circuitBreaker: ‹none›, loadBalancing: { «locality»: zone-first } } }'),
  'the port `http` of `cart` has no circuit breaker: a caller would not notice that near instances fail, and Istio prefers none',
)

fault(
  'MESH3203',
  'a version prefers near instances, and a port ejects none',
  refined(
    '{ http: 80, events: { http: 81, circuitBreaker: ‹none› } }',
    'versions: { v1: { loadBalancing: { «locality»: zone-first } } }',
  ),
  'the version `v1` of `cart` at its port `events` has no circuit breaker: a caller would not notice that near instances fail, and Istio prefers none',
)

fault(
  'MESH3204',
  'the shares of a version do not add up',
  refined(
    '{ http: 80 }',
    'versions: { v1: { loadBalancing: { locality: { distribute: { «eu»: { eu: 60% } } } } } }',
  ),
  'the shares of `eu` add up to 60%, not 100%',
)

sound(
  'ports and versions omit settings that do not fit them',
  refined(
    '{ http: { http: 80, circuitBreaker: none }, store: { redis: 6379, connections: { max: 5, idleTimeout: 1h } } }',
    'loadBalancing: { locality: zone-first, warmup: 30s }\n    versions: { v1: {}, v2: { circuitBreaker: none, loadBalancing: { policy: random } } }\n    traffic: { v1: 100% }',
  ),
)

test.run()
