import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { BrowserContextOptions, Page } from 'playwright-core'
import type { PageData } from '../../../compiler/map/page-data.ts'
import { makePage } from '../support/make-page.ts'
import { startBrowser, stopBrowser } from './start-browser.ts'

/** A page in a browser, with its messages and requests. */
export interface OpenPage {
  readonly page: Page
  /** Messages of the console, errors, and requests beyond the file and its worker. */
  readonly faults: readonly string[]
  readonly close: () => Promise<void>
}

const folder = mkdtempSync(join(tmpdir(), 'meshc-test-page-'))
let files = 0

/** Opens the page of some data from a file, and waits for the picture. */
export async function openPage(
  data: PageData,
  options: BrowserContextOptions & { readonly hash?: string } = {},
): Promise<OpenPage> {
  const { hash = '', ...rest } = options
  files += 1
  const file = join(folder, `page-${files}.html`)
  writeFileSync(file, await makePage(data))
  return openAddress(`${pathToFileURL(file)}${hash}`, rest)
}

/** Opens the page of an address, and waits for the picture. */
export async function openAddress(address: string, options: BrowserContextOptions = {}): Promise<OpenPage> {
  const context = await (await startBrowser()).newContext({
    viewport: { width: 1440, height: 900 },
    // Colors and places change without a transition.
    reducedMotion: 'reduce',
    ...options,
  })
  const page = await context.newPage()
  const faults: string[] = []
  page.on('console', message => faults.push(`console ${message.type()}: ${message.text()}`))
  page.on('pageerror', error => faults.push(`error: ${error.message}`))
  context.on('request', request => {
    if (!/^(file|blob|data):/.test(request.url())) faults.push(`request: ${request.url()}`)
  })
  await page.goto(address)
  await page.locator('.layer[style], .list').first().waitFor()
  return { page, faults, close: () => context.close() }
}

/** Closes the browser, and removes the files of the pages. */
export async function closeBrowser(): Promise<void> {
  await stopBrowser()
  rmSync(folder, { recursive: true, force: true })
}
