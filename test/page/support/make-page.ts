import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { buildPage } from '../../../bin/build/page.mjs'
import type { PageData } from '../../../compiler/map/page-data.ts'
import { makePageHtml } from '../../../compiler/map/page-html.ts'

const root = join(import.meta.dirname, '../../..')
let bundle: ReturnType<typeof buildPage> | undefined

/** Makes the HTML of a page with the stub engine. With `isLive`, the page follows a server. */
export async function makePage(data: PageData, isLive = false): Promise<string> {
  bundle ??= buildPage(root, 'test/page/support/stub-page.ts')
  const { script, style } = await bundle
  const digest = (text: string) => createHash('sha256').update(text).digest('base64')
  return makePageHtml({ script, style, data, digest, follows: isLive ? 'server' : undefined })
}
