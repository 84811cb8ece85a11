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
  'nothing is hashed',
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
  'two things are hashed',
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
  'something is hashed for nothing',
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
  'a service chooses otherwise than the defaults',
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
  'a header is hashed where nobody speaks HTTP',
  `
services:
  cache: { namespace: shop, ‹port›: { redis: 6379 }, loadBalancing: { policy: consistent-hash, «header»: x-user } }
`,
  '`header` has no effect: no port of `cache` speaks HTTP',
)

fault(
  'MESH3121',
  'a default hashes a cookie where nobody speaks HTTP',
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

test.run()
