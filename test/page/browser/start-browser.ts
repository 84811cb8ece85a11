import { type Browser, chromium } from 'playwright-core'
import { findChromium } from '../../../bin/build/derive/chromium.ts'

let browser: Promise<Browser> | undefined

/** Starts the browser of this process, or returns the running browser. */
export function startBrowser(): Promise<Browser> {
  browser ??= chromium.launch({ executablePath: getChromium(), args: ['--no-sandbox'] })
  return browser
}

export async function stopBrowser(): Promise<void> {
  await (await browser)?.close()
}

function getChromium(): string {
  const path = findChromium()
  if (path !== undefined) return path
  throw new Error(
    'there is no Chromium: install it, for example with `apt-get install chromium`, or name its program in CHROMIUM',
  )
}
