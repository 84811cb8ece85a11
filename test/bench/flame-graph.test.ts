import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { holds } from '../holds.ts'
import { type CpuProfile, drawFlameGraph } from './flame-graph.ts'

const graph = suite('flame graph')

/**
 * Makes a profile of calls. A call has functions, from the outermost to the one that takes the time, and
 * microseconds.
 */
function makeProfile(calls: readonly (readonly [stack: readonly string[], time: number])[]): CpuProfile {
  const callFrame = (functionName: string) => ({
    functionName,
    url: `file:///${functionName}.ts`,
    lineNumber: 0,
  })
  const nodes: { id: number; callFrame: ReturnType<typeof callFrame>; children: number[] }[] = [
    { id: 1, callFrame: callFrame('(root)'), children: [] },
  ]
  const samples = calls.map(([stack]) =>
    stack.reduce((parent, name) => {
      const id = nodes.length + 1
      nodes.push({ id, callFrame: callFrame(name), children: [] })
      nodes[parent - 1]!.children.push(id)
      return id
    }, 1),
  )
  return { nodes, samples, timeDeltas: calls.map(([, time]) => time) }
}

const draw = (profile: CpuProfile) =>
  drawFlameGraph(
    profile,
    (_, name) => (/^\(|^node/.test(name) ? undefined : 'room'),
    { room: '#abc' },
    'title',
  )

/** Lists the boxes of a picture: the hint, the left edge, the width and the row of each box. */
const listBoxes = (svg: string) =>
  [...svg.matchAll(/<title>(.*)<\/title>\n<rect x="([\d.]+)" y="(\d+)" width="([\d.]+)"/g)].map(
    ([, hint, x, y, width]) => ({ hint: hint!, x: Number(x), y: Number(y), width: Number(width) }),
  )

graph('the same calls are one box, and a function that is not drawn counts for its caller', () => {
  const svg = draw(
    makeProfile([
      [['build', 'read'], 3000],
      [['build', 'nodeInternal'], 1000],
      [['build', 'build', 'read'], 2000],
      [['build', 'write<T>'], 2000],
      [['nodeInternal'], 5000],
    ]),
  )
  assert.equal(
    listBoxes(svg).map(({ hint }) => hint),
    ['build: 8.0 ms, 100.0 %', 'read: 5.0 ms, 62.5 %', 'write&lt;T&gt;: 2.0 ms, 25.0 %'],
  )
})

graph('boxes of a row do not overlap, and stand below their caller', () => {
  const stack = fc.array(fc.constantFrom('a', 'b', 'c', 'nodeInternal'), { minLength: 1, maxLength: 6 })
  holds(
    fc.property(fc.array(fc.tuple(stack, fc.integer({ min: 1, max: 10_000 })), { minLength: 1 }), calls => {
      fc.pre(calls.some(([stack]) => stack.some(name => name !== 'nodeInternal')))
      const boxes = listBoxes(draw(makeProfile(calls)))
      const rounding = 0.2
      for (const box of boxes) {
        for (const second of boxes)
          if (second !== box && second.y === box.y)
            assert.ok(box.x + box.width <= second.x + rounding || second.x + second.width <= box.x + rounding)
        const isBelow = boxes.some(
          above =>
            above.y < box.y &&
            above.x <= box.x + rounding &&
            box.x + box.width <= above.x + above.width + rounding,
        )
        assert.ok(box.y === Math.min(...boxes.map(({ y }) => y)) || isBelow)
      }
    }),
  )
})

graph.run()
