import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { servicesOf } from './declared.ts'
import { at, everyMesh, listAt, ofKind } from './subject.ts'

const p5 = suite('P5 weights')

p5('P5: the weights of a route add up to 100, and every subset that is named is defined once', () =>
  everyMesh(({ spec, objects }) => {
    const subsets = ofKind(objects, 'DestinationRule').flatMap(({ spec: rule }) =>
      listAt(rule, 'subsets').map(subset => `${at(rule, 'host')} ${at(subset, 'name')}`),
    )
    assert.is(new Set(subsets).size, subsets.length)
    for (const { name, spec: service } of ofKind(objects, 'VirtualService')) {
      const rules = ['http', 'tls', 'tcp'].flatMap(kind => listAt(service, kind))
      assert.ok(rules.length > 0)
      for (const rule of rules) {
        const shares = listAt(rule, 'route')
        assert.is(shares.length === 0, at(rule, 'redirect') !== undefined, name)
        const weights = shares.map(share => at(share, 'weight'))
        if (shares.length > 1)
          assert.is(
            weights.reduce<number>((sum, weight) => sum + Number(weight), 0),
            100,
            `${name}: ${weights}`,
          )
        for (const { destination } of [...shares, ...listAt(rule, 'mirrors')] as { destination: unknown }[]) {
          const subset = at(destination, 'subset')
          if (subset !== undefined) assert.ok(subsets.includes(`${at(destination, 'host')} ${subset}`))
        }
      }
    }
    // A service with versions never sends a request to whichever pod comes first.
    for (const { host, spec: service } of servicesOf(spec)) {
      if (Object.keys(service.versions ?? {}).length === 0) continue
      for (const { name, spec: rules } of ofKind(objects, 'VirtualService')) {
        const destinations = ['http', 'tls', 'tcp']
          .flatMap(kind => listAt(rules, kind))
          .flatMap(rule => listAt(rule, 'route'))
        for (const share of destinations) {
          if (at(share, 'destination', 'host') !== host) continue
          assert.type(at(share, 'destination', 'subset'), 'string', name)
        }
      }
    }
  }),
)

p5.run()
