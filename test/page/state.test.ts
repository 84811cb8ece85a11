import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { readJson } from '../../bin/map/page/engine/read-json.ts'
import { fitBox, getViewport, revealBox, zoomAt } from '../../bin/map/page/picture/camera.ts'
import { cutText } from '../../bin/map/page/picture/sizes.ts'
import { readHash, writeHash } from '../../bin/map/page/state/hash.ts'
import { firstState, type PageState } from '../../bin/map/page/state/page-state.ts'
import { holds } from '../holds.ts'

const states = suite('state of the page')

const text = fc.string({ unit: 'binary', minLength: 1 }).filter(word => isWellFormed(word))
const isWellFormed = (word: string): boolean => !/\p{Surrogate}/u.test(word)
const texts = fc.uniqueArray(text, { maxLength: 4 })

/** An option that compares objects without their prototypes, since those of the page have none. */
const plain = { noNullPrototype: true } as const

const selections = fc.oneof(
  fc.record({ kind: fc.constant('node' as const), id: text }, plain),
  fc.record({ kind: fc.constant('link' as const), from: text, to: text }, plain),
  fc.record({ kind: fc.constant('difference' as const), number: fc.nat() }, plain),
)

const drawn: fc.Arbitrary<PageState> = fc.record(
  {
    selection: selections,
    trail: fc.record({ kind: fc.constantFrom('forward', 'backward', 'way'), id: text }, plain),
    filters: fc.record(
      {
        namespaces: texts,
        owner: fc.string({ unit: 'grapheme' }),
        gateway: fc.string({ unit: 'grapheme' }),
        plaintext: fc.boolean(),
        external: fc.boolean(),
        open: fc.boolean(),
        tight: fc.boolean(),
      },
      plain,
    ),
    environment: fc.string({ unit: 'grapheme' }),
    question: fc.record(
      {
        form: fc.record(
          {
            from: fc.string({ unit: 'grapheme' }),
            to: fc.string({ unit: 'grapheme' }),
            method: fc.constantFrom('GET', 'POST', ''),
            path: fc.string({ unit: 'grapheme' }),
            headers: fc.array(fc.string({ unit: 'grapheme' }), { maxLength: 3 }),
            claims: fc.string({ unit: 'grapheme' }),
            plaintext: fc.boolean(),
          },
          plain,
        ),
        isAsked: fc.boolean(),
      },
      plain,
    ),
    turnedRooms: texts,
    view: fc.constantFrom('map', 'list'),
    panel: fc.constantFrom('none', 'details', 'ask', 'changes', 'about'),
    moment: fc.integer({ min: 0, max: 100 }),
    theme: fc.constantFrom('system', 'light', 'dark'),
  },
  {
    requiredKeys: ['environment', 'question', 'filters', 'turnedRooms', 'view', 'panel', 'moment', 'theme'],
    noNullPrototype: true,
  },
)

states('the address gives back the state that it was made of', () => {
  const firsts = fc.constantFrom<PageState>(firstState, { ...firstState, panel: 'changes' })
  holds(
    fc.property(drawn, firsts, (state, first) => {
      assert.equal(readHash(`#${writeHash(state, first)}`, first), state)
    }),
  )
})

states('any address gives a state', () => {
  assert.equal(readHash(''), firstState)
  assert.equal(readHash('#panel=door&moment=-3&difference=x&from=a&theme'), firstState)
  assert.is(readHash('#moment=900').moment, 100)
  holds(
    fc.property(fc.string(), hash => {
      const state = readHash(hash)
      assert.equal(readHash(writeHash(state)), state)
    }),
  )
})

states('a text of data shows its hidden characters, and is else as it was', () => {
  assert.equal(readJson<unknown>('{"name":"a\\u202eb","plain":"<b>\\u003c/b>","line":"1\\n2"}'), {
    name: 'a\\u{202e}b',
    plain: '<b></b>',
    line: '1\n2',
  })
  holds(
    fc.property(fc.string({ unit: 'binary' }), fc.boolean(), (value, isEscaped) => {
      const json = JSON.stringify({ value })
      const ascii = json.replace(/[^\u0020-\u007e]/g, character => {
        return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
      })
      const read = readJson<{ value: string }>(isEscaped ? ascii : json).value
      assert.not.match(read, disguise)
      if (visible.test(value)) assert.is(read, value)
    }),
  )
})

/**
 * Control characters except tabs and line breaks, characters that change the direction of a text, and
 * characters without width.
 */
const disguise = /(?![\t\n])\p{Cc}|\p{Bidi_Control}|[\u200b\ufeff]/u

/** Letters, numbers, signs and spaces, but no invisible letter. */
const visible = /^(?:(?!\p{Default_Ignorable_Code_Point})[\p{L}\p{N}\p{P}\p{S}\p{Zs}\n\t])*$/u

states('a text is cut in its middle, never in a character', () => {
  assert.is(cutText('cart', 9), 'cart')
  assert.is(cutText('payments-reconciliation', 11), 'payme…ation')
  holds(
    fc.property(fc.string({ unit: 'binary' }), fc.integer({ min: 3, max: 20 }), (value, longest) => {
      const cut = cutText(value, longest)
      assert.ok(Array.from(cut).length <= longest || cut === value)
      assert.is(isWellFormed(cut), isWellFormed(value))
    }),
  )
})

const screen = { width: 1000, height: 700 }
const number = fc.integer({ min: -2000, max: 2000 })
const boxes = fc.record({
  x: number,
  y: number,
  width: fc.integer({ min: 1, max: 8000 }),
  height: fc.integer({ min: 1, max: 8000 }),
})

states('the camera that fits a box shows all of it', () => {
  holds(
    fc.property(boxes, box => {
      const view = getViewport(fitBox(box, screen), screen)
      assert.ok(view.x <= box.x && view.y <= box.y)
      assert.ok(view.x + view.width >= box.x + box.width && view.y + view.height >= box.y + box.height)
    }),
  )
})

states('a zoom keeps the point under the pointer', () => {
  const point = fc.record({ x: fc.nat(1000), y: fc.nat(700) })
  const camera = fc.record({ x: number, y: number, zoom: fc.double({ min: 0.05, max: 3, noNaN: true }) })
  holds(
    fc.property(camera, fc.double({ min: 0.2, max: 5, noNaN: true }), point, (before, factor, { x, y }) => {
      const after = zoomAt(before, factor, { x, y })
      const isNear = (a: number, b: number) => Math.abs(a - b) < 1e-6 * (1 + Math.abs(a))
      assert.ok(isNear((x - before.x) / before.zoom, (x - after.x) / after.zoom))
      assert.ok(isNear((y - before.y) / before.zoom, (y - after.y) / after.zoom))
    }),
  )
})

states('the camera does not move for a visible box', () => {
  const camera = { x: 0, y: 0, zoom: 1 }
  assert.equal(revealBox(camera, { x: 100, y: 100, width: 50, height: 50 }, screen), camera)
  const moved = revealBox(camera, { x: 1200, y: 100, width: 50, height: 50 }, screen)
  assert.equal(moved, { x: -282, y: 0, zoom: 1 })
})

states.run()
