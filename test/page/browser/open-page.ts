import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core'
import type { PageData } from '../../../compiler/map/page-data.ts'
import { makePage } from '../support/make-page.ts'

/** The places where systems and their packages have Chromium. */
const usual = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/usr/bin/google-chrome-stable',
  '/snap/bin/chromium',
  '/opt/homebrew/bin/chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
]

/** A page in a browser, with all that it said and asked for. */
export interface OpenPage {
  readonly page: Page
  /** Messages of the console, errors, and requests beyond the file and its worker. */
  readonly faults: readonly string[]
  readonly close: () => Promise<void>
}

let browser: Promise<Browser> | undefined
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
  browser ??= chromium.launch({ executablePath: findChromium(), args: ['--no-sandbox'] })
  const context = await (await browser).newContext({
    viewport: { width: 1440, height: 900 },
    // Colors and places are the last ones at once.
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
  await (await browser)?.close()
  rmSync(folder, { recursive: true, force: true })
}

function findChromium(): string {
  const named = process.env['CHROMIUM']
  const path = named ?? usual.find(place => existsSync(place))
  if (path !== undefined && existsSync(path)) return path
  throw new Error(
    `there is no Chromium${named === undefined ? '' : ` at ${named}`}: install it, for example with \`apt-get install chromium\`, or name its program in CHROMIUM`,
  )
}
