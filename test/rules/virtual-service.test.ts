import { suite } from 'uvu'
import type { DiagnosticCode } from '../../compiler/diagnostics/diagnostic.ts'
import { plantedFault, soundSpec } from '../support/planted-fault.ts'

/** The rules for a VirtualService: routes, faults, retries, and the services behind gateways. */
const test = suite('rules of a VirtualService')

const fault = (code: DiagnosticCode, what: string, spec: string, message: string) =>
  test(`${code}: ${what}`, () => plantedFault(code, spec, message))

const sound = (what: string, spec: string) => test(`nothing wrong: ${what}`, () => soundSpec(spec))

fault(
  'MESH3101',
  'the shares of a route add up to less than everything',
  `
services:
  cart:
    namespace: shop
    port: { http: 8080 }
    versions: { v1: {}, v2: {} }
    routes:
      - name: everyone
        «traffic»: { v1: ‹70%›, v2: ‹20%› }
`,
  'the weights of the route `everyone` add up to 90, not 100',
)

fault(
  'MESH3101',
  'the shares of a service add up to more than everything',
  `
services:
  cart:
    namespace: shop
    port: { http: 8080 }
    versions: { v1: {}, v2: {} }
    «traffic»: { v1: ‹70%›, v2: ‹40%› }
`,
  'the weights of `cart` add up to 110, not 100',
)

fault(
  'MESH3101',
  'shares with decimals do not add up',
  `
services:
  cart:
    namespace: shop
    port: { http: 8080 }
    versions: { v1: {}, v2: {} }
    «traffic»: { v1: ‹99.2%›, v2: ‹0.73%› }
`,
  'the weights of `cart` add up to 99.93, not 100',
)

sound(
  'a version may get a part of a percent',
  `
services:
  cart:
    namespace: shop
    port: { http: 8080 }
    versions: { v1: {}, v2: {}, v3: {} }
    traffic: { v1: 99.9%, v2: 0.1% }
    mirror: { v3: 0.01% }
`,
)

sound(
  'a version may get nothing',
  `
services:
  cart:
    namespace: shop
    port: { http: 8080 }
    versions: { v1: {}, v2: {} }
    traffic: { v1: 100%, v2: 0% }
`,
)

fault(
  'MESH3102',
  'two routes have one name',
  `
services:
  cart:
    namespace: shop
    port: { http: 8080 }
    routes:
      - { name: ‹readers›, when: { methods: [GET] } }
      - { name: «readers», when: { methods: [HEAD] } }
`,
  'two routes of `cart` are called `readers`',
)

fault(
  'MESH3103',
  'a route comes after one for every request',
  `
services:
  cart:
    namespace: shop
    port: { http: 8080 }
    routes:
      - name: ‹everyone›
      - name: testers
        when: «{ headers: { end-user: jason } }»
`,
  'no request reaches the route `testers`: `everyone` takes them first',
)

fault(
  'MESH3103',
  'two routes are for every request',
  `
services:
  cart:
    namespace: shop
    port: { http: 8080 }
    routes:
      - name: ‹everyone›
      - name: «others»
`,
  'no request reaches the route `others`: `everyone` takes them first',
)

fault(
  'MESH3103',
  'a route is for paths that an earlier one takes',
  `
services:
  cart:
    namespace: shop
    port: { http: 8080 }
    routes:
      - name: api
        when: ‹{ paths: [/api/*] }›
      - name: orders
        when: «{ paths: [/api/orders/*], methods: [GET] }»
      - name: everyone
`,
  'no request reaches the route `orders`: `api` takes them first',
)

fault(
  'MESH3103',
  'two routes have the same condition',
  `
services:
  cart:
    namespace: shop
    port: { http: 8080 }
    routes:
      - name: testers
        when: ‹{ headers: { end-user: jason }, query: { beta: on } }›
      - name: again
        when: «{ headers: { end-user: jason }, query: { beta: on } }»
      - name: everyone
`,
  'no request reaches the route `again`: `testers` takes them first',
)

fault(
  'MESH3103',
  'a route for one value comes after a route for any value',
  `
services:
  cart:
    namespace: shop
    port: { http: 8080 }
    routes:
      - name: any-value
        when: ‹{ headers: { end-user: '*' } }›
      - name: one-value
        when: «{ headers: { end-user: jason, x-beta: on } }»
      - name: everyone
`,
  'no request reaches the route `one-value`: `any-value` takes them first',
)

fault(
  'MESH3103',
  'two earlier routes take the methods of a third between them',
  `
services:
  cart:
    namespace: shop
    port: { http: 8080 }
    routes:
      - name: reads
        when: ‹{ methods: [GET] }›
      - name: writes
        when: ‹{ methods: [POST] }›
      - name: both
        when: «{ methods: [GET, POST] }»
      - name: everyone
`,
  'no request reaches the route `both`: `reads` and `writes` take them first',
)

fault(
  'MESH3103',
  'one of the paths of a route is taken',
  `
services:
  cart:
    namespace: shop
    port: { http: 8080 }
    routes:
      - name: api
        when: ‹{ paths: [/api/*] }›
      - name: orders
        when: { paths: [«/api/orders», /orders] }
      - name: everyone
`,
  'no request on `/api/orders` reaches the route `orders`: `api` takes them first',
)

