import { existsSync } from 'node:fs'
import { type Browser, chromium } from 'playwright-core'

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

let browser: Promise<Browser> | undefined

/** Starts the browser of this process, or gives the one that runs. */
export function startBrowser(): Promise<Browser> {
  browser ??= chromium.launch({ executablePath: findChromium(), args: ['--no-sandbox'] })
  return browser
}

export async function stopBrowser(): Promise<void> {
  await (await browser)?.close()
}

function findChromium(): string {
  const named = process.env['CHROMIUM']
  const path = named ?? usual.find(place => existsSync(place))
  if (path !== undefined && existsSync(path)) return path
  throw new Error(
    `there is no Chromium${named === undefined ? '' : ` at ${named}`}: install it, for example with \`apt-get install chromium\`, or name its program in CHROMIUM`,
  )
}
