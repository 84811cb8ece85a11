import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { externalsOf } from './declared.ts'
import { at, everyMesh, listAt, ofKind } from './subject.ts'

const p19 = suite('P19 external hosts')

const label = '[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?'
const host = new RegExp(`^(\\*\\.)?(${label}\\.)+[a-z][-a-z0-9]*$`)

p19(
  'P19: every external host is a name with a domain, is declared once, and is seen by its callers only',
  () =>
    everyMesh(({ spec, objects }) => {
      const entries = ofKind(objects, 'ServiceEntry')
      const declared = externalsOf(spec)
      assert.is(entries.length, declared.length)
      for (const { name, namespace, spec: external, callers } of declared) {
        const entry = entries.find(one => one.name === name && one.namespace === namespace)?.spec
        const hosts = listAt(entry, 'hosts')
        assert.equal(hosts, external.hosts)
        for (const one of hosts) assert.match(String(one), host)
        assert.is(at(entry, 'location'), 'MESH_EXTERNAL')

        const ports = listAt(entry, 'ports')
        assert.is(ports.length, 1)
        const number = at(ports, 0, 'number')
        assert.ok(Number.isInteger(number) && Number(number) >= 1 && Number(number) <= 65_535)
        const said = Object.values(external.port ?? {})
        assert.is(at(ports, 0, 'targetPort') ?? number, said[0])
        // The proxy looks hosts up; it cannot look up a wildcard, nor a host whose addresses are said.
        const isFixed = hosts.some(one => String(one).startsWith('*')) || external.addresses !== undefined
        assert.is(at(entry, 'resolution'), isFixed ? 'NONE' : 'DNS')
        if (at(ports, 0, 'protocol') === 'TCP') assert.ok(listAt(entry, 'addresses').length > 0, name)
        const homes = new Set(callers.map(caller => (caller === namespace ? '.' : caller)))
        const seenBy = homes.has('anyone') ? ['*'] : homes.size > 0 ? [...homes].sort() : ['.']
        assert.equal(listAt(entry, 'exportTo').toSorted(), seenBy)
      }
      const all = entries.flatMap(({ spec: entry }) => listAt(entry, 'hosts'))
      assert.is(new Set(all).size, all.length)
    }),
)

p19.run()
