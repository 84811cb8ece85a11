import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { getShownMesh, type PageData, type PageEnvironment } from '../../../compiler/map/page-data.ts'
import { makeMap } from '../support/make-map.ts'
import { makeShopData } from '../support/shop-data.ts'
import { closeBrowser, openPage } from './open-page.ts'

const hostile = suite('hostile texts')
hostile.after(closeBrowser)

const names = [
  '</script><script>document.title = "broken"</script>',
  '<img src=x onerror="document.title = \'broken\'">',
  '<!-- <script> ${alert(1)} {{7*7}}',
  'gnp.\u202etxt.exe \u2066x',
  `${'a'.repeat(250)}-${'long '.repeat(50)}`,
  '"><svg onload=alert(1)> &lt;b&gt; &amp;',
  '漢字🦊'.repeat(60),
]

/** Makes a mesh in which every text is hostile. */
function makeHostileData(): PageData {
  const { meshc, environments } = makeShopData(false)
  const mesh = getShownMesh(environments[0]!)
  const nodes = names.map(name => ({
    kind: 'service' as const,
    namespace: name,
    name,
    owner: name,
    hosts: [name],
    versions: [
      { workload: `${name}/${name}`, hasSidecar: false, shares: [33.33] },
      { workload: `${name}/second ${name}`, hasSidecar: true, shares: [66.67] },
    ],
  }))
  const ids = names.map(name => `service ${name}/${name}`)
  const calls = ids.map((id, index) => ({
    from: [ids[(index + 1) % ids.length]!],
    to: id,
    label: names[index]!,
  }))
  const environment: PageEnvironment = {
    mesh: {
      ...mesh,
      name: names[0]!,
      assumed: names,
      commandOptions: names[1]!,
      map: makeMap(nodes, calls),
    },
    change: {
      before: { ...mesh, map: makeMap(nodes, []) },
      notices: names,
      differences: names.map((title, index) => ({
        kind: 'opened',
        title,
        says: title,
        details: names,
        from: [ids[index]!],
        to: [ids[0]!],
        edits: [{ words: title, file: title, line: 1, side: 'after' }],
        witness: { request: title, before: title, after: title },
      })),
    },
  }
  return { meshc, environments: [environment] }
}

hostile('a text of the mesh stays a text, and breaks no layout', async () => {
  for (const hash of ['', '#panel=about', '#view=list&panel=none', '#panel=ask']) {
    const { page, faults, close } = await openPage(makeHostileData(), { hash })
    for (let index = 0; hash === '' && index < names.length; index += 1) {
      await page.locator('.node [role=button]').nth(index).focus()
      await page.keyboard.press('Enter')
      await page.locator('.values').first().waitFor()
      const call = page.locator('.panel .call').first()
      if ((await call.count()) > 0) {
        await call.click()
        await page.locator('.witness').first().waitFor()
      }
    }
    assert.equal(
      await page.evaluate(`({
        images: document.querySelectorAll('img').length,
        scripts: document.scripts.length,
        title: document.title,
        width: document.documentElement.scrollWidth <= innerWidth,
        panel: [...document.querySelectorAll('.panel .scroll')].every(part => part.scrollWidth <= part.clientWidth + 1),
        direction: /[\\u202e\\u2066]/.test(document.body.innerText),
      })`),
      {
        images: 0,
        scripts: 3,
        title: `${names[0]}: map of the mesh`,
        width: true,
        panel: true,
        direction: false,
      },
    )
    assert.equal(faults, [])
    await close()
  }
})

hostile('the policy of the page forbids scripts and requests that are not its own', async () => {
  let requests = 0
  const server = createServer((_, response) => {
    requests += 1
    response.end()
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
  const { page, faults, close } = await openPage(makeShopData(false))
  await page.evaluate(`{
    const script = document.createElement('script')
    script.textContent = 'document.title = "broken"'
    document.body.append(script)
    const image = document.createElement('img')
    image.src = '${address}'
    document.body.append(image)
    fetch('${address}').catch(() => {})
    navigator.sendBeacon('${address}')
  }`)
  await page.waitForTimeout(500)
  assert.is(await page.title(), 'shop, production: map of the mesh')
  assert.is(requests, 0)
  assert.ok(faults.filter(fault => /Content Security Policy/i.test(fault)).length >= 3, faults.join('\n'))
  await close()
  server.close()
})

hostile.run()