sound(
  'narrower routes come first, and overlap without covering',
  `
services:
  cart:
    namespace: shop
    port: { http: 8080 }
    routes:
      - { name: orders, when: { paths: [/api/orders/*] } }
      - { name: reads, when: { paths: [/api/*], methods: [GET] } }
      - { name: beta, when: { paths: [/api/*], headers: { x-beta: on } } }
      - { name: without, when: { paths: [/api/*], withoutHeaders: [x-old] } }
      - { name: api, when: { paths: [/api/*] } }
      - { name: everyone }
`,
)

fault(
  'MESH3104',
  'a header is required and must be absent',
  `
services:
  cart:
    namespace: shop
    port: { http: 8080 }
    routes:
      - name: never
        when: { headers: { x-beta: ‹on› }, withoutHeaders: [«x-beta»] }
      - name: everyone
`,
  'no request meets this condition: `x-beta` must be present and absent',
)

fault(
  'MESH3104',
  'an expression for a path does not begin with a slash',
  `
services:
  cart:
    namespace: shop
    port: { http: 8080 }
    routes:
      - name: never
        when: { paths: [«{ regex: 'v[12]/.*' }»] }
      - name: everyone
`,
  'no request meets this condition: every path begins with `/`, and `v[12]/.*` does not',
)

fault(
  'MESH3104',
  'a gRPC route matches GET',
  `
services:
  cart:
    namespace: shop
    port: { grpc: ‹7070› }
    routes:
      - name: never
        when: { methods: [«GET»] }
      - name: everyone
`,
  'no request meets this condition: `cart` speaks gRPC, whose requests are all POST',
)

sound(
  'an expression may begin with what can be empty',
  `
services:
  cart:
    namespace: shop
    port: { http: 8080 }
    routes:
      - { name: some, when: { paths: [{ regex: '/v[12]/.*' }, { regex: '.*/old' }, { regex: 'x?/new' }] } }
      - { name: everyone }
`,
)

fault(
  'MESH3105',
  'a method is set twice',
  `
services:
  cart:
    namespace: shop
    port: { http: 8080 }
    routes:
      - { name: reads, when: { methods: [‹GET›, «GET»] } }
      - { name: everyone }
`,
  '`GET` is in this list twice',
)

fault(
  'MESH3105',
  'a path is set twice',
  `
services:
  cart:
    namespace: shop
    port: { http: 8080 }
    routes:
      - { name: api, when: { paths: [‹/api/*›, «/api/*»] } }
      - { name: everyone }
`,
  '`/api/*` is in this list twice',
)

fault(
  'MESH3105',
  'a header must be absent twice',
  `
services:
  cart:
    namespace: shop
    port: { http: 8080 }
    routes:
      - { name: plain, when: { withoutHeaders: [‹x-beta›, «x-beta»] } }
      - { name: everyone }
`,
  '`x-beta` is in this list twice',
)

fault(
  'MESH3105',
  'a header is removed twice',
  `
services:
  cart:
    namespace: shop
    port: { http: 8080 }
    routes:
      - { name: everyone, headers: { request: { remove: [‹x-internal›, «x-internal»] } } }
`,
  '`x-internal` is in this list twice',
)

fault(
  'MESH3105',
  'a retry condition is set twice',
  `
defaults:
  retries: { on: [‹connect-failure›, unavailable, «connect-failure»] }
services:
  cart:
    namespace: shop
    port: { http: 8080 }
`,
  '`connect-failure` is in this list twice',
)

fault(
  'MESH3106',
  'a path is part of another one',
  `
services:
  cart:
    namespace: shop
    port: { http: 8080 }
    routes:
      - { name: api, when: { paths: [‹/api/*›, «/api/orders»] } }
      - { name: everyone }
`,
  '`/api/orders` is part of `/api/*`, which is in this list too',
)

fault(
  'MESH3106',
  'a path that is allowed is part of another one',
  `
services:
  cart:
    namespace: shop
    port: { http: 8080 }
    allow:
      - { from: web, paths: [«/healthz», ‹/*›] }
  web: { namespace: shop }
`,
  '`/healthz` is part of `/*`, which is in this list too',
)

fault(
  'MESH3107',
  'look-ahead',
  `
services:
  cart:
    namespace: shop
    port: { http: 8080 }
    routes:
      - { name: some, when: { paths: [«{ regex: '/(?!admin).*' }»] } }
      - { name: everyone }
`,
  '`/(?!admin).*` is not a regular expression of RE2: invalid or unsupported Perl syntax: `(?!`',
)

fault(
  'MESH3107',
  'a star with nothing before it, in a header',
  `
services:
  cart:
    namespace: shop
    port: { http: 8080 }
    routes:
      - { name: some, when: { headers: { x-beta: «{ regex: '*' }» } } }
      - { name: everyone }
`,
  '`*` is not a regular expression of RE2: missing argument to repetition operator: `*`',
)

