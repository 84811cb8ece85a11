import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { servicesOf } from './declared.ts'
import { at, everyMesh, listAt, ofKind } from './subject.ts'

const p10 = suite('P10 admitted hosts')

p10('P10: every VirtualService is for the mesh, or for hosts that its gateway admits', () =>
  everyMesh(({ spec, objects }) => {
    const gateways = new Map(
      ofKind(objects, 'Gateway').map(gateway => [`${gateway.namespace}/${gateway.name}`, gateway]),
    )
    const bound: string[] = []
    for (const { name, namespace, spec: service } of ofKind(objects, 'VirtualService')) {
      const [gateway, ...others] = listAt(service, 'gateways')
      assert.equal(others, [])
      if (gateway === 'mesh') continue
      const found = gateways.get(String(gateway))
      assert.ok(found, `${name} names the gateway ${String(gateway)}`)
      for (const server of listAt(found.spec, 'servers')) {
        for (const host of listAt(service, 'hosts')) {
          const admitted = listAt(server, 'hosts').some(
            one => one === `./${String(host)}` && namespace === found.namespace,
          )
          assert.ok(admitted, `${String(gateway)} does not admit ${String(host)} of ${namespace}`)
        }
      }
      for (const host of listAt(service, 'hosts')) bound.push(`${String(gateway)} ${String(host)}`)
    }
    // Two VirtualServices for a host of a gateway are merged in an order that nobody defined.
    assert.is(new Set(bound).size, bound.length)
    for (const { key, spec: service } of servicesOf(spec)) {
      for (const { gateway, host } of service.expose ?? [])
        assert.ok(
          bound.some(one => one.endsWith(`/${gateway} ${host}`)),
          `${key} is exposed at ${host}`,
        )
    }
  }),
)

p10('P10: the mesh has one VirtualService a host', () =>
  everyMesh(({ objects }) => {
    const hosts = ofKind(objects, 'VirtualService')
      .filter(({ spec }) => at(spec, 'gateways', 0) === 'mesh')
      .flatMap(({ spec }) => listAt(spec, 'hosts'))
    assert.is(new Set(hosts).size, hosts.length)
  }),
)

p10.run()
