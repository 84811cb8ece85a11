import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { listPicturedPages } from '../../bin/build/derive/pictured-pages.ts'
import { compareScreenshots } from '../../bin/build/derive/screenshots.ts'
import { drawTerminal } from '../../bin/build/derive/terminal-picture.ts'
import { meshc } from '../support/meshc.ts'
import { project } from '../support/project.ts'

const test = suite('docs/picture')
const folder = join(import.meta.dirname, '../../docs/pictures')

test('the picture of a diagnostic shows what a terminal shows', async () => {
  const picture = readFileSync(join(folder, 'diagnostic.svg'), 'utf8')
  const spec = readFileSync(join(folder, 'mesh.yaml'), 'utf8')
  const words = ['validate', '--env', 'prod']
  const { code, stdout, stderr } = await meshc(project({ 'spec/prod/mesh.yaml': spec }), words, {
    environment: { FORCE_COLOR: '1' },
  })
  assert.is(code, 1)
  assert.is(stdout, '')
  const shown = stderr.trimEnd().split('\n').slice(0, -2) // without the count at the end, and the line before it
  const [banner = ''] = picture.split('\n')
  assert.is(
    picture,
    drawTerminal(banner.replace(/^<!-- | -->$/g, ''), `meshc ${words.join(' ')}`, shown.join('\n')),
  )
})

test('the picture is well-formed, and none of its text can be taken for a tag', () => {
  const picture = drawTerminal('made', 'cat <a>', '\u001b[1;31m<b> & c\u001b[0m')
  assert.not.match(picture.replaceAll(/<\/?(svg|title|rect|circle|g|text|tspan|!--)[^>]*>/g, ''), '<')
  assert.match(picture, '&lt;b&gt; &amp; c')
  assert.match(picture, 'font-weight="bold" fill="#ff7b72"')
})

test('the README shows small pictures of pages, and no other picture of one is there', () => {
  const pictures = readdirSync(folder).filter(name => name.endsWith('.png'))
  const readme = readFileSync(join(folder, '../../README.md'), 'utf8')
  assert.equal(
    [...readme.matchAll(/\(docs\/pictures\/([\w-]+\.png)\)/g)].map(match => match[1]).sort(),
    pictures,
  )
  assert.equal(
    pictures.filter(name => readFileSync(join(folder, name)).length > 160_000),
    [],
  )
})

test('a picture is stale once its page shows something else, and stays as it is without a browser', async () => {
  const pages = await listPicturedPages()
  const [first] = pages
  const pixels = readFileSync(first!.file)
  assert.equal(compareScreenshots(pages).stale, [])
  const { stale, take } = compareScreenshots([
    { ...first!, shown: [first!.shown, 'more'] },
    ...pages.slice(1),
  ])
  assert.equal(stale, [first!.file])
  const { CHROMIUM } = process.env
  process.env['CHROMIUM'] = '/nowhere/chromium'
  try {
    assert.not(await take())
  } finally {
    if (CHROMIUM === undefined) delete process.env['CHROMIUM']
    else process.env['CHROMIUM'] = CHROMIUM
  }
  assert.ok(readFileSync(first!.file).equals(pixels))
})

test.run()
