import { createHash } from 'node:crypto'
import { existsSync, writeFileSync } from 'node:fs'
import { chromium } from 'playwright-core'
import { readIfThere } from '../../files/read-file.ts'
import { findChromium } from './chromium.ts'
import type { PicturedPage } from './pictured-pages.ts'

/** The file with the digest of the content of each picture. */
const digestsFile = 'docs/pictures/screenshots.json'

/** The pictures of pages in docs/, as they are and as they should be. */
interface Screenshots {
  /** The pictures that show another page than meshc makes now. */
  readonly stale: readonly string[]
  /** Takes the stale pictures; false without Chromium, which leaves them as they are. */
  readonly take: () => Promise<boolean>
}

/**
 * Compares the pictures with the current pages. That needs no browser: a picture is current if the digest of its content is. The
 * content is the script of its page without the engine, its style, and the engine's answers about the mesh in it.
 */
export function compareScreenshots(pages: readonly PicturedPage[]): Screenshots {
  const digests: Readonly<Record<string, string>> = Object.fromEntries(
    pages.map(({ file, shown }) => [file, createHash('sha256').update(JSON.stringify(shown)).digest('hex')]),
  )
  const before = JSON.parse(readIfThere(digestsFile) ?? '{}')
  const stale = pages.filter(({ file }) => before[file] !== digests[file] || !existsSync(file))
  const take = async () => {
    const executablePath = findChromium()
    if (executablePath === undefined) return false
    const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] })
    try {
      for (const { file, open } of stale) {
        const context = await browser.newContext({
          viewport: { width: 1120, height: 680 },
          colorScheme: 'light',
          reducedMotion: 'reduce',
          locale: 'en-US',
        })
        const page = await open(context)
        await page.screenshot({ path: file, animations: 'disabled', caret: 'hide' })
        await context.close()
      }
    } finally {
      await browser.close()
    }
    writeFileSync(digestsFile, `${JSON.stringify(digests, null, 2)}\n`)
    return true
  }
  return { stale: stale.map(({ file }) => file), take }
}
