import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { makeShopData } from '../support/shop-data.ts'
import { closeBrowser, openPage } from './open-page.ts'

// axe judges no text of SVG, so its contrast is computed here: https://www.w3.org/TR/WCAG22/#contrast-minimum.
const contrast = suite('contrast of the texts in pictures')
contrast.after(closeBrowser)

/** The least contrast of a text by level AA. The rule for large letters is not used, since a zoom makes them small. */
const least = 4.5

/** A text of the page, with its colors as red, green, blue and opacity, each from 0 to 1. */
interface Text {
  readonly words: string
  readonly place: string
  readonly color: Color
  /** The colors painted below it, the lowest first. */
  readonly grounds: readonly Color[]
}

type Color = readonly [number, number, number, number]

/**
 * A script that lists the texts in pictures, from the computed styles. It leaves out the texts of objects
 * that do not exist at the moment of the slider, since they fade.
 */
const listTexts = `(() => {
  const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true })
  const read = (color, opacity) => {
    canvas.clearRect(0, 0, 1, 1)
    canvas.fillStyle = color
    canvas.fillRect(0, 0, 1, 1)
    const [red, green, blue, alpha] = canvas.getImageData(0, 0, 1, 1).data
    return [red / 255, green / 255, blue / 255, (alpha / 255) * opacity]
  }
  const fade = element => {
    let opacity = 1
    for (let each = element; each; each = each.parentElement) opacity *= getComputedStyle(each).opacity
    return opacity
  }
  const paint = element => {
    const { fill, fillOpacity } = getComputedStyle(element)
    return fill === 'none' ? undefined : read(fill, fade(element) * fillOpacity)
  }
  const shapes = [...document.querySelectorAll('svg rect, svg circle')]
  return [...document.querySelectorAll('svg text')]
    .filter(text => text.getClientRects().length > 0 && text.closest('.only-before, .only-after') === null)
    .map(text => {
      const { left, top, width, height } = text.getBoundingClientRect()
      const [x, y] = [left + width / 2, top + height / 2]
      const below = shapes.filter(shape => {
        const box = shape.getBoundingClientRect()
        const isBefore = shape.compareDocumentPosition(text) & Node.DOCUMENT_POSITION_FOLLOWING
        return isBefore && box.left <= x && x <= box.right && box.top <= y && y <= box.bottom
      })
      const parents = []
      for (let each = text.ownerSVGElement; each; each = each.parentElement)
        parents.unshift(read(getComputedStyle(each).backgroundColor, 1))
      return {
        words: text.textContent,
        place: text.parentElement.getAttribute('class') + ' ' + text.getAttribute('class'),
        color: paint(text),
        grounds: [...parents, ...below.map(paint).filter(Boolean)],
      }
    })
})()`

const states = {
  'the map': '',
  'a selection': '#node=service+shop%2Fcart&panel=details',
  'a line': '#from=service+shop%2Fweb&to=service+shop%2Fcart&panel=details',
  'a difference': '#difference=0&panel=changes',
  'before the change': '#moment=0',
  'folded rooms':
    '#room=namespace+shop&room=namespace+pay&room=external&node=service+data%2Fusers&panel=details',
}

for (const colorScheme of ['light', 'dark'] as const) {
  contrast(`each text has enough contrast in ${colorScheme} colors`, async () => {
    for (const [name, hash] of Object.entries(states)) {
      const { page, close } = await openPage(makeShopData(), { hash, colorScheme })
      await page.getByRole('button', { name: 'Zoom in' }).click()
      await page.waitForTimeout(300)
      const texts = await page.evaluate<readonly Text[]>(listTexts)
      assert.ok(texts.length > 20, `${name} has ${texts.length} texts`)
      const weak = texts
        .map(text => ({ ...text, contrast: measureContrast(text) }))
        .filter(text => text.contrast < least)
        .map(text => `${text.words} in ${text.place}: ${text.contrast.toFixed(2)}`)
      assert.equal(weak, [], name)
      await close()
    }
  })
}

contrast('the measure is that of WCAG', () => {
  const measure = (color: Color, ...grounds: readonly Color[]) =>
    measureContrast({ words: '', place: '', color, grounds }).toFixed(2)
  assert.is(measure([0, 0, 0, 1], [1, 1, 1, 1]), '21.00')
  assert.is(measure([119 / 255, 119 / 255, 119 / 255, 1], [1, 1, 1, 1]), '4.48')
  assert.is(measure([0, 0, 0, 0], [1, 1, 1, 1]), '1.00')
  assert.is(measure([0, 0, 0, 1], [0, 0, 0, 1], [1, 1, 1, 1]), '21.00')
})

function measureContrast({ color, grounds }: Text): number {
  const ground = grounds.reduce<Color>(mix, [1, 1, 1, 1])
  const [lighter, darker] = [getLuminance(mix(ground, color)), getLuminance(ground)].sort((a, b) => b - a)
  return (lighter! + 0.05) / (darker! + 0.05)
}

function mix(ground: Color, [red, green, blue, alpha]: Color): Color {
  const over = (below: number, above: number) => below * (1 - alpha) + above * alpha
  return [over(ground[0], red), over(ground[1], green), over(ground[2], blue), 1]
}

function getLuminance([red, green, blue]: Color): number {
  const [r, g, b] = [red, green, blue].map(part =>
    part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4,
  )
  return 0.2126 * r! + 0.7152 * g! + 0.0722 * b!
}

contrast.run()