fault(
  'MESH3107',
  'an expression that is longer in bytes than in letters',
  `
services:
  cart:
    namespace: shop
    port: { http: 8080 }
    routes:
      - { name: some, when: { query: { q: «{ regex: 'éééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééé' }» } } }
      - { name: everyone }
`,
  '`éééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééé` is not a regular expression of RE2: it is too long',
)

/** A regular expression of 700 characters that compiles to 100,000 instructions. */
const manyRepetitions = '.{1000}'.repeat(100)

fault(
  'MESH3107',
  'expressions that are each fine, and too large together',
  `
services:
  cart:
    namespace: shop
    port: { http: 8080 }
    routes:
${[...'abcdefghi'].map(name => `      - { name: ${name}, when: { paths: [{ regex: '/${name}${manyRepetitions}' }] } }`).join('\n')}
      - { name: j, when: { paths: [«{ regex: '/j${manyRepetitions}' }»] } }
      - { name: everyone }
`,
  `\`/j${manyRepetitions}\` is not a regular expression of RE2: with it, all expressions have programs of more than 1000000 instructions`,
)

fault(
  'MESH3108',
  'a path with two slashes',
  `
services:
  cart:
    namespace: shop
    port: { http: 8080 }
    routes:
      - { name: api, when: { paths: [«/api//orders»] } }
      - { name: everyone }
`,
  'no request has the path `/api//orders`: proxies normalize it to `/api/orders`',
)

fault(
  'MESH3108',
  'a path with dots that is allowed',
  `
services:
  cart:
    namespace: shop
    port: { http: 8080 }
    allow:
      - { from: web, paths: [«/api/../admin/*»] }
  web: { namespace: shop }
`,
  'no request has the path `/api/../admin/*`: proxies normalize it to `/admin/*`',
)

sound(
  'dots inside of a segment are letters',
  `
services:
  cart:
    namespace: shop
    port: { http: 8080 }
    allow:
      - { from: web, paths: [/.well-known/*, /a.b/..c] }
  web: { namespace: shop }
`,
)

fault(
  'MESH3110',
  'a redirect keeps the rest of a whole path',
  `
services:
  cart:
    namespace: shop
    port: { http: 8080 }
    routes:
      - name: old
        when: { paths: [‹/v1›] }
        redirect: { path: «/v2/*» }
      - name: everyone
`,
  '`/v2/*` keeps what follows the matched path, but nothing follows `/v1`',
)

fault(
  'MESH3110',
  'a redirect keeps the rest of no path',
  `
services:
  cart:
    namespace: shop
    port: { http: 8080 }
    routes:
      - name: old
        ‹when›: { headers: { x-old: on } }
        redirect: { path: «/v2/*» }
      - name: everyone
`,
  '`/v2/*` keeps what follows the matched path, but the route `old` matches none',
)

sound(
  'a redirect keeps the rest, or the whole path',
  `
services:
  cart:
    namespace: shop
    port: { http: 8080 }
    routes:
      - { name: old, when: { paths: [/v1/*] }, redirect: { path: /v2/* } }
      - { name: older, when: { paths: [/v0/*] }, redirect: { path: /v2/ } }
      - { name: secure, when: { headers: { x-plain: on } }, redirect: { scheme: https, code: 308 } }
      - { name: everyone }
`,
)

fault(
  'MESH3111',
  'a rewrite names no path',
  `
services:
  cart:
    namespace: shop
    port: { http: 8080 }
    routes:
      - name: everyone
        rewrite: { path: «/v2/» }
`,
  '`/v2/` replaces no path: the spec names none here',
)

fault(
  'MESH3111',
  'a rewrite replaces an expression',
  `
services:
  cart:
    namespace: shop
    port: { http: 8080 }
    routes:
      - name: old
        when: { paths: [‹{ regex: '/v[01]/.*' }›] }
        rewrite: { path: «/v2/» }
      - name: everyone
`,
  '`/v2/` would replace the whole of every path that matches `/v[01]/.*`',
)

sound(
  'a rewrite replaces a beginning, a whole path, or goes before every path',
  `
services:
  cart:
    namespace: shop
    port: { http: 8080 }
    routes:
      - { name: old, when: { paths: [/v1/*, /v1] }, rewrite: { path: /v2/ } }
      - { name: everyone, when: { paths: [/*] }, rewrite: { path: /app/ } }
`,
)

fault(
  'MESH3112',
  'a rewrite loses a slash',
  `
services:
  cart:
    namespace: shop
    port: { http: 8080 }
    routes:
      - name: old
        when: { paths: [‹/v1/*›] }
        rewrite: { path: «/v2» }
      - name: everyone
`,
  '`/v1/orders` becomes `/v2orders`',
)

fault(
  'MESH3112',
  'a redirect doubles a slash',
  `
services:
  cart:
    namespace: shop
    port: { http: 8080 }
    routes:
      - name: old
        when: { paths: [‹/v1*›] }
        redirect: { path: «/v2/*» }
      - name: everyone
`,
  '`/v1/orders` becomes `/v2//orders`',
)

fault(
  'MESH3113',
  'the host is compared as a header',
  `
services:
  cart:
    namespace: shop
    port: { http: 8080 }
    routes:
      - { name: shop, when: { headers: { «host»: shop.example.com } } }
      - { name: everyone }
`,
  '`host` is not a header for a proxy: it is the authority of the request',
)

