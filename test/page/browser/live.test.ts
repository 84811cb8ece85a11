import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { PageData } from '../../../compiler/map/page-data.ts'
import { makeShopData } from '../support/shop-data.ts'
import { closeBrowser, openAddress, openPage } from './open-page.ts'
import { servePage } from './serve-page.ts'

const live = suite('live page')
live.after(closeBrowser)

/** Makes the shop without one of its services. The calls of this service are removed too. */
function makeSmallerShop(name: string): PageData {
  const [environment] = makeShopData(false).environments
  const { map, ...mesh } = environment!.mesh!
  const removed = map.nodes.findIndex(node => node.id === name)
  const shift = (node: number) => (node > removed ? node - 1 : node)
  const callers = map.callers.map(caller => ({ ...caller, node: shift(caller.node) }))
  return {
    meshc: '0.1.0',
    environments: [
      {
        mesh: {
          ...mesh,
          map: {
            nodes: map.nodes.filter((_, node) => node !== removed),
            callers: callers.filter((_, caller) => map.callers[caller]!.node !== removed),
            callerSets: map.callerSets.map(set =>
              set
                .filter(caller => map.callers[caller]!.node !== removed)
                .map(caller => (caller > removed ? caller - 1 : caller)),
            ),
            calls: map.calls
              .filter(({ to }) => to !== removed)
              .map(call => ({ ...call, to: shift(call.to) })),
          },
        },
      },
    ],
  }
}

live(
  'an edit redraws the page, which keeps its place, its selection, its filters and its folding',
  async () => {
    const server = await servePage(makeShopData(false))
    const { page, close } = await openAddress(
      `${server.address}#node=service+shop%2Fcart&panel=details&owner=team-storefront&room=namespace+pay`,
    )
    const cart = page.locator('.node', { has: page.getByRole('button', { name: /^service cart/ }) })
    await page.getByRole('button', { name: 'Zoom in' }).click()
    const before = (await cart.boundingBox())!
    const address = page.url()
    server.change(makeSmallerShop('service shop/search'))
    server.send({ kind: 'page' })
    await page.getByRole('button', { name: /^service search/ }).waitFor({ state: 'detached' })
    const after = (await cart.boundingBox())!
    assert.ok(Math.hypot(after.x - before.x, after.y - before.y) < 200, JSON.stringify([before, after]))
    assert.is(Math.round(after.width), Math.round(before.width))
    assert.is(page.url(), address)
    await page.locator('.panel').getByText('cart-account').waitFor()
    server.change(makeSmallerShop('service shop/cart'))
    server.send({ kind: 'page' })
    await page.locator('.panel').waitFor({ state: 'detached' })
    await page.waitForURL(/#owner=team-storefront&room=namespace\+pay$/)
    await close()
    await server.stop()
  },
)

live('diagnostics stand above the last picture until a page without errors comes', async () => {
  const server = await servePage(makeShopData(false))
  const { page, close } = await openAddress(server.address)
  await page.waitForTimeout(300)
  const cart = page.locator('.node', { has: page.getByRole('button', { name: /^service cart/ }) })
  const place = await cart.boundingBox()
  const warning = { severity: 'warning', code: 'MESH4001', message: 'a route is dead' } as const
  server.send({
    kind: 'diagnostics',
    diagnostics: [
      {
        severity: 'error',
        code: 'MESH1001',
        message: 'there is no service `<b>cat</b>`\u202e',
        file: 'spec/prod/mesh.yaml',
        line: 12,
        help: 'did you mean `cart`?',
      },
      { severity: 'error', code: 'MESH1002', message: 'weights add up to 60, not 100' },
      warning,
    ],
  })
  const banner = page.locator('.faults')
  await banner.waitFor()
  const text = (await banner.innerText()).replaceAll(/\s+/g, ' ')
  assert.match(text, 'The spec has 2 errors and 1 warning. The picture is of the last state without errors.')
  assert.match(
    text,
    'error MESH1001 there is no service `<b>cat</b>`\\u{202e} spec/prod/mesh.yaml:12 help: did you mean `cart`?',
  )
  assert.is(await page.locator('.node').count(), 21)
  await page.waitForTimeout(300)
  assert.equal(await cart.boundingBox(), place)
  server.send({ kind: 'page' })
  await page.getByText('The spec has 1 warning.').waitFor()
  server.send({ kind: 'diagnostics', diagnostics: [] })
  await banner.waitFor({ state: 'detached' })
  await close()
  await server.stop()
})

live('the page shows a lost connection, and loads missed changes after it returns', async () => {
  const server = await servePage(makeShopData(false))
  const { page, close } = await openAddress(server.address)
  await page.waitForTimeout(300)
  await server.stop()
  await page.locator('.lost').waitFor()
  assert.match(await page.locator('.lost').innerText(), 'The connection to meshc is lost.')
  server.change(makeSmallerShop('service shop/search'))
  await server.start()
  await page.getByRole('button', { name: /^service search/ }).waitFor({ state: 'detached', timeout: 15_000 })
  assert.is(await page.locator('.lost').count(), 0)
  await close()
  await server.stop()
})

live('a live page asks nothing but its own server; a page from a file asks nothing', async () => {
  const server = await servePage(makeShopData(false))
  const served = await openAddress(server.address)
  await served.page.waitForTimeout(500)
  const { origin } = new URL(server.address)
  const requests = served.faults.map(fault => fault.replace(origin, ''))
  assert.equal([...new Set(requests)].sort(), [
    'request: /?token=abc',
    'request: /events?token=abc',
    'request: /page.json?token=abc',
  ])
  await served.page.evaluate("fetch('http://127.0.0.1:1/').catch(() => {})")
  await served.page.waitForTimeout(200)
  assert.match(served.faults.at(-1) ?? '', /Content Security Policy/i)
  await served.close()
  await server.stop()
  const { page, faults, close } = await openPage(makeShopData(false))
  await page.waitForTimeout(500)
  assert.equal(faults, [])
  await close()
})

live.run()
