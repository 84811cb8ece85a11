import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { DiagnosticCode } from '../../compiler/diagnostics/diagnostic.ts'
import { compileText } from '../support/compile-text.ts'
import { plantedFault, soundSpec } from '../support/planted-fault.ts'

/** The faults in an object that a patch must not cause. */
const test = suite('patches')

const spec = (kind: string, name: string, patch: string, more = '') => `
gateways:
  public: { hosts: [shop.example.com], certificate: { issuer: letsencrypt-prod } }
services:
  cart:
    namespace: shop
    ports: { http: 8080, cache: { redis: 6379, mtls: permissive } }
    versions: { v1: {}, v2: {} }
    active: v1
    expose: [{ gateway: public, host: shop.example.com }]
    allow: [{ from: gateway/public }, { from: web }]
  web: { namespace: shop }
external:
  books: { namespace: shop, hosts: [books.example.com], port: { https: 443 }, allow: [{ from: web }] }
patches:
  - kind: ${kind}
    namespace: ${name.includes('tls') ? 'istio-ingress' : 'shop'}
    name: ${name}
    spec: ${patch}
${more}`

const fault = (code: DiagnosticCode, kind: string, name: string, patch: string, message: string) =>
  test(`${code}: ${kind} ${patch}`, () => plantedFault(code, spec(kind, name, patch), message))

const host = 'cart.shop.svc.cluster.local'

for (const [kind, name, patch, why] of [
  ['DestinationRule', 'cart', '{ host: «carts» }', `\`${host}\` would have no rules left`],
  ['VirtualService', 'cart', '{ hosts: «[cart.example.com]» }', `no object would be left for \`${host}\``],
  [
    'VirtualService',
    'cart',
    `{ hosts: [${host}, «books.example.com»] }`,
    '`books.example.com` has an object of its own, and Istio uses only one of the two',
  ],
  [
    'ServiceEntry',
    'books',
    '{ hosts: «[b.example.com]» }',
    'no object would be left for `books.example.com`',
  ],
  ['AuthorizationPolicy', 'cart', '{ action: «DENY» }', 'a policy with another action allows no caller'],
  [
    'AuthorizationPolicy',
    'cart',
    '{ selector: «{ matchLabels: { app: carts } }» }',
    'it would select other pods, and leave its own pods without one',
  ],
  [
    'PeerAuthentication',
    'cart.ports',
    '{ selector: «{ matchLabels: { tier: a } }» }',
    'it would select other pods, and leave its own pods without one',
  ],
  [
    'Sidecar',
    'web',
    '{ workloadSelector: «{ labels: { tier: a } }» }',
    'it would select other pods, and leave its own pods without one',
  ],
  [
    'DestinationRule',
    'cart',
    '{ trafficPolicy: { tls: { mode: «DISABLE» } } }',
    'callers would speak `DISABLE`, but its ports accept only the mTLS of the mesh',
  ],
  [
    'DestinationRule',
    'cart',
    '{ trafficPolicy: { portLevelSettings: [{ port: { number: 8080 }, tls: { mode: «DISABLE» } }] } }',
    'callers would speak `DISABLE`, but its ports accept only the mTLS of the mesh',
  ],
  [
    'DestinationRule',
    'cart',
    '{ subsets: [{ name: v1, labels: { version: v1 }, trafficPolicy: { tls: { mode: «DISABLE» } } }, { name: v2, labels: { version: v2 } }] }',
    'callers would speak `DISABLE`, but its ports accept only the mTLS of the mesh',
  ],
] as const)
  fault(
    'MESH4008',
    kind,
    name,
    patch,
    `this patch breaks what other objects expect of \`${kind} shop/${name}\`: ${why}`,
  )

for (const [patch, violation] of [
  ['{ renewBefore: «9000h» }', 'spec/renewBefore: must be less than the `duration`, 2160h'],
  ['{ duration: «59m» }', 'spec/duration: must be an hour at least'],
  ['{ renewBefore: «4m59s» }', 'spec/renewBefore: must be 5 minutes at least'],
] as const)
  fault(
    'MESH4002',
    'Certificate',
    'public-tls',
    patch,
    `\`Certificate istio-ingress/public-tls\` does not conform after this patch: ${violation}`,
  )

for (const [patch, help] of [
  ['{ trafficPolicy: { loadBalancers: { simple: RANDOM } } }', 'did you mean `loadBalancer`?'],
  [
    '{ trafficPolicy: { proxyProtocol: { version: V7 } } }',
    'follow the CRD of its kind: `kubectl explain` shows it',
  ],
] as const)
  test(`MESH4002: help for ${patch}`, () => {
    const text = `meshc: v1\nmesh: shop\n${spec('DestinationRule', 'cart', patch)}`
    const { diagnostics } = compileText(text)
    assert.equal(
      diagnostics.map(({ code, help }) => [code, help]),
      [['MESH4002', help]],
    )
  })

for (const [kind, name, patch] of [
  ['VirtualService', 'cart', `{ hosts: [cart.example.com, ${host}] }`],
  ['DestinationRule', 'cart', '{ trafficPolicy: { tls: { mode: ISTIO_MUTUAL } } }'],
  [
    'DestinationRule',
    'cart',
    '{ trafficPolicy: { portLevelSettings: [{ port: { number: 6379 }, tls: { mode: DISABLE } }] } }',
  ],
  ['AuthorizationPolicy', 'cart', '{ rules: [{}] }'],
  ['Certificate', 'public-tls', '{ duration: 90m, renewBefore: 1h29m }'],
  ['Certificate', 'public-tls', '{ renewBefore: 5m }'],
] as const)
  test(`nothing wrong: ${kind} ${patch}`, () => soundSpec(spec(kind, name, patch)))

for (const [kind, name, patch] of [
  ['Sidecar', 'web', '{ inboundConnectionPool: { http: { http1MaxPendingRequests: 5 } } }'],
  ['DestinationRule', 'cart', '{ trafficPolicy: { proxyProtocol: { version: V1 } } }'],
  ['VirtualService', 'cart', `{ exportTo: ['.', istio-ingress] }`],
] as const)
  test(`nothing wrong: ${kind} ${patch}, which meshc does not write`, () => {
    const text = spec(kind, name, patch).replace('spec: {', `because: it is needed\n    spec: {`)
    soundSpec(text)
  })

fault(
  'MESH4002',
  'Sidecar',
  'web',
  '{ «inboundConectionPool»: { http: {} } }',
  '`Sidecar shop/web` does not conform after this patch: spec: unknown field `inboundConectionPool`',
)

fault(
  'MESH4002',
  'Sidecar',
  'web',
  '{ inboundConnectionPool: { http: { http1MaxPendingRequests: «many» } } }',
  '`Sidecar shop/web` does not conform after this patch: spec/inboundConnectionPool/http/http1MaxPendingRequests: must be a whole number',
)

fault(
  'MESH4002',
  'DestinationRule',
  'cart',
  '{ trafficPolicy: { proxyProtocol: { version: «V3» } } }',
  '`DestinationRule shop/cart` does not conform after this patch: spec/trafficPolicy/proxyProtocol/version: cannot be `V3`',
)

test.run()