fault(
  'MESH3113',
  'the host is set as a header',
  `
services:
  cart:
    namespace: shop
    port: { http: 8080 }
    routes:
      - { name: everyone, headers: { request: { set: { «host»: shop.example.com } } } }
`,
  '`host` is not a header for a proxy: it is the authority of the request',
)

fault(
  'MESH3113',
  'a header of the connection is removed',
  `
services:
  cart:
    namespace: shop
    port: { http: 8080 }
    routes:
      - { name: everyone, headers: { response: { remove: [«connection»] } } }
`,
  '`connection` belongs to the connection: a proxy does not pass it on',
)

fault(
  'MESH3114',
  'a header is set and removed',
  `
services:
  cart:
    namespace: shop
    port: { http: 8080 }
    routes:
      - { name: everyone, headers: { request: { set: { ‹x-mesh›: shop }, remove: [«x-mesh»] } } }
`,
  '`x-mesh` is changed twice',
)

fault(
  'MESH3115',
  'a copy goes to the version that gets the traffic',
  `
services:
  cart:
    namespace: shop
    port: { http: 8080 }
    versions: { v1: {}, v2: {} }
    traffic: { v1: ‹100%› }
    mirror: { v1: «10%» }
`,
  '`v1` gets requests of the route `default` twice: as its traffic and as a copy',
)

fault(
  'MESH3116',
  'a try is longer than the timeout',
  `
services:
  cart:
    namespace: shop
    port: { http: 8080 }
    timeout: ‹5s›
    retries: { attempts: ‹1›, perTryTimeout: «10s» }
`,
  '2 tries of 10s take 20s, more than the timeout of 5s',
)

fault(
  'MESH3116',
  'the tries of a route are longer than its timeout',
  `
services:
  cart:
    namespace: shop
    port: { http: 8080 }
    routes:
      - name: everyone
        timeout: ‹1s›
        retries: { attempts: ‹3›, perTryTimeout: «300ms» }
`,
  '4 tries of 300ms take 1200ms, more than the timeout of 1s',
)

fault(
  'MESH3116',
  'the tries of the defaults are longer than their timeout',
  `
defaults:
  timeout: ‹5s›
  retries: { attempts: ‹2›, perTryTimeout: «2s» }
services:
  cart:
    namespace: shop
    port: { http: 8080 }
  web: { namespace: shop, port: { http: 3000 } }
`,
  '3 tries of 2s take 6s, more than the timeout of 5s',
)

sound(
  'a shorter timeout makes the tries of the defaults shorter, and no timeout has room for any',
  `
services:
  cart:
    namespace: shop
    port: { http: 8080 }
    timeout: 1s
  web: { namespace: shop, port: { http: 3000 }, timeout: none, retries: { attempts: 9, perTryTimeout: 30s } }
`,
)

fault(
  'MESH3117',
  'a request is retried after a possible success',
  `
services:
  cart:
    namespace: shop
    port: { http: 8080 }
    retries: { attempts: 1, perTryTimeout: 5s, on: «[connect-failure, 5xx, reset]» }
`,
  'a retry after `5xx` or `reset` may execute a request twice',
)

sound(
  'a read request may be retried',
  `
services:
  cart:
    namespace: shop
    port: { http: 8080 }
    routes:
      - { name: reads, when: { methods: [GET, HEAD] }, retries: { on: [5xx] } }
      - { name: everyone }
`,
)

fault(
  'MESH3118',
  'a fault where faults are forbidden',
  `
faults: ‹forbidden›
services:
  cart:
    namespace: shop
    port: { http: 8080 }
    «fault»: { delay: 7s }
`,
  '`cart` declares a fault, but this environment forbids faults',
)

fault(
  'MESH3118',
  'a fault in an environment without `faults`',
  `
services:
  cart:
    namespace: shop
    port: { http: 8080 }
    «fault»: { abort: 503 }
`,
  '`cart` declares a fault, but this environment forbids faults',
)

fault(
  'MESH3119',
  'a fault for requests that no route sends on',
  `
faults: allowed
services:
  cart:
    namespace: shop
    port: { http: 8080 }
    routes:
      - { name: old, when: ‹{ paths: [/v1/*] }›, redirect: { path: /v2/ } }
      - { name: new, when: ‹{ paths: [/v2/*] }› }
      - { name: moved, redirect: { host: www.example.com } }
    fault: { delay: 7s, when: «{ paths: [/v1/*] }» }
`,
  'the fault of `cart` matches no request: no route takes such requests',
)

fault(
  'MESH3119',
  'a fault for an expression',
  `
faults: allowed
services:
  cart:
    namespace: shop
    port: { http: 8080 }
    routes:
      - { name: beta, when: ‹{ headers: { x-user: { regex: 'beta-.*' } } }› }
      - { name: everyone }
    fault: { delay: 7s, when: «{ headers: { x-user: beta-1 } }» }
`,
  'the fault of `cart` cannot be combined with the route `beta`: one of the two has a regular expression',
)

