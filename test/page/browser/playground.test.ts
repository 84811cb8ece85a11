import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Page } from 'playwright-core'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { closeServer, openSite } from './open-site.ts'
import { stopBrowser } from './start-browser.ts'

const playground = suite('playground')
playground.after(async () => {
  await stopBrowser()
  closeServer()
})

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/** Opens a page of the site, does something, and asserts that the console and the network report no fault. */
async function visit(
  path: string,
  act: (page: Page) => Promise<void>,
  options: Parameters<typeof openSite>[1] = {},
): Promise<void> {
  const { page, faults, close } = await openSite(path, options)
  try {
    await act(page)
    assert.equal(faults, [])
  } finally {
    await close()
  }
}

const spec = '#spec-panel .cm-content'
const manifest = '#manifests-panel .cm-content'

/** Waits for the manifests of the current spec. */
const waitForManifests = (page: Page) => page.locator('[data-stale=false] .files button').first().waitFor()

/** Puts the cursor on the line of an editor that contains a text. */
const clickLine = (page: Page, editor: string, text: string) =>
  page
    .locator(`${editor} .cm-line`, { hasText: text })
    .first()
    .click({ position: { x: 40, y: 8 } })

/** Returns the texts of the highlighted lines. */
const readLit = (page: Page, editor: string, kind: 'near' | 'far') =>
  page.locator(`${editor} .cm-lit-${kind}`).allInnerTexts()

async function listComplaints(page: Page): Promise<readonly string[]> {
  await page.evaluate(axe)
  // The frame of the map is a separate page with its own tests.
  return page.evaluate(
    "axe.run({ exclude: ['iframe'] }).then(({ violations }) => violations.flatMap(({ id, nodes }) => nodes.map(({ target, failureSummary }) => `${id} ${target} ${failureSummary}`)))",
  )
}

playground('it compiles an example as it opens', () =>
  visit('index.html', async page => {
    await waitForManifests(page)
    assert.match(await page.locator(manifest).innerText(), /kind: DestinationRule/)
    assert.is(await page.locator('.problems li').count(), 0)
  }),
)

playground('a typed error appears with its code, and the manifests stay until it is fixed', () =>
  visit('index.html#example=new', async page => {
    await waitForManifests(page)
    await clickLine(page, spec, 'timeout: 10s')
    await page.keyboard.press('Home')
    await page.keyboard.type('x')
    const problem = page.locator('.problems li.error', { hasText: 'MESH1011' })
    await problem.waitFor()
    assert.match(await problem.innerText(), /xtimeout/)
    assert.match(
      (await problem.getByRole('link').getAttribute('href')) ?? '',
      /docs\/diagnostics\/MESH1011\.html$/,
    )
    await page.getByText('from before the errors').waitFor()
    assert.ok((await page.locator(`${spec} .cm-lintRange-error`).count()) > 0)
    await page.keyboard.press('Backspace')
    await waitForManifests(page)
    assert.is(await page.locator('.problems li').count(), 0)
  }),
)

playground('a fix is offered and made', () =>
  visit('index.html#example=a-method-in-lower-case', async page => {
    const fix = page.getByRole('button', { name: /^Fix: / }).first()
    await fix.waitFor()
    await fix.click()
    await page.locator(spec, { hasText: 'methods: [GET]' }).waitFor()
  }),
)

playground('completion offers the fields of the schema, and the names of the spec', () =>
  visit('index.html#example=new', async page => {
    await waitForManifests(page)
    await page.locator(spec).focus()
    await page.keyboard.press('Control+End')
    await page.keyboard.type('faul')
    const list = page.locator('.cm-tooltip-autocomplete')
    await list.getByText('faults', { exact: true }).waitFor()
    for (let key = 0; key < 4; key++) await page.keyboard.press('Backspace')
    await waitForManifests(page)
    await page.getByRole('tab', { name: 'prod/mesh.yaml' }).click()
    await page.locator(spec).focus()
    await page.keyboard.press('Control+End')
    await page.keyboard.type('\nexternal:\nbank:\nallow:\n- from: ')
    await page.keyboard.press('Control+Space')
    await list.getByText('gateway/public', { exact: true }).waitFor()
    assert.ok((await list.innerText()).includes('api'))
  }),
)

playground('a hover has the words of the schema, and those of the layers', () =>
  visit('index.html#example=layers', async page => {
    await waitForManifests(page)
    await page.locator(`${spec} .tok-propertyName`, { hasText: 'replicas' }).first().hover()
    const tooltip = page.locator('.cm-tooltip-hover')
    await tooltip.waitFor()
    const text = await tooltip.innerText()
    assert.match(text, /Replicas of istiod/)
    assert.match(text, /spec\/prod\/mesh\.yaml:11/)
  }),
)

playground('a change of the spec changes the manifests', () =>
  visit('index.html#example=new', async page => {
    await waitForManifests(page)
    await page.locator('.files button', { hasText: 'web.yaml' }).click()
    await clickLine(page, spec, 'timeout: 10s')
    await page.keyboard.press('Home')
    for (let step = 0; step < 'timeout: '.length; step++) await page.keyboard.press('ArrowRight')
    await page.keyboard.type('1')
    await page.locator(manifest, { hasText: '110s' }).waitFor()
  }),
)

