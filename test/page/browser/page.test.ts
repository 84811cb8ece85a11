import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { makeShopData, makeShopEnvironments } from '../support/shop-data.ts'
import { closeBrowser, type OpenPage, openPage } from './open-page.ts'

const pages = suite('page of a map')
pages.after(closeBrowser)

/**
 * Opens the page of the shop, does something, and asserts that the console and the network report no fault.
 */
async function visit(
  options: NonNullable<Parameters<typeof openPage>[1]> & { readonly hasChange?: boolean },
  act: (page: OpenPage['page']) => Promise<void>,
): Promise<void> {
  const { hasChange = false, ...rest } = options
  const { page, faults, close } = await openPage(makeShopData(hasChange), rest)
  try {
    await act(page)
    assert.equal(faults, [])
  } finally {
    await close()
  }
}

const panel = '.panel'

pages('it draws the mesh, and describes each node', () =>
  visit({}, async page => {
    assert.is(await page.locator('.node').count(), 21)
    assert.is(await page.title(), 'shop, production: map of the mesh')
    const cart = page.locator('.node', {
      has: page.getByRole('button', { name: 'service cart in shop, called by 1, calls 2' }),
    })
    assert.match((await cart.textContent()) ?? '', /cart.*v1 {2}90 %.*v2 {2}10 %/)
    assert.is(await page.getByRole('button', { name: /sessions in data.*open to anyone/ }).count(), 1)
    // The lines of a plaintext call and of a mutual TLS call differ by more than their color.
    const line = page.locator('.link.plaintext .line').first()
    assert.is(await line.evaluate(element => getComputedStyle(element).strokeDasharray), '7px, 5px')
    assert.match((await line.getAttribute('marker-end')) ?? '', 'open')
    assert.is(await page.locator('.picture .link.unknown .sign').count(), 1)
  }),
)

