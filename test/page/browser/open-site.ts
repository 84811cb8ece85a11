import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { extname, join, normalize } from 'node:path'
import type { BrowserContextOptions, Page } from 'playwright-core'
import { startBrowser } from './start-browser.ts'

const root = join(import.meta.dirname, '../../..')
const site = join(root, 'dist/playground')

/** A path above the site, like the path of a project's pages at a static host. */
const folder = '/some/where/'

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
}

let address: Promise<string> | undefined
const server = createServer((request, response) => {
  const path = new URL(request.url ?? '', 'http://localhost').pathname
  const file = normalize(path.startsWith(folder) ? path.slice(folder.length) : 'none')
  try {
    const content = readFileSync(join(site, file))
    response.writeHead(200, { 'content-type': types[extname(file)] ?? 'text/plain' }).end(content)
  } catch {
    response.writeHead(404).end()
  }
})

/** A page of the site in a browser, with its messages and requests. */
interface OpenSite {
  readonly page: Page
  /** Messages of the console, errors, failed answers, and requests to other places. */
  readonly faults: readonly string[]
  readonly close: () => Promise<void>
}

/** Builds the site once, serves it on this machine, and opens a page of it. */
export async function openSite(path: string, options: BrowserContextOptions = {}): Promise<OpenSite> {
  address ??= serve()
  const base = await address
  const context = await (await startBrowser()).newContext({
    viewport: { width: 1440, height: 900 },
    reducedMotion: 'reduce',
    ...options,
  })
  const page = await context.newPage()
  const faults: string[] = []
  page.on('console', message => faults.push(`console ${message.type()}: ${message.text()}`))
  page.on('pageerror', error => faults.push(`error: ${error.stack ?? error.message}`))
  context.on('request', request => {
    const url = request.url()
    if (!url.startsWith(`${base}${folder}`) && !/^(blob|data|about):/.test(url))
      faults.push(`request: ${url}`)
  })
  context.on('response', response => {
    if (response.status() >= 400) faults.push(`${response.status()}: ${response.url()}`)
  })
  await page.goto(`${base}${folder}${path}`)
  return { page, faults, close: () => context.close() }
}

/** Stops the server. */
export function closeServer(): void {
  server.close()
  server.closeAllConnections()
}

function serve(): Promise<string> {
  execFileSync(process.execPath, ['--import', 'tsx', 'bin/build/playground.mjs'], {
    cwd: root,
    stdio: 'ignore',
  })
  return new Promise((resolve, reject) => {
    server.on('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const bound = server.address()
      if (bound === null || typeof bound === 'string') reject(new Error('the server has no port'))
      else resolve(`http://127.0.0.1:${bound.port}`)
    })
  })
}
