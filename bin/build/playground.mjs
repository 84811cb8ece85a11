// Makes dist/playground/: a static site with an editor that compiles in the browser, and the pages of docs/.
import { createHash } from 'node:crypto'
import { cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { makeSite } from '../playground/site/make-site.ts'
import { licenses } from './licenses.mjs'
import { buildPage } from './page.mjs'

const root = fileURLToPath(new URL('../..', import.meta.url))
const site = join(root, 'dist/playground')
const read = path => readFile(join(root, path), 'utf8')
const { version, repository } = JSON.parse(await read('package.json'))

const options = {
  absWorkingDir: root,
  outdir: 'dist/playground',
  bundle: true,
  platform: 'browser',
  target: ['chrome123', 'firefox120', 'safari17.5'],
  minify: true,
  legalComments: 'none',
  charset: 'utf8',
  jsx: 'automatic',
  jsxImportSource: 'preact',
  define: { 'process.env.NODE_ENV': '"production"', meshcVersion: JSON.stringify(version) },
  metafile: true,
  write: false,
}

/** The language service for YAML asks for Ajv at once, which makes code of text; and for paths of Node. */
const standIns = {
  path: 'path-browserify',
  ...Object.fromEntries(
    ['ajv/dist/2019.js', 'ajv/dist/2020.js', 'ajv-draft-04', 'ajv-i18n', 'ajv'].map(name => [
      name,
      join(root, 'bin/playground/worker/no-ajv.ts'),
    ]),
  ),
}

const [page, worker, pages] = await Promise.all([
  buildPage(root, 'bin/map/page/page.ts'),
  build({
    ...options,
    entryPoints: { worker: 'bin/playground/worker/start-worker.ts' },
    format: 'iife',
    alias: standIns,
  }),
  build({
    ...options,
    entryPoints: {
      playground: 'bin/playground/page/playground.tsx',
      page: 'bin/playground/page/page.ts',
      style: 'bin/playground/page/playground.css',
    },
    format: 'esm',
    splitting: true,
    chunkNames: 'editor-[hash]',
  }),
])

/** The modules of the command line that need no module of Node. */
const pure = ['bin/cli/failure.ts']
const needNode = Object.keys(worker.metafile.inputs).filter(
  path => /^bin\/(cli|commands|files|package)\b/.test(path) && !pure.includes(path),
)
if (needNode.length > 0) throw new Error(`the worker holds what needs Node: ${needNode.join(', ')}`)

const digest = text => createHash('sha256').update(text).digest('base64')
const mapParts = {
  script: page.script,
  style: page.style,
  scriptDigest: digest(page.script),
  styleDigest: digest(page.style),
}
const inputs = [...page.inputs, ...[worker, pages].flatMap(({ metafile }) => Object.keys(metafile.inputs))]

const files = [
  ...[worker, pages].flatMap(({ outputFiles }) =>
    outputFiles.map(({ path, text }) => ({
      path: path.slice(site.length + 1).replace(/^style\.css$/, 'playground.css'),
      text,
    })),
  ),
  { path: 'map-parts.json', text: JSON.stringify(mapParts) },
  { path: 'LICENSES.txt', text: await licenses(root, inputs, ['@vscode/l10n']) },
  ...makeSite({
    ...mapParts,
    version,
    repository: repository.url.replace(/^git\+|\.git$/g, ''),
    pages: await readTexts(
      ['docs/guides', 'docs/diagnostics'],
      ['docs/reference.md', 'docs/mistakes.md'],
      '.md',
    ),
    specs: { ...(await readTexts(['spec'], [], '.yaml')), ...(await readTexts(['spec'], [], '.liquid')) },
  }),
]

await rm(site, { recursive: true, force: true })
for (const { path, text } of files) {
  const file = join(site, path)
  await mkdir(dirname(file), { recursive: true })
  await writeFile(file, text)
}
await cp(join(root, 'bin/playground/page/icon.svg'), join(site, 'icon.svg'))
for (const { path, text } of files.filter(({ path }) => !path.startsWith('docs/')))
  console.log(`dist/playground/${path}: ${(Buffer.byteLength(text) / 1024).toFixed(0)} KiB`)
console.log(`dist/playground/docs: ${files.filter(({ path }) => path.startsWith('docs/')).length} pages`)

/** The texts below folders, and those of single files, by their paths from the root. */
async function readTexts(folders, single, ending) {
  const found = await Promise.all(
    folders.map(async folder =>
      (await readdir(join(root, folder), { recursive: true }))
        .filter(name => name.endsWith(ending))
        .map(name => `${folder}/${name.replaceAll('\\', '/')}`),
    ),
  )
  const paths = [...found.flat().sort(), ...single]
  return Object.fromEntries(await Promise.all(paths.map(async path => [path, await read(path)])))
}
