import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { decodeProject, type SharedProject } from '../../bin/playground/share/hash.ts'
import { listExamples } from '../../bin/playground/site/list-examples.ts'
import { makeSite } from '../../bin/playground/site/make-site.ts'
import { readMarkdownPage } from '../../bin/playground/site/markdown-html.ts'
import { hostileTexts } from '../arbitraries/hostile.ts'
import { holds } from '../holds.ts'
import { compileText } from '../support/compile-text.ts'
import { listAnchors, pageText } from '../support/markdown.ts'

const test = suite('playground: site')
const root = join(import.meta.dirname, '../..')

const listFiles = (folder: string, ending: string) =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter(name => name.endsWith(ending))
    .map(name => `${folder}/${name.replaceAll('\\', '/')}`)

const readAll = (paths: readonly string[]) =>
  Object.fromEntries(paths.map(path => [path, readFileSync(join(root, path), 'utf8')]))

const pages = readAll([
  ...listFiles('docs/guides', '.md'),
  ...listFiles('docs/diagnostics', '.md'),
  'docs/reference.md',
  'docs/mistakes.md',
])
const specs = readAll([...listFiles('spec', '.yaml'), ...listFiles('spec', '.liquid')])
const files = makeSite({
  version: '1.2.3',
  repository: 'https://example.com/meshc',
  pages,
  specs,
  scriptDigest: 'script',
  styleDigest: 'style',
})
const html = new Map(files.filter(({ path }) => path.endsWith('.html')).map(({ path, text }) => [path, text]))

/** Lists the codes of all findings in the environment of a project, or in its only environment. */
function listCodes({ files, environment }: SharedProject): readonly string[] {
  const entry = environment === undefined ? undefined : `spec/${environment}/mesh.yaml`
  return compileText(files, entry).diagnostics.map(({ code }) => code)
}

async function listProjects(path: string): Promise<readonly SharedProject[]> {
  const links = [...html.get(path)!.matchAll(/index\.html#spec=([\w-]+)/g)]
  const projects = await Promise.all(links.map(([, text]) => decodeProject(text!)))
  return projects.map(project => {
    assert.ok(project !== undefined, `${path} has a link that holds no project`)
    return project
  })
}

test('an example compiles, or has the code of its mistake, and its correction compiles', () => {
  const examples = listExamples(specs)
  assert.is(new Set(examples.map(({ id }) => id)).size, examples.length)
  assert.ok(examples.length > 30)
  for (const example of examples) {
    const code = /(MESH\d+)\.$/.exec(example.says)?.[1]
    assert.equal([...new Set(listCodes(example))], code === undefined ? [] : [code], example.id)
    const { correction } = example
    if (correction !== undefined)
      assert.equal(listCodes({ ...example, files: { [example.open]: correction } }), [], example.id)
  }
})

test('the examples of guides compile; those that are marked as wrong do not', async () => {
  let right = 0
  let wrong = 0
  for (const path of html.keys()) {
    if (!path.startsWith('docs/guides/')) continue
    for (const project of await listProjects(path)) {
      const isRight = project.environment === 'guide'
      assert.is(listCodes(project).length === 0, isRight, `${path}\n${project.files[project.open]}`)
      if (isRight) right++
      else wrong++
    }
  }
  assert.ok(right > 15 && wrong > 0, `${right} right, ${wrong} wrong`)
})

test('the wrong example of a page of diagnostics has its code, and the right one has none', async () => {
  let seen = 0
  for (const path of html.keys()) {
    const code = /(MESH\d+)\.html$/.exec(path)?.[1]
    if (code === undefined) continue
    const codes = (await listProjects(path)).map(listCodes)
    for (const listed of codes) assert.ok(listed.length === 0 || listed.includes(code), `${path}: ${listed}`)
    if (codes.some(codes => codes.includes(code)) && codes.some(codes => codes.length === 0)) seen++
  }
  assert.ok(seen > 120, `${seen} pages`)
})

test('a link leads to a page of the site, or to the repository', () => {
  for (const [path, text] of html) {
    for (const [, href = ''] of text.matchAll(/ (?:href|src)="([^"]*)"/g)) {
      if (/^(https?:|mailto:)/.test(href)) continue
      const [file = '', hash] = href.split('#')
      const target = new URL(file, `http://site/${path}`).pathname.slice(1)
      if (/\.(js|css|svg)$/.test(target)) continue
      assert.ok(html.has(target), `${path} links to ${href}`)
      if (hash !== undefined && hash !== '' && !/^(spec|example)=/.test(hash))
        assert.ok(html.get(target)!.includes(`id="${decodeURIComponent(hash)}"`), `${path} links to ${href}`)
    }
  }
})

test('a heading has the id that GitHub gives it', () => {
  for (const path of Object.keys(pages)) {
    const ids = readMarkdownPage(pages[path]!).headings.map(({ id }) => id)
    assert.equal(ids, listAnchors(withoutBlocks(pageText(path))).slice(1), path)
  }
})

const withoutBlocks = (text: string) => text.replaceAll(/^( *)```[\s\S]*?^\1```$/gm, '')

test('no text of a page becomes a tag, an address that runs a script, or an attribute', () => {
  const known =
    /^<\/?(h[1-6]|p|a|ul|ol|li|code|pre|div|span|em|strong|del|table|thead|tbody|tr|th|td|blockquote|br|hr|input|img|section|sup)\b/
  holds(
    fc.property(
      hostileTexts,
      fc.constantFrom(
        (text: string) => text,
        (text: string) => `# ${text}\n\n\`${text}\``,
        (text: string) => `\`\`\`yaml\n${text}\n\`\`\``,
        (text: string) => `[${text}](javascript:alert(1)) <script>${text}</script>`,
        (text: string) => `| a |\n| --- |\n| ${text} |`,
      ),
      (text, frame) => {
        const printed = readMarkdownPage(frame(text)).print(
          link => link,
          () => [],
        )
        for (const [tag] of printed.matchAll(/<[^>]*>?/g)) assert.match(tag, known)
        assert.not.match(printed, /<[^>]* (on\w+|style|srcdoc)=/)
        assert.not.match(printed, /href="\s*javascript:/i)
      },
    ),
    { numRuns: 300 },
  )
})

test('a page forbids what it does not need', () => {
  for (const [path, text] of html) {
    const [, policy = ''] = /http-equiv="Content-Security-Policy" content="([^"]+)"/.exec(text) ?? []
    assert.match(policy, /^default-src 'none'; script-src 'self'/, path)
    assert.not.match(policy, /unsafe|https?:|\*/, path)
    assert.not.match(text, /<script(?![^>]* src=)|<style| style="/, path)
  }
})

test.run()
