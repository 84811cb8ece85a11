import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { compileText } from '../support/compile-text.ts'
import { getHelmValues, listObjects } from '../support/output.ts'

const test = suite('certificates of some hosts, TLS that goes on unopened, ports of TCP')

function compile(gateway: string, services: string) {
  const result = compileText(
    {
      'spec/prod/mesh.yaml': `meshc: v1\nmesh: shop\ngateways:\n  public:\n${gateway}\nservices:\n${services}`,
    },
    'spec/prod/mesh.yaml',
  )
  if (!result.ok) throw new Error(result.diagnostics.map(({ message }) => message).join('\n'))
  return result.value
}

const edge = compile(
  `
    hosts: [api.example.com, '*.shop.example.com', a.shop.example.com]
    certificate: { issuer: letsencrypt-prod }
    certificates:
      shop: { hosts: ['*.shop.example.com', a.shop.example.com], issuer: letsencrypt-dns }
    passthrough: [vault.example.com, '*.tenants.example.com']
    tcp: { postgres: { port: 5432, target: 15432 } }
    authorize: { by: opa }
    deny:
      - { paths: [/admin/*] }
      - { clientAddresses: [198.51.100.0/24] }`,
  `
  web:
    namespace: shop
    port: { http: 8080 }
    expose:
      - { gateway: public, host: api.example.com }
      - { gateway: public, host: '*.shop.example.com' }
      - { gateway: public, host: a.shop.example.com, paths: [/a/*] }
    allow: [{ from: gateway/public }]
  vault:
    namespace: shop
    ports: { api: { https: 8200 }, cluster: { tls: 8201 } }
    versions: { v1: {}, v2: {} }
    traffic: { v1: 90%, v2: 10% }
    expose: [{ gateway: public, host: vault.example.com, port: api }]
    allow: [{ from: gateway/public, ports: [api] }]
  tenants:
    namespace: shop
    port: { tls: 8443 }
    expose: [{ gateway: public, host: '*.tenants.example.com' }]
    allow: [{ from: gateway/public }]
  db:
    namespace: shop
    port: { postgres: 5432 }
    expose: [{ gateway: public, tcp: postgres }]
    allow: [{ from: gateway/public }]
  opa:
    namespace: shop
    port: { grpc: 9191 }
    allow: [{ from: gateway/public }]
authorizers: { opa: { grpc: opa.shop:9191 } }
`,
)

test('a Gateway has a server of its own name for each certificate, and servers for connections', () => {
  const [gateway] = listObjects(edge, 'Gateway')
  const tls = (credentialName: string) => ({ mode: 'SIMPLE', credentialName, minProtocolVersion: 'TLSV1_2' })
  assert.equal(gateway?.spec.servers, [
    {
      port: { number: 443, name: 'https', protocol: 'HTTPS' },
      hosts: ['./api.example.com'],
      tls: tls('public-tls'),
    },
    {
      port: { number: 443, name: 'https-shop', protocol: 'HTTPS' },
      hosts: ['./*.shop.example.com'],
      tls: tls('public-shop-tls'),
    },
    {
      port: { number: 80, name: 'http', protocol: 'HTTP' },
      hosts: ['./api.example.com', './*.shop.example.com'],
      tls: { httpsRedirect: true },
    },
    {
      port: { number: 443, name: 'tls', protocol: 'TLS' },
      hosts: ['./vault.example.com', './*.tenants.example.com'],
      tls: { mode: 'PASSTHROUGH' },
    },
    { port: { number: 5432, name: 'tcp-postgres', protocol: 'TCP' }, hosts: ['./*'] },
  ])
})

test('each certificate has its hosts and its issuer', () => {
  assert.equal(
    listObjects(edge, 'Certificate').map(({ name, spec }) => [name, spec.dnsNames, spec.issuerRef.name]),
    [
      ['public-tls', ['api.example.com'], 'letsencrypt-prod'],
      ['public-shop-tls', ['*.shop.example.com', 'a.shop.example.com'], 'letsencrypt-dns'],
    ],
  )
})

