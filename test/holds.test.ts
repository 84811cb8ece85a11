import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type Spec, specs } from './arbitraries/mesh.ts'
import { holds, holdsForEach } from './holds.ts'
import { everySpec } from './support/drawn-specs.ts'

const test = suite('holds')

test('a property that fails shows its smallest counterexample once, and the command that repeats it', () => {
  const services = fc.record({
    name: fc.constantFrom('cart', 'web'),
    ports: fc.array(fc.nat({ max: 9_000 })),
  })
  const property = fc.property(services, ({ ports }) =>
    assert.ok(
      ports.every(port => port < 8_080),
      'a port is too high',
    ),
  )
  const message = getMessage(() => holds(property, { seed: 7 }))
  assert.match(message, /^a counterexample after \d+ runs, shrunk \d+ times\n/)
  assert.match(message, 'SEED=7 npm test -- test/holds.test.ts')
  assert.match(message, '- name: cart\n  ports:\n    - 8080\n')
  assert.match(message, 'a port is too high')
  assert.is(message.split('8080').length, 2, message)
})

test('a property that fails for a value that was drawn before shows a smaller one where it fails for others, too', () => {
  const isBelow = (limit: number) => fc.property(fc.nat({ max: 9_000 }), port => assert.ok(port < limit))
  assert.match(
    getMessage(() => holdsForEach([[8_500]], isBelow(8_080))),
    '- 8080\n',
  )
  // No drawn value is as large as this value.
  const message = getMessage(() => holdsForEach([[1], [9_500]], isBelow(9_001)))
  assert.match(message, /^a counterexample after 2 runs/)
  assert.match(message, '- 9500\n')
  holdsForEach([[1], [2]], isBelow(9_001))
})

test('the shared specs are the specs of a property, and a law that fails for one shows a smaller one', () => {
  const direct: Spec[] = []
  holds(fc.property(specs(), spec => void direct.push(spec)))
  const shared: Spec[] = []
  everySpec(spec => void shared.push(spec))
  assert.is(shared.length, 100)
  assert.ok(shared.every((spec, index) => spec === direct[index]))
  const fail = ({ documents }: Spec) => assert.ok(Object.keys(documents).length < 2, 'a spec has two files')
  const message = getMessage(() => everySpec(fail))
  assert.is(
    message,
    getMessage(() => holds(fc.property(specs(), fail))),
  )
  assert.match(message, /^a counterexample after \d+ runs, shrunk \d+ times\n/)
  assert.match(message, 'a spec has two files')
})

test.run()

function getMessage(run: () => void): string {
  try {
    run()
  } catch (failure) {
    return (failure as Error).message
  }
  return ''
}