fault(
  'MESH3119',
  'a fault for paths that are rewritten',
  `
faults: allowed
services:
  cart:
    namespace: shop
    port: { http: 8080 }
    routes:
      - { name: old, when: ‹{ paths: [/v1/*] }›, rewrite: { path: /v2/ } }
      - { name: everyone }
    fault: { delay: 7s, when: «{ paths: [/v1/orders] }» }
`,
  'the fault of `cart` cannot be combined with the route `old`: the route rewrites its path',
)

sound(
  'a fault for some requests of a route',
  `
faults: allowed
services:
  cart:
    namespace: shop
    port: { http: 8080 }
    routes:
      - { name: testers, when: { headers: { end-user: jason } } }
      - { name: everyone }
    fault: { delay: 7s, share: 10%, when: { headers: { end-user: jason } } }
`,
)

fault(
  'MESH3013',
  'requests are routed to a service that speaks TCP',
  `
services:
  cache:
    namespace: shop
    ‹port›: { redis: 6379 }
    versions: { v1: {}, v2: {} }
    routes:
      - name: testers
        «when»: { headers: { end-user: jason } }
        traffic: { v2: 100% }
      - name: everyone
        traffic: { v1: 100% }
`,
  '`when` has no effect: no port of `cache` speaks HTTP',
)

fault(
  'MESH3109',
  'a redirect waits',
  `
services:
  cart:
    namespace: shop
    port: { http: 8080 }
    routes:
      - name: old
        when: { paths: [/v1/*] }
        ‹redirect›: { path: /v2/ }
        «timeout»: 5s
      - name: everyone
`,
  '`timeout` of the route `old` has no effect: the route redirects',
)

fault(
  'MESH3109',
  'a redirect rewrites',
  `
services:
  cart:
    namespace: shop
    port: { http: 8080 }
    routes:
      - name: old
        when: { paths: [/v1/*] }
        ‹redirect›: { host: www.example.com }
        «rewrite»: { path: /v2/ }
      - name: everyone
`,
  '`rewrite` of the route `old` has no effect: the route redirects',
)

fault(
  'MESH3302',
  'two services are exposed at one host',
  `
gateways:
  public: { hosts: [api.example.com], certificate: { issuer: letsencrypt-prod } }
services:
  cart:
    namespace: shop
    port: { http: 8080 }
    expose: [{ gateway: public, host: ‹api.example.com› }]
    allow: [{ from: gateway/public }]
  web:
    namespace: shop
    port: { http: 3000 }
    expose: [{ gateway: public, host: «api.example.com» }]
    allow: [{ from: gateway/public }]
`,
  '`api.example.com` at the gateway `public` leads to `cart` already',
)

fault(
  'MESH3302',
  'two services are exposed on one path',
  `
gateways:
  public: { hosts: [api.example.com], certificate: { issuer: letsencrypt-prod } }
services:
  cart:
    namespace: shop
    port: { http: 8080 }
    expose: [{ gateway: public, host: api.example.com, paths: [‹/cart/*›] }]
    allow: [{ from: gateway/public }]
  web:
    namespace: shop
    port: { http: 3000 }
    expose: [{ gateway: public, host: api.example.com, paths: [«/cart/*», /web/*] }]
    allow: [{ from: gateway/public }]
`,
  '`/cart/*` of `api.example.com` at the gateway `public` leads to `cart` already',
)

sound(
  'services share a host by their paths',
  `
gateways:
  public: { hosts: [api.example.com], certificate: { issuer: letsencrypt-prod } }
services:
  cart:
    namespace: shop
    port: { http: 8080 }
    expose: [{ gateway: public, host: api.example.com, paths: [/cart/*] }]
    allow: [{ from: gateway/public }]
  web:
    namespace: shop
    port: { http: 3000 }
    expose: [{ gateway: public, host: api.example.com }]
    allow: [{ from: gateway/public }]
`,
)

fault(
  'MESH3303',
  'exposed paths meet an expression',
  `
gateways:
  public: { hosts: [api.example.com], certificate: { issuer: letsencrypt-prod } }
services:
  cart:
    namespace: shop
    port: { http: 8080 }
    routes:
      - { name: old, when: { paths: [‹{ regex: '/v[01]/.*' }›] } }
      - { name: everyone }
    expose: [{ gateway: public, host: api.example.com, paths: [«/v1/*»] }]
    allow: [{ from: gateway/public }]
`,
  'the route `old` does not fit this exposure: `/v[01]/.*` cannot be compared with the exposed paths',
)

fault(
  'MESH3303',
  'a path is rewritten at the gateway and compared behind it',
  `
gateways:
  public: { hosts: [api.example.com], certificate: { issuer: letsencrypt-prod } }
services:
  cart:
    namespace: shop
    port: { http: 8080 }
    routes:
      - { name: old, when: { paths: [‹/cart/v1/*›] } }
      - { name: everyone }
    expose: [{ gateway: public, host: api.example.com, paths: [/cart/*], rewrite: { path: «/» } }]
    allow: [{ from: gateway/public }]
`,
  'the route `old` does not fit this exposure: it matches the path before the exposure rewrites it',
)

