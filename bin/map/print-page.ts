import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { PageData } from '../../compiler/map/page-data.ts'
import { makePageHtml } from '../../compiler/map/page-html.ts'
import { locatePackageFile } from '../package.ts'

/**
 * Prints a page with the script and the style that the package brings along.
 *
 * @param isLive makes a page that follows its server
 */
export function printPage(data: PageData, isLive = false): string {
  const read = (name: string) => readFileSync(locatePackageFile(`dist/${name}`), 'utf8')
  return makePageHtml({
    script: read('map-page.js'),
    style: read('map-page.css'),
    data,
    follows: isLive ? 'server' : undefined,
    digest: text => createHash('sha256').update(text).digest('base64'),
  })
}