pages('a click on a node opens its details, with the answer of the engine in the worker', () =>
  visit({}, async page => {
    await page.getByRole('button', { name: /^service cart/ }).click()
    await page.locator(panel).getByText('cart-account').waitFor()
    const text = (await page.locator(panel).innerText()).replaceAll('\n', ' ')
    for (const words of [
      'cart.shop.svc.cluster.local',
      'shop/cart-v1 90 %',
      'Called by1 web shop GET, POST /api/cart/*',
      'mutual TLS from every namespace',
      'http[0] takes every request that this rule matches',
      'timeout 5s out/prod/shop/cart.yaml:21 ← spec/prod/mesh.yaml:63',
      'GET, POST /api/* from shop/web',
    ])
      assert.ok(text.includes(words), `${words} in ${text}`)
    const dead = page.locator('.item.dead .says').first()
    assert.match(await dead.evaluate(element => getComputedStyle(element).textDecorationLine), 'line-through')
    await page.waitForURL(/#node=service\+shop%2Fcart&panel=details$/)
  }),
)

pages('the engine is warm before the first question', () =>
  visit({}, async page => {
    await page.waitForTimeout(500)
    await page.getByRole('button', { name: /^service cart/ }).click()
    await page.locator(panel).getByText('was warm').waitFor()
  }),
)

pages('a keyboard walks over the map, opens a node, and closes it', () =>
  visit({}, async page => {
    const focused = () => page.evaluate("document.activeElement.getAttribute('aria-label')")
    await page.locator('.picture').focus()
    await page.keyboard.press('Tab')
    const first = await focused()
    assert.match(String(first), /^clients outside Internet/)
    await page.keyboard.press('ArrowRight')
    await page.keyboard.press('ArrowRight')
    const name = String(await focused())
    assert.not.equal(name, first)
    await page.keyboard.press('Enter')
    await page.locator(`${panel} h2`).waitFor()
    assert.ok(name.includes(` ${await page.locator(`${panel} h2`).innerText()}`))
    await page.keyboard.press('Escape')
    assert.is(await page.locator(panel).count(), 0)
    await page.locator('.picture').focus()
    const move = async (key: string) => {
      const place = () => page.locator('.layer').getAttribute('style')
      const before = await place()
      await page.keyboard.press(key)
      return (await place()) !== before
    }
    assert.ok(await move('ArrowDown'))
    assert.ok(await move('+'))
    assert.ok(await move('0'))
  }),
)

pages('a line opens its allowed and refused requests, with a command to copy', () =>
  visit({ permissions: ['clipboard-read', 'clipboard-write'] }, async page => {
    const call = page.locator('.link:not(.unknown) .wide').nth(8)
    const { x, y } = (await call.evaluate((element: SVGPathElement) => {
      const point = element.getPointAtLength(element.getTotalLength() / 2)
      const { x, y } = point.matrixTransform(element.getScreenCTM()!)
      return { x, y }
    })) as { x: number; y: number }
    await page.mouse.click(x, y)
    await page.locator('.witness').first().waitFor()
    const text = await page.locator(panel).innerText()
    assert.match(text, /✓ Pass/)
    assert.match(text, /✕ Are refused\nDELETE\n\/admin\/\*, no header x-admin/)
    assert.match(text, /meshc trace --env prod --from/)
    await page.locator('.command .copy').first().click()
    assert.match(String(await page.evaluate('navigator.clipboard.readText()')), /^meshc trace --env prod/)
  }),
)

pages('a slash goes to the search, and Enter opens what it finds', () =>
  visit({}, async page => {
    await page.keyboard.press('/')
    await page.keyboard.type('team-payments led')
    assert.equal(await page.locator('#found [role=option]').allInnerTexts(), [
      'ledger\nservice · pay · team-payments',
    ])
    await page.keyboard.press('Enter')
    assert.is(await page.locator(`${panel} h2`).innerText(), 'ledger')
  }),
)

pages('filters hide nodes and lines, and stand in the address', () =>
  visit({ hash: '#gateway=gateway+edge%2Fpartner' }, async page => {
    const names = () => page.locator('.node .name').allTextContents()
    assert.equal((await names()).sort(), ['Internet', 'catalog', 'partner'])
    await page.getByRole('button', { name: 'Reset' }).click()
    assert.is((await names()).length, 21)
    await page.getByLabel('Plaintext only').check()
    assert.equal(
      (await names()).sort(),
      ['partner', 'search', 'web'].filter(name => name !== 'partner'),
    )
    await page.waitForURL(/#plaintext=1$/)
    await page.getByLabel('Close gaps').check()
    await page.waitForURL(/#plaintext=1&tight=1$/)
    assert.is((await names()).length, 2)
    assert.match(await page.getByRole('status').filter({ hasText: 'nodes' }).innerText(), /^2 nodes, 1 line/)
  }),
)

pages('the callers of a node, its destinations, and the way from the internet are lit and listed', () =>
  visit({ hash: '#node=service+shop%2Fcart&panel=details' }, async page => {
    const lit = async () => (await page.locator('.node:not(.dim) .name').allTextContents()).sort()
    await page.getByRole('button', { name: 'What can reach this' }).click()
    assert.match(await page.locator('.trail').innerText(), '3 nodes can reach cart')
    assert.equal(await lit(), ['Internet', 'cart', 'public', 'web'])
    await page.getByRole('button', { name: 'What this can reach' }).click()
    assert.match(await page.locator('.trail').innerText(), 'cart can reach 8 nodes')
    await page.getByRole('button', { name: 'Way from the internet' }).click()
    assert.equal(await page.locator('.trail li button').allInnerTexts(), [
      'Internet',
      'public',
      'web',
      'cart',
    ])
    assert.is(await page.locator('.link.lit').count(), 3)
    await page.waitForURL(/way=service/)
  }),
)

pages('the form asks the engine, lights the way, and lists the steps', () =>
  visit({ hash: '#panel=ask' }, async page => {
    await page.getByLabel('From').fill('shop/web')
    await page.getByLabel(/^To/).fill('cart')
    await page.getByLabel('Path').fill('/api/cart/1')
    await page.locator('form').getByRole('button', { name: 'Ask' }).click()
    await page.locator('.verdict').waitFor()
    const text = await page.locator(panel).innerText()
    assert.match(text, /✓ ALLOW/)
    assert.match(text, "meshc trace --env prod --from shop/web --to cart 'GET /api/cart/1'")
    assert.match(text, 'http[2] takes it to cart')
    assert.match(text, 'out/prod/shop/cart.yaml:34')
    assert.equal((await page.locator('.node:not(.dim) .name').allTextContents()).sort(), ['cart', 'web'])
    await page.getByLabel(/^To/).fill('nowhere')
    await page.locator('form').getByRole('button', { name: 'Ask' }).click()
    await page.locator('.verdict.failure').waitFor()
    assert.match(await page.locator('.verdict').innerText(), /no host `nowhere`\s+help: name a host/)
  }),
)

pages('a link asks the same question, and the form suggests callers and hosts', async () => {
  const { page: first, close: closeFirst } = await openPage(makeShopData(false), { hash: '#panel=ask' })
  const listWords = (name: string) =>
    first
      .locator(`#list-${name} option`)
      .evaluateAll(options => options.map(each => each.getAttribute('value')))
  const callers = await listWords('from')
  assert.ok(callers.includes('shop/web') && callers.includes('edge/public'), String(callers))
  assert.ok((await listWords('to')).includes('cart.shop.svc.cluster.local'))
  await first.getByLabel('From').fill('shop/web')
  await first.getByLabel(/^To/).fill('cart')
  await first.getByLabel('Method').selectOption('DELETE')
  await first.getByLabel(/^Headers/).fill('x-canary: 1\nx-tenant: a b')
  await first.waitForURL(/#panel=ask&ask-from=/)
  assert.not.match(first.url(), /asked/)
  await first.locator('form').getByRole('button', { name: 'Ask' }).click()
  await first.waitForURL(/&asked=1$/)
  const { hash } = new URL(first.url())
  await closeFirst()
  const { page, faults, close } = await openPage(makeShopData(false), { hash })
  await page.locator('.verdict').waitFor()
  assert.match(await page.locator('.verdict').innerText(), 'DENY')
  assert.is(await page.getByLabel(/^Headers/).inputValue(), 'x-canary: 1\nx-tenant: a b')
  assert.equal((await page.locator('.node:not(.dim) .name').allTextContents()).sort(), ['cart', 'web'])
  await page.getByLabel('Path').fill('/other')
  assert.is(await page.locator('.verdict').count(), 0)
  assert.equal(faults, [])
  await close()
})

pages('a change is a list and a slider: each side shows its own nodes', () =>
  visit({ hasChange: true }, async page => {
    const items = await page.locator('.difference > button').allInnerTexts()
    assert.equal(
      items.map(text => text.replaceAll(/\s+/g, ' ')),
      [
        '+ reports → ledger:8080 403 before, 200 after',
        '− partner → search:8080 200 before, 403 after',
        '~ web → cart:8080 a tenth of the requests arrives at v2',
      ],
    )
    assert.equal((await page.locator('.picture .sign text').allTextContents()).sort(), ['+', '?', '~', '−'])
    const visibility = async (name: string) =>
      Number(
        await page
          .locator(name)
          .first()
          .evaluate(element => getComputedStyle(element).opacity),
      )
    assert.ok((await visibility('.node.only-after')) > 0.9)
    assert.ok((await visibility('.link.only-before')) < 0.3)
    await page.getByRole('slider').focus()
    await page.keyboard.press('Home')
    await page.waitForURL(/moment=0/)
    assert.ok((await visibility('.node.only-after')) < 0.3)
    assert.ok((await visibility('.link.only-before')) > 0.9)
    await page.locator('.difference.opened > button').click()
    assert.equal((await page.locator('.node:not(.dim) .name').allTextContents()).sort(), [
      'ledger',
      'reports',
    ])
    await page.getByRole('button', { name: 'After', exact: true }).click()
    await page.getByRole('button', { name: /reviews in shop.*new/ }).click()
    assert.match(await page.locator('.headline').innerText(), 'new with the change')
  }),
)

pages(
  'several environments share a page: a select shows each, and says how many changes it has',
  async () => {
    const { page, faults, close } = await openPage(makeShopEnvironments())
    const select = page.getByLabel('Environment')
    assert.equal(await select.locator('option').allInnerTexts(), [
      'shop, staging',
      'shop, production · 4 changes',
      'shop, preview · removed · 1 change',
    ])
    assert.is(await select.inputValue(), 'shop, production')
    assert.match(
      await page.locator('.panel .sentences').innerText(),
      'expectation `partners-search` is removed',
    )
    await page.getByRole('button', { name: /^service orders/ }).click()
    await select.selectOption('shop, staging')
    assert.is(await page.locator(`${panel} h2`).innerText(), 'orders')
    await page.locator(panel).getByText('orders-account').waitFor()
    assert.is(await page.getByRole('slider').count(), 0)
    assert.is(await page.getByRole('button', { name: /reviews in shop/ }).count(), 0)
    await select.selectOption('shop, preview')
    await page.waitForURL(/#environment=shop%2C\+preview&node=service\+shop%2Forders&panel=details$/)
    await page.locator(panel).getByText('orders-account').waitFor()
    await page.getByRole('button', { name: 'Changes 1' }).click()
    assert.match(await page.locator(panel).innerText(), 'the environment is removed')
    assert.is(await page.locator('.badge.removed').count(), 0)
    assert.equal(faults, [])
    await close()
  },
)

pages('the list has the nodes and calls as tables', () =>
  visit({ hash: '#view=list' }, async page => {
    const [nodes, calls] = await page.locator('table').all()
    assert.is(await nodes!.locator('tbody tr').count(), 22)
    const row = nodes!.locator('tr', { hasText: 'sessions' })
    assert.equal(await row.locator('th, td').allInnerTexts(), [
      'sessions',
      'service',
      'data',
      'team-data',
      '3',
      '0',
      'open to anyone',
    ])
    await calls!.getByRole('button', { name: 'GET /stock/*' }).first().click()
    await page.locator('.witness').first().waitFor()
  }),
)

pages('a print has the picture, the legend and the whole panel', () =>
  visit({ hash: '#node=service+shop%2Fcart&panel=details', colorScheme: 'dark' }, async page => {
    await page.locator(panel).getByText('cart-account').waitFor()
    await page.emulateMedia({ media: 'print' })
    const measure = (name: string) =>
      page.locator(name).evaluate(element => ({
        isCut: element.scrollHeight > element.clientHeight + 2,
        isShown: element.getClientRects().length > 0,
        ground: getComputedStyle(document.body).backgroundColor,
      }))
    assert.equal(await measure('.scroll'), { isCut: false, isShown: true, ground: 'rgb(255, 255, 255)' })
    assert.ok((await measure('.legend')).isShown)
    assert.not((await measure('.filters')).isShown)
  }),
)

pages.run()
