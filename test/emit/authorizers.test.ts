import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { compileText } from '../support/compile-text.ts'
import { getMeshConfigs, listObjects } from '../support/output.ts'

const test = suite('authorizers')

const result = compileText(`
meshc: v1
mesh: shop
observability: { accessLog: off }
authorizers:
  opa: { grpc: opa.policy:9191, timeout: 500ms, statusOnError: 503 }
  login:
    http: oauth2-proxy.auth:4180
    path: /oauth2/auth
    sendHeaders: [cookie]
    forwardHeaders: [x-auth-request-user]
    refusalHeaders: [location, set-cookie]
gateways:
  public:
    hosts: [shop.example.com]
    certificate: { issuer: letsencrypt-prod }
    authorize: { by: login, requests: [{ exceptPaths: [/oauth2/*] }] }
services:
  cart:
    namespace: shop
    ports: { http: { http: 80, target: 8080 }, http-admin: { http: 9090 }, tcp: 7000 }
    expose: [{ gateway: public, host: shop.example.com, port: http }]
    allow: [{ from: gateway/public, ports: [http] }, { from: web }]
    authorize:
      by: opa
      requests:
        - { paths: [/admin/*], exceptMethods: [OPTIONS] }
        - { ports: [http-admin], methods: [DELETE], headers: { x-tenant: '*' } }
  web: { namespace: shop, port: { http: 80 }, allow: [{ from: cart }], authorize: { by: opa } }
`)
if (!result.ok) throw new Error(result.diagnostics.map(({ message }) => message).join('\n'))
const compilation = result.value

test('an authorizer is a provider of the mesh, with a timeout of its own', () => {
  for (const [, { extensionProviders }] of getMeshConfigs(compilation))
    assert.equal(extensionProviders, [
      {
        name: 'login',
        envoyExtAuthzHttp: {
          service: 'oauth2-proxy.auth.svc.cluster.local',
          port: 4180,
          timeout: '2s',
          failOpen: false,
          pathPrefix: '/oauth2/auth',
          includeRequestHeadersInCheck: ['cookie'],
          headersToUpstreamOnAllow: ['x-auth-request-user'],
          headersToDownstreamOnDeny: ['location', 'set-cookie'],
        },
      },
      {
        name: 'opa',
        envoyExtAuthzGrpc: {
          service: 'opa.policy.svc.cluster.local',
          port: 9191,
          timeout: '500ms',
          failOpen: false,
          statusOnError: '503',
        },
      },
    ])
})

test('its questions are CUSTOM policies, for ports with requests', () => {
  const policies = listObjects(compilation, 'AuthorizationPolicy').filter(
    ({ spec }) => spec.action === 'CUSTOM',
  )
  assert.equal(
    policies.map(({ namespace, name, spec }) => [`${namespace}/${name}`, spec]),
    [
      [
        'istio-ingress/public.gateway-authorize',
        {
          selector: { matchLabels: { istio: 'public' } },
          action: 'CUSTOM',
          provider: { name: 'login' },
          rules: [{ to: [{ operation: { notPaths: ['/oauth2/*'] } }] }],
        },
      ],
      [
        'shop/cart.authorize',
        {
          selector: { matchLabels: { app: 'cart' } },
          action: 'CUSTOM',
          provider: { name: 'opa' },
          rules: [
            {
              to: [
                {
                  operation: { ports: ['8080', '9090'], notMethods: ['OPTIONS'], paths: ['/admin/*'] },
                },
              ],
            },
            {
              to: [{ operation: { ports: ['9090'], methods: ['DELETE'] } }],
              when: [{ key: 'request.headers[x-tenant]', values: ['*'] }],
            },
          ],
        },
      ],
      [
        'shop/web.authorize',
        {
          selector: { matchLabels: { app: 'web' } },
          action: 'CUSTOM',
          provider: { name: 'opa' },
          rules: [{ to: [{ operation: { ports: ['80'] } }] }],
        },
      ],
    ],
  )
})

test('the sidecars that ask know the host of their authorizer', () => {
  const hosts = listObjects(compilation, 'Sidecar').map(({ name, spec }) => [name, spec.egress?.[0]?.hosts])
  assert.equal(hosts, [
    [
      'cart',
      [
        'istio-system/istiod.istio-system.svc.cluster.local',
        'policy/opa.policy.svc.cluster.local',
        'shop/web.shop.svc.cluster.local',
      ],
    ],
    [
      'web',
      [
        'istio-system/istiod.istio-system.svc.cluster.local',
        'policy/opa.policy.svc.cluster.local',
        'shop/cart.shop.svc.cluster.local',
      ],
    ],
  ])
})

test.run()