fault(
  'MESH3303',
  'a part of a path is exposed whose beginning is rewritten',
  `
gateways:
  public: { hosts: [api.example.com], certificate: { issuer: letsencrypt-prod } }
services:
  cart:
    namespace: shop
    port: { http: 8080 }
    routes:
      - { name: old, when: { paths: [/v1/*] }, rewrite: { path: ‹/v2/› } }
      - { name: everyone }
    expose: [{ gateway: public, host: api.example.com, paths: [/v2/*, «/v1/orders/*»] }]
    allow: [{ from: gateway/public }]
`,
  'the route `old` does not fit this exposure: it replaces a path prefix of which only a part is exposed',
)

sound(
  'a rewritten path is exposed as a whole',
  `
gateways:
  public: { hosts: [api.example.com], certificate: { issuer: letsencrypt-prod } }
services:
  cart:
    namespace: shop
    port: { http: 8080 }
    routes:
      - { name: old, when: { paths: [/v1/*] }, rewrite: { path: /v2/ } }
      - { name: everyone }
    expose: [{ gateway: public, host: api.example.com, paths: [/v1/*, /v2/orders/*] }]
    allow: [{ from: gateway/public }]
`,
)

fault(
  'MESH3105',
  'an exposed path is set twice',
  `
gateways:
  public: { hosts: [api.example.com], certificate: { issuer: letsencrypt-prod } }
services:
  cart:
    namespace: shop
    port: { http: 8080 }
    expose: [{ gateway: public, host: api.example.com, paths: [‹/cart/*›, «/cart/*»] }]
    allow: [{ from: gateway/public }]
`,
  '`/cart/*` is in this list twice',
)

fault(
  'MESH3306',
  'a CORS policy allows no method',
  `
gateways:
  public: { hosts: [api.example.com], certificate: { issuer: letsencrypt-prod } }
services:
  cart:
    namespace: shop
    port: { http: 8080 }
    expose:
      - gateway: public
        host: api.example.com
        cors: «{ origins: [https://app.example.com] }»
    allow: [{ from: gateway/public }]
`,
  '`cors` of `cart` allows no method',
)

fault(
  'MESH3104',
  'an expression asks for the query',
  `
services:
  cart:
    namespace: shop
    port: { http: 8080 }
    routes:
      - { name: old, when: { paths: [«regex: '/old\\?page=.*'»] }, timeout: 5s }
      - { name: new, when: { paths: [regex: '/new(\\?.*)?'] }, timeout: 5s }
      - { name: everyone }
`,
  'no request meets this condition: a path ends before the `?`, and `/old\\?page=.*` asks for one',
)

fault(
  'MESH1013',
  'a fault that applies to no request',
  `
faults: allowed
services:
  cart: { namespace: shop, port: { http: 8080 }, fault: { abort: 503, share: «0%» } }
`,
  '`0%` is not a percentage from 0.01%',
)

fault(
  'MESH1013',
  'no request is copied',
  `
services:
  cart:
    namespace: shop
    port: { http: 8080 }
    versions: { stable: {}, canary: {} }
    traffic: { stable: 100% }
    mirror: { canary: «0%» }
`,
  '`0%` is not a percentage from 0.01%',
)

fault(
  'MESH1013',
  'no request of a route is copied',
  `
services:
  cart:
    namespace: shop
    port: { http: 8080 }
    versions: { stable: {}, canary: {} }
    traffic: { stable: 100% }
    routes: [{ name: all, traffic: { stable: 100% }, mirror: { canary: «0%» } }]
`,
  '`0%` is not a percentage from 0.01%',
)

/** A service with these routes, at two hosts of a gateway. */
const redirecting = (routes: readonly string[], http = 'redirect') => `
gateways:
  public: { hosts: [shop.example.com, www.example.com], certificate: { issuer: letsencrypt-prod }, http: ${http} }
services:
  cart:
    namespace: shop
    port: { http: 8080 }
    expose: [{ gateway: public, host: shop.example.com }]
    allow: [{ from: gateway/public }]
    routes:
${[...routes, '{ name: everyone }'].map(route => `      - ${route}\n`).join('')}
  web: { namespace: shop, port: { http: 8080 }, expose: [{ gateway: public, host: www.example.com, paths: [/new/*] }], allow: [{ from: gateway/public }] }
`

