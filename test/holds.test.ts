import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { holds } from './holds.ts'

const test = suite('holds')

test('a property that fails shows its smallest counterexample once, and the command that repeats it', () => {
  const services = fc.record({
    name: fc.constantFrom('cart', 'web'),
    ports: fc.array(fc.nat({ max: 9_000 })),
  })
  let message = ''
  try {
    holds(
      fc.property(services, ({ ports }) =>
        assert.ok(
          ports.every(port => port < 8_080),
          'a port is too high',
        ),
      ),
      { seed: 7 },
    )
  } catch (failure) {
    message = (failure as Error).message
  }
  assert.match(message, /^a counterexample after \d+ runs, shrunk \d+ times\n/)
  assert.match(message, 'SEED=7 npm test -- test/holds.test.ts')
  assert.match(message, '- name: cart\n  ports:\n    - 8080\n')
  assert.match(message, 'a port is too high')
  assert.is(message.split('8080').length, 2, message)
})

test.run()
