import * as assert from 'uvu/assert'
import type { Server } from '../../schema/generated/gateway.ts'
import { type Emitted, listObjects } from '../support/output.ts'
import { property } from '../support/property.ts'

/** P10. Each routed host reaches its gateway: the servers admit the host from the namespace of the route. */
property(
  10,
  'a VirtualService is for the mesh, or for a host that a server of its gateway admits, and the only one for it',
  [
    'a host of a gateway',
    'a wildcard',
    'a host that a wildcard covers',
    'a host of two services',
    'a host of the mesh',
    'TLS that goes on unopened',
    'a port of TCP',
    'a door of an egress gateway',
  ],
  (compilation, { services, gateways: entrances, exits }, saw) => {
    const gateways = listObjects(compilation, 'Gateway')
    const routed: string[] = []
    for (const virtualService of listObjects(compilation, 'VirtualService')) {
      const { name, namespace, spec } = virtualService
      const [binding, ...others] = spec.gateways ?? []
      assert.equal(others, [], `${name} is bound once`)
      // TCP ports have their own routes, apart from the requests for every host.
      const kind = spec.tcp !== undefined && binding !== 'mesh' ? 'tcp ' : ''
      routed.push(...spec.hosts.map(host => `${kind}${binding} ${host}`))
      if (binding === 'mesh') {
        saw('a host of the mesh')
        continue
      }
      const gateway = gateways.find(emitted => `${emitted.namespace}/${emitted.name}` === binding)
      assert.ok(gateway, `${name} is bound to ${binding}`)
      const podNamespace = [...entrances, ...exits].find(({ name }) => name === gateway.name)!.podNamespace
      assert.ok(isVisible(virtualService, podNamespace), `the gateway ${binding} sees ${name}`)
      const isExit = exits.some(exit => exit.name === gateway.name)
      // An egress gateway ends the mutual TLS of the mesh, and forwards its content as bytes.
      const opaque = isExit ? 'TLS' : 'TCP'
      for (const host of spec.hosts) {
        const kinds =
          spec.http !== undefined ? ['HTTP', 'HTTPS'] : spec.tls !== undefined ? ['TLS'] : [opaque]
        const servers = gateway.spec.servers.filter(({ port }) => kinds.includes(port.protocol))
        const admitting = servers.filter(server => admits(server, host, namespace, gateway.namespace))
        const plain = servers.filter(({ port }) => port.protocol === 'HTTP')
        assert.ok(admitting.length > 0, `a server of ${binding} admits ${host} of ${namespace}`)
        for (const server of plain)
          assert.ok(admitting.includes(server), `${binding} admits ${host} at ${server.port.name}`)
        if (isExit) {
          saw('a door of an egress gateway')
          continue
        }
        if (spec.tls !== undefined) saw('TLS that goes on unopened')
        if (spec.tcp !== undefined) {
          saw('a port of TCP')
          continue
        }
        saw('a host of a gateway')
        if (host.startsWith('*')) saw('a wildcard')
        else if (!gateway.spec.servers.some(({ hosts }) => hosts.includes(`./${host}`)))
          saw('a host that a wildcard covers')
      }
    }
    // At a gateway, Istio merges several objects in an undefined order. In sidecars, it drops all but one.
    assert.equal(routed.toSorted(), [...new Set(routed)].sort(), 'each host is routed by one VirtualService')

    const exposed = services.flatMap(({ spec }) =>
      (spec.expose ?? []).map(({ gateway, host = '*' }) => `/${gateway} ${host}`),
    )
    for (const place of exposed)
      assert.ok(
        routed.some(route => route.endsWith(place)),
        `${place} is routed`,
      )
    if (new Set(exposed).size < exposed.length) saw('a host of two services')
  },
)

/** See https://istio.io/latest/docs/reference/config/networking/gateway/#Server (`hosts`) */
function admits({ hosts }: Server, host: string, from: string, home: string): boolean {
  return hosts.some(entry => {
    const [namespace, name] = entry.includes('/') ? entry.split('/') : ['*', entry]
    const isFrom = namespace === '*' || (namespace === '.' ? home : namespace) === from
    const isHost = name === host || (name?.startsWith('*') === true && host.endsWith(name.slice(1)))
    return isFrom && isHost
  })
}

function isVisible({ namespace, spec }: Emitted<'VirtualService'>, to: string): boolean {
  const { exportTo = ['*'] } = spec
  return exportTo.includes('*') || exportTo.includes(to) || (exportTo.includes('.') && namespace === to)
}