playground('the cursor in the spec lights up what its line makes', () =>
  visit('index.html#example=bookinfo', async page => {
    await waitForManifests(page)
    await clickLine(page, spec, 'timeout: 10s')
    await page.locator(`${manifest} .cm-lit-near`).first().waitFor()
    const lit = await readLit(page, manifest, 'near')
    assert.ok(lit.length > 0 && lit.every(line => line.trim() === 'timeout: 10s'), lit.join())
    assert.match(await page.locator('.reasons').innerText(), /mesh\.yaml:22 is behind \d+ values/)
    assert.ok((await page.locator('.files .badge').count()) > 1)
  }),
)

playground('the cursor in a manifest lights up what is behind its line', () =>
  visit('index.html#example=bookinfo', async page => {
    await waitForManifests(page)
    await page.locator('.files button', { hasText: 'reviews.yaml' }).click()
    await clickLine(page, spec, 'timeout: 10s')
    await page.locator(`${manifest} .cm-lit-near`, { hasText: 'timeout: 10s' }).first().waitFor()
    await clickLine(page, manifest, 'timeout: 10s')
    await page.locator('.reasons', { hasText: 'is 10s' }).waitFor()
    assert.ok((await readLit(page, spec, 'near')).some(line => line.includes('timeout: 10s')))
    const reasons = await page.locator('.reasons').innerText()
    assert.match(reasons, /VirtualService\/bookinfo\/reviews#\/spec\/http\/\d\/timeout/)
    assert.match(reasons, /defaults\.timeout/)
    assert.match(reasons, /policy/)
  }),
)

playground('in layers, it follows to the file that wins, and lights the one that lost', () =>
  visit('index.html#example=layers', async page => {
    await waitForManifests(page)
    await page.locator('.files button', { hasText: 'values-istiod.yaml' }).click()
    await clickLine(page, manifest, 'autoscaleMin')
    await page.getByRole('tab', { name: /prod\/mesh\.yaml/, selected: true }).waitFor()
    assert.ok((await readLit(page, spec, 'near')).some(line => line.includes('replicas')))
    assert.match(await page.locator('.reasons').innerText(), /spec\/base\/mesh\.yaml:8 .*overridden/s)
  }),
)

playground('a mistake opens with its diagnostic, and can be corrected', () =>
  visit('index.html', async page => {
    await waitForManifests(page)
    await page.getByLabel('Example', { exact: true }).selectOption({ label: 'Weights that do not add up' })
    await page.locator('.problems li', { hasText: 'MESH3101' }).waitFor()
    await page.getByText('A spec with errors makes no manifests.').waitFor()
    await page.getByRole('button', { name: 'Correct it' }).click()
    await waitForManifests(page)
    assert.is(await page.locator('.problems li.error').count(), 0)
  }),
)

playground('the map is drawn in a frame of its own', () =>
  visit('index.html#example=bookinfo', async page => {
    await waitForManifests(page)
    await page.getByRole('tab', { name: 'Map' }).click()
    const map = page.frameLocator('iframe')
    await map.locator('.layer[style]').waitFor()
    await map.getByRole('button', { name: /^service reviews/ }).click()
    await map.locator('.panel').getByText('reviews.bookinfo.svc.cluster.local').first().waitFor()
    assert.is(await page.locator('iframe').getAttribute('sandbox'), 'allow-scripts')
  }),
)

playground('the map keeps what a person has chosen in it after an edit of the spec', () =>
  visit('index.html#example=layers', async page => {
    await waitForManifests(page)
    await page.getByRole('tab', { name: 'Map' }).click()
    const map = page.frameLocator('iframe')
    await map.locator('.layer[style]').waitFor()
    await map.getByLabel('Gateway', { exact: true }).selectOption({ label: 'istio-public in istio-ingress' })
    await map.getByRole('button', { name: /^namespace istio-ingress,.* fold$/ }).click()
    await map.getByRole('button', { name: /^service my-api/ }).click()
    await map.getByRole('button', { name: 'Zoom in' }).click()
    const readView = async () => ({
      gateway: await map.getByLabel('Gateway', { exact: true }).inputValue(),
      selected: await map.locator('.panel h2').innerText(),
      folded: await map.locator('.room-node .name').allTextContents(),
      zoom: /scale\(.*\)/.exec((await map.locator('.layer').getAttribute('style')) ?? '')?.[0],
    })
    const chosen = await readView()
    assert.equal([chosen.selected, chosen.folded], ['my-api', ['istio-ingress']])
    assert.match(chosen.gateway, 'istio-public')
    await page.locator(spec).focus()
    await page.keyboard.press('Control+End')
    await clickLine(page, spec, 'namespace: web')
    await page.keyboard.press('End')
    await page.keyboard.type('-2')
    const added = map.getByRole('button', { name: /^namespace web-2,/ })
    await added.waitFor()
    assert.equal(await readView(), chosen)
    // A spec with errors keeps the map. The map follows the spec again after the errors are fixed.
    await page.keyboard.type(' x: [')
    await page.getByText('from before the errors').waitFor()
    assert.equal(await readView(), chosen)
    for (let key = 0; key < 7; key++) await page.keyboard.press('Backspace')
    await added.waitFor({ state: 'detached' })
    assert.equal(await readView(), chosen)
  }),
)

playground('a spec is shared by its address, and opens from it', () =>
  visit('index.html#example=bookinfo', async page => {
    await waitForManifests(page)
    await clickLine(page, spec, 'meshc: v1')
    await page.keyboard.press('Home')
    await page.keyboard.type('# mine\n')
    await page.getByRole('button', { name: 'Share' }).click()
    await page.waitForURL(/#spec=[\w-]+$/)
    await page.goto('about:blank')
    await page.goBack()
    await waitForManifests(page)
    assert.match(await page.locator(spec).innerText(), /# mine/)
  }),
)

playground('the page reports an address without a project', () =>
  visit('index.html#spec=abc', async page => {
    await page.getByRole('alert').getByText('the address holds no project').waitFor()
    await waitForManifests(page)
  }),
)

playground('a name is renamed in all layers', () =>
  visit('index.html#example=layers', async page => {
    await waitForManifests(page)
    await page.getByRole('tab', { name: /dev\/mesh\.yaml/ }).click()
    const name = page.locator(`${spec} .cm-line`, { hasText: /^ {2}my-api:/ }).first()
    await name.click({ position: { x: 40, y: 8 } })
    await page.keyboard.press('F2')
    const field = page.locator('.cm-lsp-rename-panel input')
    await field.fill('orders')
    await page.keyboard.press('Enter')
    await page.locator(spec, { hasText: 'orders:' }).waitFor()
    await page.getByRole('tab', { name: /base\/mesh\.yaml/ }).click()
    await page.keyboard.press('Control+Home')
    await page.locator('.files button', { hasText: 'orders.yaml' }).first().waitFor()
  }),
)

playground('a guide has the editor in it, and opens the playground with its example', () =>
  visit('docs/guides/language.html', async page => {
    const block = page.locator('.block', { hasText: 'search-runner' })
    await block.getByRole('button', { name: 'Edit here' }).click()
    await block.getByText('No findings: the spec compiles.').waitFor()
    await block.locator('.cm-line', { hasText: 'namespace: shop' }).click({ position: { x: 40, y: 8 } })
    await page.keyboard.press('Home')
    await page.keyboard.type('x')
    await block.locator('.problems li').first().waitFor()
    await block.getByRole('link', { name: 'Open in the editor' }).click()
    await page.waitForURL(/index\.html#spec=/)
    await page.locator('.problems li').first().waitFor()
    assert.match(await page.locator(spec).innerText(), /x *namespace: shop/)
  }),
)

for (const colorScheme of ['light', 'dark'] as const) {
  playground(`axe has no complaint in ${colorScheme} colors`, async () => {
    const views: Readonly<Record<string, (page: Page) => Promise<unknown>>> = {
      'index.html#example=bookinfo': async page => {
        await waitForManifests(page)
        await clickLine(page, spec, 'timeout: 10s')
        await page.locator(`${manifest} .cm-lit-near`).first().waitFor()
      },
      'index.html#example=layers': async page => {
        await waitForManifests(page)
        await page.locator('.files button', { hasText: 'values-istiod.yaml' }).click()
        await clickLine(page, manifest, 'autoscaleMin')
        await page.locator('.reasons', { hasText: 'overridden' }).waitFor()
      },
      'index.html#example=a-method-in-lower-case': page =>
        page
          .getByRole('button', { name: /^Fix: / })
          .first()
          .waitFor(),
      'docs/guides/language.html': async page => {
        await page.getByRole('button', { name: 'Edit here' }).first().click()
        await page.locator('.block .findings', { hasText: 'No findings' }).waitFor()
      },
      'docs/reference.html': page => page.locator('h1').waitFor(),
      'docs/mistakes.html': page => page.locator('h1').waitFor(),
      'docs/diagnostics/index.html': page => page.locator('h1').waitFor(),
      'docs/diagnostics/MESH3401.html': page => page.locator('h1').waitFor(),
    }
    for (const [path, act] of Object.entries(views))
      await visit(
        path,
        async page => {
          await act(page)
          assert.equal(await listComplaints(page), [], path)
        },
        { colorScheme },
      )
  })
}

playground('a page of text loads no editor until a person opens it', async () => {
  const { page, close } = await openSite('docs/diagnostics/MESH3401.html')
  const scripts = await page.evaluate(
    "performance.getEntriesByType('resource').map(({ name }) => name).filter(name => name.endsWith('.js'))",
  )
  assert.equal(
    (scripts as readonly string[]).map(name => name.replace(/.*\//, '')).filter(name => name === 'worker.js'),
    [],
  )
  assert.ok(
    ((await page.evaluate(
      "performance.getEntriesByType('resource').reduce((sum, { decodedBodySize }) => sum + decodedBodySize, 0)",
    )) as number) < 60_000,
  )
  await close()
})

playground.run()