test('connections lead to the versions of a service, by the server name or by the port', () => {
  const routes = listObjects(edge, 'VirtualService').filter(
    ({ spec }) => spec.gateways?.[0] !== 'mesh' && spec.http === undefined,
  )
  assert.equal(
    routes.map(({ name, spec: { hosts, tls, tcp } }) => ({
      name,
      hosts,
      ...(tls && { tls }),
      ...(tcp && { tcp }),
    })),
    [
      {
        name: 'public.any.tenants.example.com',
        hosts: ['*.tenants.example.com'],
        tls: [
          {
            match: [{ port: 443, sniHosts: ['*.tenants.example.com'] }],
            route: [{ destination: { host: 'tenants.shop.svc.cluster.local', port: { number: 8443 } } }],
          },
        ],
      },
      {
        name: 'public.vault.example.com',
        hosts: ['vault.example.com'],
        tls: [
          {
            match: [{ port: 443, sniHosts: ['vault.example.com'] }],
            route: [
              {
                destination: { host: 'vault.shop.svc.cluster.local', subset: 'v1', port: { number: 8200 } },
                weight: 90,
              },
              {
                destination: { host: 'vault.shop.svc.cluster.local', subset: 'v2', port: { number: 8200 } },
                weight: 10,
              },
            ],
          },
        ],
      },
      {
        name: 'public.tcp',
        hosts: ['*'],
        tcp: [
          {
            match: [{ port: 5432 }],
            route: [{ destination: { host: 'db.shop.svc.cluster.local', port: { number: 5432 } } }],
          },
        ],
      },
    ],
  )
})

test('policies with conditions on requests leave connections out, and one allows them', () => {
  const ofGateway = listObjects(edge, 'AuthorizationPolicy').filter(({ name }) => name.startsWith('public.'))
  const names = ['vault.example.com', '*.tenants.example.com']
  const isRequest = [{ key: 'connection.sni', notValues: names }]
  assert.equal(
    ofGateway.map(({ name, spec }) => [name, spec.rules]),
    [
      ['public.gateway-authorize', [{ to: [{ operation: { notPorts: ['15432'] } }], when: isRequest }]],
      [
        'public.gateway-deny',
        [
          { to: [{ operation: { notPorts: ['15021', '15432'], paths: ['/admin/*'] } }], when: isRequest },
          {
            from: [{ source: { remoteIpBlocks: ['198.51.100.0/24'] } }],
            to: [{ operation: { notPorts: ['15021'] } }],
          },
        ],
      ],
      [
        'public.gateway',
        [
          {
            to: [
              {
                operation: {
                  hosts: [
                    'api.example.com',
                    'api.example.com:*',
                    '*.shop.example.com',
                    '*.shop.example.com:443',
                    '*.shop.example.com:80',
                  ],
                },
              },
            ],
          },
          { when: [{ key: 'connection.sni', values: names }] },
          { to: [{ operation: { ports: ['15432'] } }] },
        ],
      ],
    ],
  )
})

test('the Service of the gateway opens each port', () => {
  assert.equal(getHelmValues(edge).gateway('istio-public').service?.ports, [
    { name: 'status-port', port: 15021, targetPort: 15021, protocol: 'TCP' },
    { name: 'http2', port: 80, targetPort: 8080, protocol: 'TCP' },
    { name: 'https', port: 443, targetPort: 8443, protocol: 'TCP' },
    { name: 'tcp-postgres', port: 5432, targetPort: 15432, protocol: 'TCP' },
  ])
})

test('a gateway that only passes connections on has no certificate and no listener for requests', () => {
  const compilation = compile(
    `
    workload: { labels: { istio: ingressgateway }, serviceAccount: ingress }
    passthrough: [vault.example.com]
    ports: { passthrough: 8443 }
    deny: [{ peerAddresses: [198.51.100.0/24] }]`,
    `
  vault:
    namespace: shop
    port: { https: 8200 }
    expose: [{ gateway: public, host: vault.example.com }]
    allow: [{ from: gateway/public }]
`,
  )
  const [gateway] = listObjects(compilation, 'Gateway')
  assert.equal(gateway?.spec.servers, [
    {
      port: { number: 8443, name: 'tls', protocol: 'TLS' },
      hosts: ['./vault.example.com'],
      tls: { mode: 'PASSTHROUGH' },
    },
  ])
  assert.equal(listObjects(compilation, 'Certificate'), [])
  const denial = listObjects(compilation, 'AuthorizationPolicy').find(({ spec }) => spec.action === 'DENY')
  assert.equal(denial?.spec.rules, [
    {
      from: [{ source: { ipBlocks: ['198.51.100.0/24'] } }],
      when: [{ key: 'connection.sni', values: ['vault.example.com'] }],
    },
  ])
})

test.run()
