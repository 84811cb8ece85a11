import type { Page } from 'playwright-core'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { makeLargeData } from '../support/large-data.ts'
import { closeBrowser, openPage } from './open-page.ts'

const large = suite('large meshes')
large.after(closeBrowser)

/** Gives the milliseconds from the start of the navigation to the first picture. */
function getOpening(page: Page): Promise<number> {
  return page.evaluate(
    () =>
      new Promise<number>(resolve => {
        new PerformanceObserver(list => {
          for (const { name, startTime } of list.getEntries())
            if (name === 'first-contentful-paint') resolve(startTime)
        }).observe({ type: 'paint', buffered: true })
      }),
  )
}

large('1,000 services open folded within two seconds, and unfold room by room', async () => {
  // The first page of a browser also pays for the start of the browser.
  await (await openPage(makeLargeData(20))).close()
  const { page, faults, close } = await openPage(makeLargeData(1_000))
  const opening = await getOpening(page)
  assert.ok(opening < 2_000, `${opening} ms`)
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

large('a mesh without policies says that its open calls are not drawn', async () => {
  const { page, faults, close } = await openPage(makeLargeData(1_000, true))
  assert.match(await page.locator('.counts').innerText(), 'calls open to anyone are not drawn')
  await page.getByLabel('Open calls').check()
  await page.locator('.link').nth(2_000).waitFor({ state: 'attached' })
  assert.equal(faults, [])
  await close()
})

large.run()
