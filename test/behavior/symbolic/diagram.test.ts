import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { Diagrams, type Node } from '../../../compiler/behavior/symbolic/diagrams/diagram.ts'
import { holds } from '../../holds.ts'

const diagrams = suite('diagrams')

const dimensions = [
  { name: 'method', size: 3 },
  { name: 'header', size: 2 },
  { name: 'path', size: 4 },
]
const points = dimensions.reduce<readonly (readonly number[])[]>(
  (points, { size }) => points.flatMap(point => Array.from({ length: size }, (_, atom) => [...point, atom])),
  [[]],
)

/** A rule of a first-match list: for each dimension, the atoms that it matches, if it has a condition. */
const rule = fc.record({
  asks: fc.tuple(
    ...dimensions.map(({ size }) => fc.option(fc.subarray(Array.from({ length: size }, (_, atom) => atom)))),
  ),
  value: fc.constantFrom('v1', 'v2', 'deny'),
})
type Rule = typeof rule extends fc.Arbitrary<infer Value> ? Value : never
const rules = fc.array(rule, { maxLength: 6 })

const fresh = () => new Diagrams<string | boolean>(dimensions, String)
const first = (rules: readonly Rule[], point: readonly number[]): string =>
  rules.find(({ asks }) =>
    asks.every((atoms, dimension) => atoms === null || atoms.includes(point[dimension]!)),
  )?.value ?? 'none'

function build(space: Diagrams<string | boolean>, rules: readonly Rule[]): Node {
  return rules.toReversed().reduce((rest, { asks, value }) => {
    const condition = asks.reduce(
      (condition, atoms, dimension) =>
        atoms === null
          ? condition
          : space.apply(
              condition,
              space.ask(dimension, atoms, space.leaf(true), space.leaf(false)),
              (a, b) => a === true && b === true,
            ),
      space.leaf(true),
    )
    return space.choose(condition, value => value === true, space.leaf(value), rest)
  }, space.leaf('none'))
}

diagrams('a diagram is its first-match list, at every point', () => {
  holds(
    fc.property(rules, given => {
      const space = fresh()
      const node = build(space, given)
      for (const point of points) assert.is(space.at(node, point), first(given, point))
    }),
    { numRuns: 300 },
  )
})

diagrams('two diagrams are one node exactly if they are one function', () => {
  holds(
    fc.property(rules, rules, fc.nat(6), (a, b, from) => {
      const space = fresh()
      const mixed = [...a.slice(0, from), ...b]
      const isEqual = points.every(point => first(a, point) === first(mixed, point))
      assert.is(build(space, a) === build(space, mixed), isEqual)
    }),
    { numRuns: 500 },
  )
})

diagrams('regions are disjoint, and together exactly the points with the value', () => {
  holds(
    fc.property(rules, given => {
      const space = fresh()
      const node = build(space, given)
      const regions = space.regionsWhere(node, value => value === 'v1')
      for (const point of points) {
        const holding = regions.filter(region =>
          [...region].every(([dimension, atoms]) => atoms.includes(point[dimension]!)),
        )
        assert.is(holding.length, first(given, point) === 'v1' ? 1 : 0)
      }
      assert.is(
        space.countWhere(node, value => value === 'v1'),
        regions.length,
      )
      const witness = space.pointWhere(node, value => value === 'v1')
      assert.is(witness === undefined, regions.length === 0)
      if (witness !== undefined) assert.is(first(given, witness), 'v1')
    }),
    { numRuns: 300 },
  )
})

diagrams('leaves become functions of all conditions above them', () => {
  holds(
    fc.property(rules, rules, rules, (outer, a, b) => {
      const space = fresh()
      const inner = new Map([
        ['v1', a],
        ['v2', b],
      ])
      const node = space.replace(build(space, outer), value =>
        inner.has(String(value)) ? build(space, inner.get(String(value))!) : space.leaf(value),
      )
      for (const point of points) {
        const value = first(outer, point)
        const expected = inner.has(value) ? first(inner.get(value)!, point) : value
        assert.is(space.at(node, point), expected)
      }
    }),
    { numRuns: 300 },
  )
})

diagrams('two functions are combined point by point', () => {
  holds(
    fc.property(rules, rules, (left, right) => {
      const space = fresh()
      const both = space.apply(build(space, left), build(space, right), (a, b) => `${a}|${b}`)
      for (const point of points)
        assert.is(space.at(both, point), `${first(left, point)}|${first(right, point)}`)
    }),
  )
})

diagrams.run()
