import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { namespacesOf, rootNamespace } from './declared.ts'
import { entriesAt, everyMesh, ofKind } from './subject.ts'

const p1 = suite('P1 injection label')

p1('P1: every Namespace has one injection label, the same in the whole mesh', () =>
  everyMesh(({ spec, objects }) => {
    const revision = spec.istio?.revision
    const expected = revision === undefined ? ['istio-injection', 'enabled'] : ['istio.io/rev', revision]
    const namespaces = ofKind(objects, 'Namespace')
    for (const { name, object } of namespaces) {
      const labels = entriesAt(object, 'metadata', 'labels')
      const injection = labels.filter(([key]) =>
        ['istio-injection', 'istio.io/rev', 'istio.io/dataplane-mode'].includes(key),
      )
      assert.equal(injection, [expected], name)
    }
    const declared = namespacesOf(spec).filter(name => name !== rootNamespace(spec))
    assert.equal(namespaces.map(({ name }) => name).sort(), declared.toSorted())
  }),
)

p1.run()
