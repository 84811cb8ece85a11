import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { makeShopData } from '../support/shop-data.ts'
import { closeBrowser, openPage } from './open-page.ts'

const access = suite('access to the page')
access.after(closeBrowser)

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

const states = {
  map: '',
  node: '#node=service+shop%2Fcart&panel=details',
  trail: '#node=service+shop%2Fcart&panel=details&backward=service+shop%2Fcart',
  line: '#from=service+shop%2Fweb&to=service+shop%2Fcart&panel=details',
  question: '#panel=ask',
  changes: '#difference=0&panel=changes',
  about: '#panel=about',
  list: '#view=list&panel=none',
  folded: '#room=namespace+shop&room=namespace+pay&plaintext=1',
}

for (const colorScheme of ['light', 'dark'] as const) {
  access(`axe has no complaint in ${colorScheme} colors`, async () => {
    for (const [name, hash] of Object.entries(states)) {
      const { page, faults, close } = await openPage(makeShopData(), { hash, colorScheme })
      if (/panel=details/.test(hash)) await page.locator('.values, .witness').first().waitFor()
      await page.evaluate(axe)
      const complaints = (await page.evaluate(
        'axe.run().then(({ violations }) => violations.flatMap(({ id, nodes }) => nodes.map(({ target, failureSummary }) => `${id} ${target} ${failureSummary}`)))',
      )) as readonly string[]
      assert.equal(complaints, [], name)
      assert.equal(faults, [])
      await close()
    }
  })
}

access('the colors follow the system, or the button', async () => {
  const { page, close } = await openPage(makeShopData(false), { colorScheme: 'dark' })
  const ground = 'getComputedStyle(document.body).backgroundColor'
  const dark = await page.evaluate(ground)
  // A page draws itself again some time after a click.
  await page.getByRole('button', { name: /^Colors/ }).click()
  await page.waitForFunction(`${ground} !== '${dark}'`)
  await page.waitForURL(/theme=light/)
  await page.getByRole('button', { name: /^Colors/ }).click()
  await page.waitForFunction(`${ground} === '${dark}'`)
  await close()
})

access('with reduced motion, nothing moves by itself', async () => {
  const getDuration = async (reducedMotion: 'reduce' | 'no-preference') => {
    const { page, close } = await openPage(makeShopData(false), { reducedMotion })
    const node = page.locator('.node').first()
    const duration = await node.evaluate(element => getComputedStyle(element).transitionDuration)
    await close()
    return duration
  }
  assert.is(await getDuration('no-preference'), '0.15s')
  assert.is(await getDuration('reduce'), '0s')
})

access.run()
