import { existsSync } from 'node:fs'

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

/** Finds the program of Chromium: by CHROMIUM, or else at a usual place. */
export function findChromium(): string | undefined {
  const named = process.env['CHROMIUM']
  return (named === undefined ? usual : [named]).find(place => existsSync(place))
}
