import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { Port } from '../../compiler/mesh/mesh.ts'
import { explained, getMesh, getService } from './resolve-spec.ts'

const ports = suite('resolve: ports')

const listPorts = (fields: string) =>
  getService(getMesh(`services: { cart: { namespace: shop, ${fields} } }`), 'cart').ports

const summary = ({ key, name, protocol, number, target }: Port) =>
  `${key}: ${name.value} speaks ${protocol.value} on ${number.value} to ${target.value}`

ports('one port is named by its protocol', () => {
  assert.equal(listPorts('port: { grpc-web: 8080, target: 80, mtls: permissive }').map(summary), [
    'grpc-web: grpc-web speaks grpc-web on 8080 to 80',
  ])
})

ports('a name of a port is a protocol or begins with one; ports are sorted by name', () => {
  assert.equal(
    listPorts('ports: { http: 80, grpc-web-ui: 81, grpc-admin: 82, http2: 83, https: 84 }').map(summary),
    [
      'grpc-admin: grpc-admin speaks grpc on 82 to 82',
      'grpc-web-ui: grpc-web-ui speaks grpc-web on 81 to 81',
      'http: http speaks http on 80 to 80',
      'http2: http2 speaks http2 on 83 to 83',
      'https: https speaks https on 84 to 84',
    ],
  )
})

ports('a port with another name sets its protocol, which Istio reads from the name', () => {
  const described = listPorts(`ports: {
    metrics: { tcp: 9102, mtls: off },
    grpc-admin: { grpc: 9103 },
    a-longer-name: { http: 9104 },
  }`)
  assert.equal(described.map(summary), [
    'a-longer-name: a-longer-name speaks http on 9104 to 9104',
    'grpc-admin: grpc-admin speaks grpc on 9103 to 9103',
    'metrics: tcp-metrics speaks tcp on 9102 to 9102',
  ])
  assert.equal([described[2]?.name, described[2]?.mtls].map(explained), [
    '"tcp-metrics" < services.cart.ports.metrics, services.cart.ports.metrics.tcp',
    '"off" < services.cart.ports.metrics.mtls',
  ])
})

ports('a workload that only calls has none', () => {
  assert.equal(listPorts('owner: team-load, allow: []'), [])
})

ports('a gateway leads to the port that is named, or to the first protocol that it routes by request', () => {
  const exposures = getService(
    getMesh(`
      gateways:
        public: { hosts: [api.example.com, app.example.com], certificate: { secret: api-tls } }
      services:
        cart:
          namespace: shop
          ports: { grpc: 9090, http: 8080, tcp: 6379 }
          expose:
            - { gateway: public, host: api.example.com }
            - { gateway: public, host: app.example.com, port: grpc, paths: [/shop.Cart/*] }
    `),
    'cart',
  ).exposures
  assert.equal(
    exposures.map(({ gateway, host, port, paths }) => [
      gateway.name.value,
      explained(host),
      port.key,
      paths.map(({ value }) => value),
    ]),
    [
      ['public', '"api.example.com" < services.cart.expose.0.host', 'http', []],
      ['public', '"app.example.com" < services.cart.expose.1.host', 'grpc', [{ prefix: '/shop.Cart/' }]],
    ],
  )
})

ports.run()
