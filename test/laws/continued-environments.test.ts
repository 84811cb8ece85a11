import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type Described, matchContinuedEnvironments } from '../../bin/diff/continued-environments.ts'
import { seed } from '../support/seed.ts'

const law = suite('continued environments')

const leaf = fc.oneof(fc.integer({ min: 0, max: 3 }), fc.constantFrom('a', 'b'), fc.boolean())
const spec = fc.dictionary(
  fc.constantFrom('services', 'gateways', 'mtls', 'raw'),
  fc.array(leaf, { maxLength: 4 }),
  {
    minKeys: 1,
  },
)
const described = (prefix: string) =>
  fc.array(spec, { maxLength: 4 }).map(specs =>
    specs.map((spec, index): Described => {
      const name = `${prefix}${index}`
      return { environment: { name, entry: `spec/${name}/mesh.yaml`, output: `out/${name}` }, spec }
    }),
  )

law('each goes on once, under a name that is new, and is one that goes', () => {
  fc.assert(
    fc.property(described('old'), described('new'), (gone, added) => {
      const continued = matchContinuedEnvironments(gone, added)
      const former = [...continued.values()].map(({ name }) => name)
      assert.is(new Set(former).size, former.length)
      const names = (environments: readonly Described[]) =>
        environments.map(({ environment }) => environment.name)
      assert.ok([...continued.keys()].every(name => names(added).includes(name)))
      assert.ok(former.every(name => names(gone).includes(name)))
    }),
    { numRuns: 300, seed },
  )
})

law('of distinct specs that only changed their names, each goes on in itself', () => {
  const key = ({ spec }: Described) => JSON.stringify(spec)
  fc.assert(
    fc.property(fc.uniqueArray(fc.integer({ min: 0, max: 999 }), { minLength: 1, maxLength: 6 }), numbers => {
      const environmentsCalled = (prefix: string): readonly Described[] =>
        numbers.map(number => {
          const name = `${prefix}${number}`
          const environment = { name, entry: `spec/${name}/mesh.yaml`, output: `out/${name}` }
          return {
            environment,
            spec: { environment: name, services: { cart: { port: number } }, mtls: 'strict' },
          }
        })
      const [gone, added] = [environmentsCalled('old'), [...environmentsCalled('new')].reverse()]
      const continued = matchContinuedEnvironments(gone, added)
      for (const each of added) {
        const { name } = each.environment
        assert.is(continued.get(name)?.name, name.replace('new', 'old'), key(each))
      }
    }),
    { numRuns: 100, seed },
  )
})

law('an environment with less than half in common, or with an unreadable spec, has no successor', () => {
  const environment = { name: 'x', entry: 'spec/x/mesh.yaml', output: 'out/x' }
  const common = { a: 1, b: 2 }
  for (const [spec, size] of [
    [{ ...common, c: 3, d: 4 }, 1],
    [{ ...common, c: 3, d: 4, e: 5 }, 0],
    [undefined, 0],
  ] as const) {
    const added = [{ environment, spec: common }]
    assert.is(matchContinuedEnvironments([{ environment, spec }], added).size, size)
  }
})

law.run()
