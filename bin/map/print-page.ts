import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { PageData } from '../../compiler/map/page-data.ts'
import { makePageHtml } from '../../compiler/map/page-html.ts'
import { locatePackageFile } from '../package.ts'

/** Prints a page with the script and the style that the package brings along. */
export const printPage = (data: PageData): string => makePageHtml({ ...readPageFiles(), data })

/** Reads the script and the style of pages, and gives the digest by which a page allows them. */
export function readPageFiles() {
  const read = (name: string) => readFileSync(locatePackageFile(`dist/${name}`), 'utf8')
  return {
    script: read('map-page.js'),
    style: read('map-page.css'),
    digest: (text: string) => createHash('sha256').update(text).digest('base64'),
  }
}