for (const [what, route, where] of [
  ['a path', 'when: { paths: [/old] }, «redirect»: { path: /old }', ''],
  ['all that begin so', 'when: { paths: [/old/*] }, «redirect»: { path: /old/* }', ''],
  ['what grows with each step', 'when: { paths: [/old/*] }, «redirect»: { path: /old/more/* }', ''],
  ['a path below', 'when: { paths: [/old/*] }, «redirect»: { path: /old/new }', ''],
  ['TLS, over which it came', 'when: { paths: [/old] }, «redirect»: { scheme: https }', 'shop.example.com'],
  [
    'plain text, which leads back',
    'when: { paths: [/old] }, «redirect»: { scheme: http, host: shop.example.com }',
    'shop.example.com',
  ],
  [
    'its own host',
    'when: { paths: [/old] }, «redirect»: { host: shop.example.com, port: 443 }',
    'shop.example.com',
  ],
] as const)
  fault(
    'MESH3120',
    `a route redirects to ${what}`,
    redirecting([`{ name: old, ${route} }`]),
    `a client that follows this redirect comes back to it${where && ` at \`${where}\``}`,
  )

fault(
  'MESH3120',
  'two routes redirect to each other',
  redirecting([
    '{ name: old, when: { paths: [/old] }, «redirect»: { path: /new } }',
    '{ name: new, when: { paths: [/new] }, «redirect»: { path: /old } }',
  ]),
  'a client that follows this redirect comes back to it',
)

for (const [what, ...routes] of [
  ['another path', '{ name: old, when: { paths: [/old] }, redirect: { path: /new } }'],
  ['less of the path', '{ name: old, when: { paths: [/old/*] }, redirect: { path: /* } }'],
  [
    'a path of an earlier route',
    '{ name: new, when: { paths: [/old/new] }, timeout: 5s }',
    '{ name: old, when: { paths: [/old/*] }, redirect: { path: /old/new } }',
  ],
  [
    'a path that GET reads',
    '{ name: old, when: { paths: [/old], methods: [POST] }, redirect: { path: /old, code: 303 } }',
  ],
  [
    'itself, with a cookie',
    '{ name: old, when: { withoutHeaders: [cookie] }, redirect: { path: / }, headers: { response: { add: { set-cookie: seen=1 } } } }',
  ],
  ['another host', '{ name: old, when: { paths: [/old] }, redirect: { host: www.example.com } }'],
  ['another port', '{ name: old, when: { paths: [/old] }, redirect: { port: 8443 } }'],
  [
    'requests that a header may send elsewhere',
    '{ name: new, when: { paths: [/old/new], headers: { x-new: a } }, timeout: 5s }',
    '{ name: old, when: { paths: [/old/*] }, redirect: { path: /old/new } }',
  ],
] as const)
  sound(`a route redirects to ${what}`, redirecting(routes))

sound(
  'a route redirects plain HTTP to TLS',
  `
services:
  cart:
    namespace: shop
    port: { http: 8080 }
    routes: [{ name: old, when: { paths: [/old] }, redirect: { scheme: https } }, { name: everyone }]
`,
)

fault(
  'MESH3122',
  'a route matches claims, and no gateway reads them',
  `
gateways:
  ‹public›: { hosts: [api.example.com], certificate: { issuer: letsencrypt-prod } }
services:
  cart:
    namespace: shop
    port: { http: 8080 }
    versions: { v1: {}, v2: {} }
    expose: [{ gateway: public, host: api.example.com }]
    routes:
      - { name: testers, when: { «claims»: { group: testers } }, traffic: { v2: 100% } }
      - { name: everyone, traffic: { v1: 100% } }
    allow: [{ from: gateway/public }]
`,
  'no request takes a route by its claims: no gateway that exposes `cart` reads tokens',
)

fault(
  'MESH3122',
  'a route matches claims for a service that no gateway exposes',
  `
services:
  cart:
    namespace: shop
    port: { http: 8080 }
    versions: { v1: {}, v2: {} }
    routes:
      - { name: testers, when: { «claims»: { group: testers } }, traffic: { v2: 100% } }
      - { name: everyone, traffic: { v1: 100% } }
    allow: [{ from: web }]
  web: { namespace: shop }
`,
  'no request takes a route by its claims: only a gateway reads them, and none exposes `cart`',
)

fault(
  'MESH3103',
  'an earlier route takes the requests of a route by its claims',
  `
