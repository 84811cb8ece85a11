import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { extname, join } from 'node:path'
import { build } from 'esbuild'
import type { BrowserContext, Page } from 'playwright-core'
import { usualLimits } from '../../../compiler/behavior/budget.ts'
import { makePageMesh } from '../../../compiler/map/make-page-mesh.ts'
import type { PageData } from '../../../compiler/map/page-data.ts'
import { makePageHtml, splitPageData } from '../../../compiler/map/page-html.ts'
import { makeCompiledMesh } from '../../behavior/compiled-mesh.ts'
import { projectWorkspace } from '../../files/workspace.ts'
import { makePageEngine } from '../../map/page-engine.ts'
import { listExamples } from '../../playground/site/list-examples.ts'
import { findImpactLines } from '../../playground/worker/find-impact-lines.ts'
import { buildPage } from '../page.mjs'
import { compileExample, makeReviewedExample } from './reviewed-example.ts'

/** A page with a picture in docs/. */
export interface PicturedPage {
  /** The picture. */
  readonly file: string
  /** All that the picture shows. */
  readonly shown: unknown
  /** Opens the page in a browser, and brings it to the state of the picture. */
  readonly open: (context: BrowserContext) => Promise<Page>
}

/** Lists the pages: the map of prod, a review, and the playground. */
export async function listPicturedPages(): Promise<readonly PicturedPage[]> {
  const [map, playground] = await Promise.all([
    bundleView(
      `import { startPage } from './bin/map/page/start-page.tsx'; startPage()`,
      'bin/map/page/page.css',
    ),
    bundleView(`import './bin/playground/page/playground.tsx'`, 'bin/playground/page/playground.css'),
  ])
  return [pictureMap(map), pictureReview(map), picturePlayground(playground)]
}

/** The map of prod, with the panel of a service. */
function pictureMap(view: readonly string[]): PicturedPage {
  const node = 'service my-api/my-api'
  const loaded = makeCompiledMesh(compileExample('prod', projectWorkspace(process.cwd())))
  const mesh = makePageMesh({ ...loaded, commandOptions: '--env prod' }, usualLimits, () => {})
  const data: PageData = { meshc: '', environments: [{ mesh }] }
  const details = makePageEngine(mesh).describeNode(mesh.map.nodes.findIndex(({ id }) => id === node))
  return {
    file: 'docs/pictures/map.png',
    shown: [view, splitPageData(data).picture, details],
    open: async context => {
      const page = await openMap(context, data, `#${new URLSearchParams({ node, panel: 'details' })}`)
      await page.locator('.panel').getByText('Facts').waitFor()
      return page
    },
  }
}

/** The page of a review, with a difference that is selected. */
function pictureReview(view: readonly string[]): PicturedPage {
  const data = makeReviewedExample()
  return {
    file: 'docs/pictures/review.png',
    shown: [view, splitPageData(data).picture],
    open: async context => {
      const page = await openMap(context, data, '#difference=0')
      await page.locator('.difference.selected').waitFor()
      return page
    },
  }
}

/** The playground, with the cursor on a line that is behind some lines of manifests. */
function picturePlayground(view: readonly string[]): PicturedPage {
  const [id, words, built] = ['bookinfo', 'timeout: 10s', 'manifests/bookinfo/details.yaml']
  const specs = Object.fromEntries(
    readdirSync('spec', { recursive: true, encoding: 'utf8' })
      .filter(name => name.endsWith('.yaml'))
      .map(name => `spec/${name.replaceAll('\\', '/')}`)
      .map(path => [path, readFileSync(path, 'utf8')]),
  )
  const { environment, compilation, sources } = compileExample(
    `examples/${id}`,
    projectWorkspace(process.cwd()),
  )
  const text = specs[environment.entry] ?? ''
  const line = text.split('\n').findIndex(line => line.includes(words)) + 1
  const entries = [...compilation.sourceMap()]
  return {
    file: 'docs/pictures/playground.png',
    shown: [
      view,
      listExamples(specs).find(example => example.id === id),
      [...compilation.files()].map(({ path }) => path),
      compilation.file(built)?.text,
      findImpactLines(environment.entry, line, compilation, entries, sources, () => undefined),
    ],
    open: async context => {
      await serveSite(context)
      const page = await context.newPage()
      await page.goto(`${site}index.html#example=${id}`)
      await page.locator('[data-stale=false] .files button').first().waitFor()
      await page
        .locator('#spec-panel .cm-line', { hasText: words })
        .first()
        .click({ position: { x: 40, y: 8 } })
      await page.locator('#manifests-panel .cm-lit-near').first().waitFor()
      return page
    },
  }
}

/** Opens the page of a mesh with an address, and waits for the picture. */
async function openMap(context: BrowserContext, data: PageData, hash: string): Promise<Page> {
  const { script, style } = await buildPage(process.cwd(), 'bin/map/page/page.ts')
  const digest = (text: string) => createHash('sha256').update(text).digest('base64')
  const page = await context.newPage()
  await context.route(`${site}map.html`, route =>
    route.fulfill({ contentType: 'text/html', body: makePageHtml({ script, style, data, digest }) }),
  )
  await page.goto(`${site}map.html${hash}`)
  await page.locator('.layer[style]').waitFor()
  return page
}

/** An address that nothing serves: the browser gets the files here. */
const site = 'http://localhost:9/'

const mediaTypes: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
}

/** Builds the site of the playground, and gives a browser its files. */
async function serveSite(context: BrowserContext): Promise<void> {
  execFileSync(process.execPath, ['--import', 'tsx', 'bin/build/playground.mjs'], { stdio: 'ignore' })
  await context.route(`${site}**`, async route => {
    const path = decodeURIComponent(new URL(route.request().url()).pathname)
    await route.fulfill({
      body: readFileSync(join('dist/playground', path)),
      contentType: mediaTypes[extname(path)] ?? 'text/plain',
    })
  })
}

/** Bundles the visible code of a page, without the engine and the compiler. Comments and types of its sources leave no trace. */
async function bundleView(script: string, style: string): Promise<readonly string[]> {
  const { outputFiles } = await build({
    stdin: { contents: script, resolveDir: process.cwd(), loader: 'ts' },
    entryPoints: [{ in: style, out: 'style' }],
    outdir: 'dist',
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'browser',
    minify: true,
    legalComments: 'none',
    jsx: 'automatic',
    jsxImportSource: 'preact',
    define: { 'process.env.NODE_ENV': '"production"', meshcVersion: '""' },
  })
  return outputFiles.map(({ text }) => text)
}
