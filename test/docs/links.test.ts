import { existsSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { getProse, listAnchors, pages, pageText } from '../support/markdown.ts'

const test = suite('docs/links')
const root = join(import.meta.dirname, '../..')

for (const page of pages) {
  test(`every link of ${page} leads somewhere`, () => {
    assert.equal(deadLinks(page, pageText(page)), [])
  })
}

test('a link to a file or heading that is not there is found', () => {
  const text =
    '[a](nowhere.md) [b](README.md#no-such-heading) [c](#none) ![d](none.svg) [e](README.md#start)\n# One'
  assert.equal(deadLinks('page.md', text), ['nowhere.md', 'README.md#no-such-heading', '#none', 'none.svg'])
})

test('every page can be reached from the README', () => {
  const reached = new Set<string>()
  const waiting = ['README.md']
  for (let page = waiting.pop(); page !== undefined; page = waiting.pop()) {
    if (reached.has(page)) continue
    reached.add(page)
    for (const link of listLinks(pageText(page))) {
      const target = normalize(join(dirname(page), link.split('#')[0] ?? ''))
      if (pages.includes(target)) waiting.push(target)
    }
  }
  assert.equal(
    pages.filter(page => !reached.has(page)),
    [],
  )
})

test.run()

const listLinks = (text: string): readonly string[] =>
  [...getProse(text).matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = '']) => link)

/** Lists the links within this repository to a missing file or heading. */
function deadLinks(page: string, text: string): readonly string[] {
  return listLinks(text)
    .filter(link => !/^[a-z]+:/.test(link))
    .filter(link => {
      const [path = '', anchor] = link.split('#')
      const target = path === '' ? page : normalize(join(dirname(page), path))
      if (path !== '' && !existsSync(join(root, target))) return true
      if (anchor === undefined || !target.endsWith('.md')) return false
      return !listAnchors(path === '' ? text : pageText(target)).includes(anchor)
    })
}
