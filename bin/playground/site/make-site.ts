import { posix } from 'node:path'
import { deflateRawSync } from 'node:zlib'
import { escapeHtml } from '../../../compiler/map/page-html.ts'
import type { SharedProject } from '../share/hash.ts'
import { styleNonce } from '../share/style-nonce.ts'
import { type Part, printFrame } from './frame-html.ts'
import { listExamples, makeShopProject } from './list-examples.ts'
import { type MarkdownPage, makeElement, makeText, readMarkdownPage } from './markdown-html.ts'
import { findGuideProjects, findPageProjects } from './yaml-projects.ts'

/** The material of the site. */
interface Material {
  readonly version: string
  /** The address of the repository, for links to files that are no pages. */
  readonly repository: string
  /** The Markdown of each page, by its path from the root of the project: `docs/guides/language.md`. */
  readonly pages: Readonly<Record<string, string>>
  /** The files below spec/. */
  readonly specs: Readonly<Record<string, string>>
  /** The digests of the script and the style of a map, in base64, which the policy of the playground allows in its frame. */
  readonly scriptDigest: string
  readonly styleDigest: string
}

interface SiteFile {
  readonly path: string
  readonly text: string
}

/** The order of the guides in their list. */
const guideOrder = [
  'getting-started',
  'language',
  'editor',
  'asking',
  'review',
  'adopting',
  'argo-cd',
  'operating',
  'api',
  'language-server',
  'extending',
]

/** Makes the pages of the site, and the file of examples. */
export function makeSite(material: Material): readonly SiteFile[] {
  const { version, pages, specs } = material
  const shop = makeShopProject()
  const read = new Map(Object.entries(pages).map(([path, text]) => [path, readMarkdownPage(text)]))
  return [
    {
      path: 'index.html',
      text: printFrame({
        title: 'meshc playground',
        root: '',
        script: 'playground.js',
        policy: printPolicy([
          `script-src 'self' 'sha256-${material.scriptDigest}'`,
          `style-src 'self' 'nonce-${styleNonce}' 'sha256-${material.styleDigest}'`,
          // The map is a blob in a frame, and starts its worker from another blob.
          "worker-src 'self' blob:",
          'frame-src blob:',
        ]),
        version,
        part: 'playground',
        body: `<main id="main" tabindex="-1"><noscript><p>The playground compiles in your browser. Allow JavaScript to use it.</p></noscript></main>`,
      }),
    },
    { path: 'examples.json', text: `${JSON.stringify(listExamples(specs))}\n` },
    ...[...read].map(([path, page]) => makeSitePage(path, page, read, shop, material)),
  ]
}

const printPolicy = (directives: readonly string[]) =>
  [
    "default-src 'none'",
    ...directives,
    "connect-src 'self'",
    "img-src 'self' data:",
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ')

function makeSitePage(
  path: string,
  page: MarkdownPage,
  all: ReadonlyMap<string, MarkdownPage>,
  shop: Readonly<Record<string, string>>,
  { version, repository }: Material,
): SiteFile {
  const address = getAddress(path)
  const root = '../'.repeat(address.split('/').length - 1)
  const part = getSitePart(path)
  const projects =
    part === 'guides' ? findGuideProjects(page.sections.flat(), shop) : findPageProjects(page.sections)
  const linkTo = (link: string): string => {
    if (/^([a-z]+:|#)/i.test(link)) return link
    const [file = '', hash] = link.split('#')
    const target = posix.join(posix.dirname(path), file)
    const suffix = hash === undefined ? '' : `#${hash}`
    return all.has(target)
      ? `${posix.relative(posix.dirname(address), getAddress(target))}${suffix}`
      : `${repository}/blob/main/${target}${suffix}`
  }
  const toolsOf = (index: number) => {
    const project = projects[index]
    return project === undefined
      ? []
      : [
          makeElement('a', { href: `${root}index.html#spec=${encode(project)}`, className: ['open'] }, [
            makeText('Open in the editor'),
          ]),
        ]
  }
  const body = `<div class="columns">
${printSide(path, part, all)}
<main id="main" tabindex="-1"><article>
${page.print(linkTo, toolsOf)}
</article></main>
</div>`
  return {
    path: address,
    text: printFrame({
      title: `${page.title} · meshc`,
      root,
      script: 'page.js',
      policy: printPolicy([
        "script-src 'self'",
        `style-src 'self' 'nonce-${styleNonce}'`,
        "worker-src 'self'",
      ]),
      version,
      part,
      body,
    }),
  }
}

/** The list of pages, or of the sections of a page, at the side. */
function printSide(path: string, part: Part, all: ReadonlyMap<string, MarkdownPage>): string {
  const link = (href: string, words: string, isCurrent = false) =>
    `<li><a href="${escapeHtml(href)}"${isCurrent ? ' aria-current="page"' : ''}>${escapeHtml(words)}</a></li>`
  if (part === 'guides') {
    const guides = [...all].filter(([path]) => path.startsWith('docs/guides/'))
    const rank = (path: string) =>
      guideOrder.indexOf(posix.basename(path, '.md')) + 1 || guideOrder.length + 1
    const rows = guides
      .toSorted(([a], [b]) => rank(a) - rank(b))
      .map(([guide, { title, headings }]) => {
        const isCurrent = guide === path
        const sections = isCurrent
          ? `<ul>${headings
              .filter(({ depth }) => depth === 2)
              .map(({ id, words }) => link(`#${id}`, words))
              .join('')}</ul>`
          : ''
        return link(getAddress(posix.relative(posix.dirname(path), guide)), title, isCurrent).replace(
          '</li>',
          `${sections}</li>`,
        )
      })
    return `<nav class="side" aria-label="Guides"><ul>${rows.join('')}</ul></nav>`
  }
  const { headings } = all.get(path)!
  if (part === 'diagnostics') {
    const codes = [...all].flatMap(([path, { title }]) => {
      const code = /(MESH\d+)\.md$/.exec(path)?.[1]
      return code === undefined ? [] : [{ path, code, title: title.replace(/^MESH\d+: /, '') }]
    })
    const rows = codes.map(({ path: page, code, title }) =>
      link(`${code}.html`, code, page === path).replace('<a ', `<a title="${escapeHtml(title)}" `),
    )
    return `<nav class="side codes" aria-label="Diagnostics"><ul>${link('index.html', 'All diagnostics', path.endsWith('README.md'))}${rows.join('')}</ul></nav>`
  }
  const rows = headings
    .filter(({ depth }) => depth <= 3)
    .map(({ id, words, depth }) => link(`#${id}`, words).replace('<li>', `<li class="depth-${depth}">`))
  return `<nav class="side" aria-label="Sections"><ul>${rows.join('')}</ul></nav>`
}

const getAddress = (path: string): string =>
  path.replace(/README\.md$/, 'index.html').replace(/\.md$/, '.html')

function getSitePart(path: string): Part {
  if (path.startsWith('docs/guides/')) return 'guides'
  if (path.startsWith('docs/diagnostics/')) return 'diagnostics'
  return path === 'docs/mistakes.md' ? 'mistakes' : 'reference'
}

/** Writes a project as `encodeProject` does, at once. */
const encode = ({ files, open, environment }: SharedProject): string =>
  deflateRawSync(JSON.stringify([files, open, environment])).toString('base64url')
