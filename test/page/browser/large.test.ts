import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { makeLargeData } from '../support/large-data.ts'
import { closeBrowser, openPage } from './open-page.ts'

const large = suite('large meshes')
large.after(closeBrowser)

large('1,000 services open folded, and unfold room by room', async () => {
  const { page, faults, close } = await openPage(makeLargeData(1_000))
  assert.is(await page.locator('.room-node').count(), 51)
  const room = page.getByRole('button', { name: /^namespace ns-012, 20 services, unfold/ })
  const { x, y } = (await room.boundingBox())!
  await room.click()
  const heading = page.getByRole('button', { name: /^namespace ns-012, 20 nodes, fold/ })
  const after = (await heading.boundingBox())!
  assert.ok(Math.abs(after.x - x) < 8 && Math.abs(after.y - y) < 8, 'the room stays where it was')
  assert.is(await page.locator('.node').count(), 21)
  await heading.focus()
  await page.keyboard.press('Enter')
  assert.is(await page.locator('.node').count(), 1)
  await page.getByRole('button', { name: 'Unfold all' }).click()
  await page.locator('.node').nth(1_000).waitFor({ state: 'attached' })
  assert.is(await page.locator('.node').count(), 1_003)
  assert.equal(faults, [])
  await close()
})

large('1,000 unfolded services are drawn where they are in sight, and a click finds a line', async () => {
  const { page, faults, close } = await openPage(makeLargeData(1_000))
  await page.getByRole('button', { name: 'Unfold all' }).click()
  await page.locator('.node').nth(1_000).waitFor({ state: 'attached' })
  await page.waitForTimeout(500)
  await page.mouse.move(500, 450)
  await page.mouse.down()
  for (let step = 1; step <= 40; step++) await page.mouse.move(500 + 6 * step, 450 + (step % 20) * 4)
  await page.mouse.up()
  for (let step = 1; step <= 30; step++) await page.mouse.wheel(0, -60)
  await page.locator('.node').nth(400).waitFor({ state: 'detached' })
  await page.waitForTimeout(500)
  // The lines are an image, and a click on it finds them.
  assert.is(await page.locator('.picture .link').count(), 0)
  const place = await page.evaluate(() => {
    const canvas = document.querySelector<HTMLCanvasElement>('.painted')!
    const { left, top, width } = canvas.getBoundingClientRect()
    const zoom = canvas.width / width
    const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height)
    for (let y = 300; y < 800; y++)
      for (let x = 200; x < 1200; x++) {
        const alpha =
          data[4 * (Math.round((y - top) * zoom) * canvas.width + Math.round((x - left) * zoom)) + 3]
        const target = alpha === 255 ? document.elementFromPoint(x, y) : null
        if (target?.matches('.picture, .layer')) return { x, y }
      }
    return undefined
  })
  assert.ok(place !== undefined, 'a line is painted')
  await page.mouse.click(place.x, place.y)
  await page.locator('.panel .witness').first().waitFor()
  assert.is(await page.locator('.picture .link.lit').count(), 1)
  assert.equal(faults, [])
  await close()
})

large('5,000 services open folded', async () => {
  const { page, faults, close } = await openPage(makeLargeData(5_000))
  assert.is(await page.locator('.room-node').count(), 251)
  await page.keyboard.press('/')
  await page.keyboard.type('service-4321')
  await page.keyboard.press('Enter')
  assert.is(await page.locator('.panel h2').innerText(), 'service-4321')
  assert.equal(faults, [])
  await close()
})

large('the page of a mesh without policies states that open calls are not drawn', async () => {
  const { page, faults, close } = await openPage(makeLargeData(1_000, true))
  assert.match(await page.locator('.counts').innerText(), 'calls open to anyone are not drawn')
  await page.getByLabel('Open calls').check()
  assert.match(await page.locator('.counts').innerText(), /2,452 lines/)
  await page.locator('.painted').waitFor()
  assert.equal(faults, [])
  await close()
})

large.run()