gateways:
  public:
    hosts: [api.example.com]
    certificate: { issuer: letsencrypt-prod }
    jwt: { issuer: https://login.example.com, jwks: https://login.example.com/keys, audiences: [cart] }
services:
  cart:
    namespace: shop
    port: { http: 8080 }
    versions: { v1: {}, v2: {} }
    expose: [{ gateway: public, host: api.example.com }]
    routes:
      - { name: staff, when: ‹{ claims: { realm_access: { roles: [tester, admin-*] } } }›, traffic: { v2: 100% } }
      - { name: admins, when: «{ claims: { realm_access: { roles: admin-eu } }, methods: [GET] }», traffic: { v1: 100% } }
      - { name: others, when: { claims: { realm_access: { roles: [tester, qa] } } }, traffic: { v1: 100% } }
      - { name: everyone, traffic: { v1: 100% } }
    allow: [{ from: gateway/public }]
`,
  'no request reaches the route `admins`: `staff` takes them first',
)

fault(
  'MESH2030',
  'a share is for an undeclared service',
  `
services:
  orders:
    namespace: shop
    port: { http: 8080 }
    traffic: { service/orders: 90%, «service/order-v2»: 10% }
    allow: []
  orders-v2: { namespace: shop, port: { http: 8080 }, allow: [] }
`,
  'the mesh has no service `order-v2`',
)

fault(
  'MESH2014',
  'a copy is for a version that another service does not have',
  `
services:
  orders:
    namespace: shop
    port: { http: 8080 }
    mirror: { «service/orders-v2/canray»: 10% }
    allow: []
  orders-v2: { namespace: shop, port: { http: 8080 }, ‹versions›: { canary: {} }, allow: [] }
`,
  '`orders-v2` has no version `canray`',
)

fault(
  'MESH3101',
  'shares of services do not add up',
  `
services:
  orders:
    namespace: shop
    port: { http: 8080 }
    «traffic»: { service/orders: ‹80%›, service/orders-v2: ‹10%› }
    allow: []
  orders-v2: { namespace: shop, port: { http: 8080 }, allow: [] }
`,
  'the weights of `orders` add up to 90, not 100',
)

fault(
  'MESH3115',
  'a service gets requests and copies of them',
  `
services:
  orders:
    namespace: shop
    port: { http: 8080 }
    traffic: { service/orders: 90%, service/orders-v2: ‹10%› }
    mirror: { service/orders-v2: «10%» }
    allow: []
  orders-v2: { namespace: shop, port: { http: 8080 }, allow: [] }
`,
  '`service/orders-v2` gets requests of the route `default` twice: as its traffic and as a copy',
)

fault(
  'MESH3123',
  'a service has two ports for requests and none of the name',
  `
services:
  orders:
    namespace: shop
    ‹port›: { http: 8080 }
    mirror: { «service/audit»: 10% }
    allow: []
  audit: { namespace: shop, ports: { http-a: 8080, http-b: 8081 }, allow: [] }
`,
  '`audit` has no port that takes requests for the port `http` of `orders`',
)

fault(
  'MESH3123',
  'connections are shared with a service that has requests only',
  `
services:
  orders:
    namespace: shop
    ports: { http: 8080, ‹events›: { tcp: 9092 } }
    traffic: { service/orders: 90%, «service/orders-v2»: 10% }
    allow: []
  orders-v2: { namespace: shop, port: { http: 8080 }, allow: [] }
`,
  '`orders-v2` has no port that takes requests for the port `events` of `orders`',
)

sound(
  'a condition on requests does not concern the port for connections',
  `
services:
  orders:
    namespace: shop
    ports: { http: 8080, events: { tcp: 9092 } }
    routes:
      - { name: beta, when: { headers: { x-beta: on } }, traffic: { service/orders-v2: 100% } }
    allow: []
  orders-v2: { namespace: shop, port: { http: 8080 }, allow: [] }
`,
)

fault(
  'MESH3125',
  'a share goes to a headless service',
  `
services:
  orders:
    namespace: shop
    port: { http: 8080 }
    traffic: { service/orders: 90%, «service/orders-v2»: 10% }
    allow: []
  orders-v2: { namespace: shop, ‹headless›: true, port: { http: 8080 }, allow: [] }
`,
  '`orders-v2` is headless: sidecars send this share to the address of the called service, not to `orders-v2`',
)

fault(
  'MESH3124',
  'a share for a service with two versions names none of them',
  `
services:
  orders:
    namespace: shop
    port: { http: 8080 }
    traffic: { service/orders: 90%, «service/orders-v2»: 10% }
    allow: []
  orders-v2:
    namespace: shop
    port: { http: 8080 }
    ‹versions›: { stable: {}, canary: {} }
    active: stable
    allow: []
`,
  'this share goes to all instances of `orders-v2` alike: its own shares among versions do not hold here',
)

fault(
  'MESH3431',
  'a caller is sent to a service that does not allow it',
  `
services:
  web: { namespace: shop }
  orders:
    namespace: shop
    port: { http: 8080 }
    traffic: { service/orders: 90%, «service/orders-v2»: 10% }
    allow: [‹{ from: web }›, { from: batch }]
  batch: { namespace: shop }
  orders-v2: { namespace: shop, port: { http: 8080 }, ‹allow›: [{ from: batch }] }
`,
  '`web` may call `orders`, and is sent to `orders-v2`, which does not allow it',
)

fault(
  'MESH3431',
  'the copy of a request is refused on its path',
  `
services:
  web: { namespace: shop }
  orders:
    namespace: shop
    port: { http: 8080 }
    routes:
      - { name: pay, when: { paths: [/pay/*] }, mirror: { «service/audit»: 10% } }
    allow: [‹{ from: web, methods: [POST] }›]
  audit:
    namespace: shop
    port: { http: 8080 }
    ‹allow›: [{ from: web, paths: [/log/*] }]
`,
  '`web` may call `orders`, and is sent to `audit`, which does not allow it',
)

sound(
  'a caller whose requests no route sends on needs no rule there',
  `
services:
  web: { namespace: shop }
  probe: { namespace: shop }
  orders:
    namespace: shop
    port: { http: 8080 }
    routes:
      - { name: pay, when: { paths: [/pay/*] }, traffic: { service/payments: 100% } }
    allow: [{ from: web }, { from: probe, paths: [/healthz] }]
  payments: { namespace: shop, port: { http: 8080 }, allow: [{ from: namespace/shop }] }
`,
)

sound(
  'a gateway reaches a service by the routes of another one',
  `
gateways:
  public: { hosts: [shop.example.com], certificate: { issuer: letsencrypt-prod } }
services:
  orders:
    namespace: shop
    port: { http: 8080 }
    expose: [{ gateway: public, host: shop.example.com }]
    traffic: { service/orders: 90%, service/orders-v2: 10% }
    allow: [{ from: gateway/public }]
  orders-v2: { namespace: shop, port: { http: 8080 }, allow: [{ from: gateway/public }] }
`,
)

test.run()
