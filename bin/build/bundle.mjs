// Makes dist/: meshc.cjs, which starts; cli.cjs, the command line; runs.cjs, the compiler; answers.cjs and questions.cjs, the work of other commands; lsp.cjs, the server of editors; what is large and
// needed by some builds only, loaded when used;
// and index.cjs, what a program imports, with its types; map-page.js and map-page.css, the page of `meshc map`.
// bin/build/prepare.mjs runs this in a fresh clone, when there is nothing else to run it with; hence JavaScript.
import { execFile } from 'node:child_process'
import { cp, mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { build } from 'esbuild'
import { licenses } from './licenses.mjs'
import { buildPage } from './page.mjs'
import { types } from './types.mjs'

const root = fileURLToPath(new URL('../..', import.meta.url))
const dist = join(root, 'dist')
const start = join(dist, 'meshc.cjs')

/** The modules of compiled validators: three quarters of the code, and needed by some commands only. */
const validators = ['mesh-validator', 'target-validators']

/** Documents for people, which some builds write: prose is long. */
const documents = 'documents'

/** The server of editors. */
const server = 'lsp'

/** The API, for programs that import the package. */
const api = 'index'

/**
 * The code behind questions about behavior, expectations, policies, templates and reviews: libraries of their own, by the
 * folder that each is made of.
 */
const libraries = ['behavior', 'expectations', 'policies', 'review', 'templates']

/** The commands that ask a mesh, as main runs them: the code behind `trace`, `can`, `lint` and `diff`. */
const questions = 'questions'

/** The work behind the commands that compile specs and write. */
const runs = 'runs'

/** The work behind the commands that answer about a project without asking its mesh: `why`, `explain`, `doctor`. */
const answers = 'answers'

/** The command line, which reads a call, prints help, and loads what a command needs. */
const cli = 'cli'

/** The engine of RE2, for specs that hold a regular expression. */
const engine = 're2js'

const options = {
  absWorkingDir: root,
  outdir: dist,
  outExtension: { '.js': '.cjs' },
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'cjs',
  minify: true,
  legalComments: 'none',
  charset: 'ascii',
  define: { 'import.meta.dirname': '__dirname' },
  metafile: true,
  write: false,
}

/** The bundles that are made of the modules of meshc, by their names. */
const bundles = {
  [cli]: {
    entry: 'bin/cli/run.ts',
    plugins: [
      { name: 'on demand', setup: context => onDemand(context, cli) },
      { name: 'server on demand', setup: serverOnDemand },
    ],
  },
  ...Object.fromEntries(
    [runs, answers, questions].map(name => [
      name,
      {
        entry: `bin/${name}/index.ts`,
        plugins: [{ name: 'on demand', setup: context => onDemand(context, name) }],
      },
    ]),
  ),
  ...Object.fromEntries(
    libraries.map(name => [
      name,
      {
        entry: `compiler/${name}/index.ts`,
        plugins: [{ name: 'on demand', setup: context => onDemand(context, name) }],
      },
    ]),
  ),
  [documents]: { entry: 'compiler/documents/report.ts', plugins: [] },
  [server]: { entry: 'bin/lsp/server.ts', plugins: [{ name: 'on demand', setup: onDemand }] },
  [api]: { entry: 'compiler/index.ts', plugins: [{ name: 'on demand', setup: onDemand }] },
}

const results = [
  await build({ ...options, entryPoints: { meshc: 'bin/start.ts' }, banner: { js: '#!/usr/bin/env node' } }),
  await build({
    ...options,
    entryPoints: [...validators.map(name => `schema/generated/${name}.mjs`), { in: engine, out: engine }],
  }),
  ...(await sharedBundles()),
]
const page = await buildPage(root, 'bin/map/page/page.ts')
const inputs = [...page.inputs, ...results.flatMap(({ metafile }) => Object.keys(metafile.inputs))]

if (process.argv.includes('--inputs')) {
  // For the test that says what may be in the bundle.
  console.log(inputs.join('\n'))
} else {
  await mkdir(dist, { recursive: true })
  await replace(join(dist, 'LICENSES.txt'), await licenses(root, inputs), 0o644)
  for (const { path, contents } of results.flatMap(({ outputFiles }) => outputFiles)) {
    await replace(path, contents, path === start ? 0o755 : 0o644)
    console.log(`${path.slice(root.length)}: ${(contents.length / 1024).toFixed(0)} KiB`)
  }
  for (const [name, text] of [
    ['map-page.js', page.script],
    ['map-page.css', page.style],
  ]) {
    await replace(join(dist, name), text, 0o644)
    console.log(`dist/${name}: ${(text.length / 1024).toFixed(0)} KiB`)
  }
  for (const { path, text } of await types(root)) {
    await mkdir(dirname(join(dist, path)), { recursive: true })
    await replace(join(dist, path), text, 0o644)
  }
  await warmUp()
}

/**
 * Compares and builds a copy of spec/ once, for what bin/start.ts keeps of it: of each module, what the last run called; of the
 * command line, what help and a wrong word call.
 * meshc runs without that too, only slower.
 */
async function warmUp() {
  let folder
  try {
    folder = await mkdtemp(join(tmpdir(), 'meshc-warm-up-'))
    await cp(join(root, 'spec'), join(folder, 'spec'), { recursive: true })
    const env = { ...process.env, MESHC_WARM_UP: '1' }
    const run = (...words) => promisify(execFile)(process.execPath, [start, ...words], { cwd: folder, env })
    // The code of a wrong call is 2; two environments differ, for which diff has the same code.
    await run('--help')
    for (const words of [['bild'], ['diff', '--env', 'staging..prod']])
      await run(...words).catch(error => {
        if (error.code !== 2) throw error
      })
    await run('build', '--verify')
  } catch (error) {
    console.warn(`meshc will start slower, as its first run failed: ${error.message.split('\n')[0]}`)
  } finally {
    if (folder !== undefined) await rm(folder, { recursive: true, force: true })
  }
}

/**
 * The bundles, with each module of meshc in one of them only: two copies of a class are two classes, and `instanceof` of one
 * does not hold for values of the other. A module that several bundles use has a home, which is loaded whenever they are.
 */
async function sharedBundles() {
  let homes = new Map()
  let taken = new Set()
  for (;;) {
    const words = await exportsOf([...homes.keys()])
    const made = await Promise.all(
      Object.entries(bundles).map(([name, { entry, plugins }]) =>
        build({
          ...options,
          outdir: undefined,
          outfile: join(dist, `${name}.cjs`),
          stdin: {
            contents: contentsOf(name, entry, homes, taken),
            resolveDir: root,
            sourcefile: `${name}.js`,
          },
          plugins: [
            { name: 'shared', setup: context => takeFromHomes(context, name, homes, words) },
            ...plugins,
          ],
        }),
      ),
    )
    const nextHomes = homesIn(made, homes)
    const nextTaken = takenIn(made)
    if (nextHomes.size === homes.size && [...nextTaken].every(name => taken.has(name))) return made
    homes = nextHomes
    taken = nextTaken
  }
}

/** The module that a bundle is made of, and what other bundles take from it, each as `<path>:<word>`. */
function contentsOf(bundle, entry, homes, taken) {
  const lines = [...taken].map(name => {
    const [path, word] = name.split(':')
    return homes.get(path) === bundle ? `export { ${word} as '${name}' } from './${path}'` : ''
  })
  return [...lines, `export * from './${entry}'`].join('\n')
}

/** Replaces each module that has its home elsewhere by what the bundle there exports of it. */
function takeFromHomes({ onResolve, onLoad }, bundle, homes, words) {
  onResolve({ filter: /^\.\/[\w-]+\.cjs$/ }, ({ path }) => ({ path, external: true }))
  onLoad({ filter: /\.ts$/ }, file => {
    const path = relative(root, file.path).replaceAll('\\', '/')
    const home = homes.get(path)
    if (home === undefined || home === bundle) return undefined
    // Pure, so that esbuild omits unused imports.
    const lines = words
      .get(path)
      .map(word => `export const ${word} = /* @__PURE__ */ take('${path}:${word}')`)
    return {
      loader: 'js',
      contents: [`const take = name => require('./${home}.cjs')[name]`, ...lines].join('\n'),
    }
  })
}

/** The names under which bundles take words of modules from other bundles. */
function takenIn(made) {
  const texts = made.map(({ outputFiles: [file] }) => file.text)
  return new Set(
    texts.flatMap(text => [...text.matchAll(/\("([\w./-]+\.ts:\w+)"\)/g)].map(([, name]) => name)),
  )
}

/** The homes of the modules that are in several bundles now, beside those that have one already. */
function homesIn(made, homes) {
  const holders = new Map()
  for (const [index, bundle] of Object.keys(bundles).entries())
    for (const { inputs } of Object.values(made[index].metafile.outputs))
      for (const [path, { bytesInOutput }] of Object.entries(inputs))
        if (
          bytesInOutput > 0 &&
          /^(bin|compiler|schema)\/.*\.ts$/.test(path) &&
          !isEntry(path) &&
          !homes.has(path)
        )
          holders.set(path, [...(holders.get(path) ?? []), bundle])
  const several = [...holders].filter(([, names]) => names.length > 1)
  return new Map([...homes, ...several.map(([path, names]) => [path, chooseHome(names)])])
}

/**
 * Chooses the bundle of a module that several use: what the command line uses is there, since it is loaded first. Expectations
 * load the engine anyway, only questions review, and the work of the commands loads everything else. Templates read what policies
 * read. A build with expectations loads no questions.
 */
function chooseHome(names) {
  if (names.includes(cli)) return cli
  if (!names.every(name => name === questions || libraries.includes(name))) return runs
  if (names.includes('behavior') || names.includes('expectations')) return 'behavior'
  if (names.every(name => name === 'policies' || name === 'templates')) return 'policies'
  return names.includes(questions) ? questions : runs
}

function isEntry(path) {
  return Object.values(bundles).some(({ entry }) => entry === path)
}

/** The words that each of some modules exports, types left out. */
async function exportsOf(paths) {
  if (paths.length === 0) return new Map()
  const { metafile } = await build({
    ...options,
    bundle: false,
    format: 'esm',
    outbase: root,
    entryPoints: paths,
  })
  return new Map(Object.values(metafile.outputs).map(({ entryPoint, exports }) => [entryPoint, exports]))
}

/**
 * Puts a small module in the place of each large one, which loads it when one of its functions is first called. `own`: the
 * library that is made.
 */
function onDemand({ onResolve, onLoad }, own) {
  onResolve({ filter: /^\.\/[\w-]+\.cjs$/ }, ({ path }) => ({ path, external: true }))
  onResolve({ filter: /^re2js$/ }, () => ({ path: engine, namespace: 'on-demand' }))
  onLoad({ filter: /./, namespace: 'on-demand' }, () => ({
    contents: `export const RE2JS = { compile: text => require('./${engine}.cjs').RE2JS.compile(text) }`,
  }))
  for (const library of [...libraries, questions, answers, runs].filter(name => name !== own)) {
    const index = new RegExp(`[/\\\\](?:bin|compiler)[/\\\\]${library}[/\\\\]index\\.ts$`)
    onLoad({ filter: index }, async ({ path }) => {
      const exported = [...(await readFile(path, 'utf8')).matchAll(/^export \{ ([\w, ]+) \}/gm)]
      const names = exported.flatMap(([, words]) => words.split(', '))
      const lines = names.map(
        name => `export const ${name} = (...words) => require('./${library}.cjs').${name}(...words)`,
      )
      return { contents: lines.join('\n') }
    })
  }
  onLoad({ filter: /[/\\]compiler[/\\]documents[/\\]report\.ts$/ }, () => ({
    contents: `export const report = (...material) => require('./${documents}.cjs').report(...material)`,
  }))
  onResolve({ filter: /^\.\.\/schema\/.*\.json$/, namespace: 'file' }, ({ path, importer }) =>
    importer.endsWith('.json') ? { path, external: true } : undefined,
  )
  onLoad(
    { filter: /[/\\]schema[/\\](generated[/\\]mesh-shape|istio-settings|mesh\.schema|crds)\.json$/ },
    async ({ path }) => {
      // The package has the file. It is read only if a spec violates it or has raw objects, or for completion and `meshc schema`.
      const keys = Object.keys(JSON.parse(await readFile(path, 'utf8')))
      const getters = keys.map(
        key => `get ${JSON.stringify(key)}() { return load()[${JSON.stringify(key)}] }`,
      )
      return {
        loader: 'js',
        contents: `const load = () => require('../${relative(root, path).replaceAll('\\', '/')}')\nmodule.exports = { ${getters.join(', ')} }`,
      }
    },
  )
  onLoad({ filter: /[/\\]schema[/\\]generated[/\\][\w-]+\.mjs$/ }, async ({ path }) => {
    const name = validators.find(name => path.endsWith(`${name}.mjs`))
    const declarations = await readFile(path.replace(/\.mjs$/, '.d.mts'), 'utf8')
    const exported = [...declarations.matchAll(/export declare const (\w+): Validator/g)].map(
      ([, word]) => word,
    )
    if (name === undefined || exported.length === 0) throw new Error(`${path} is no module of validators`)
    const lines = exported.map(word => `export const ${word} = onDemand('${word}')`)
    return { contents: `${loader(name)}\n${lines.join('\n')}` }
  })
}

function serverOnDemand({ onLoad }) {
  onLoad({ filter: /[/\\]bin[/\\]lsp[/\\]server\.ts$/ }, () => ({
    contents: `export const serveEditor = () => require('./${server}.cjs').serveEditor()`,
  }))
}

function loader(name) {
  return `
    function onDemand(word) {
      const validator = value => {
        const validate = require('./${name}.cjs')[word]
        const isValid = validate(value)
        validator.errors = validate.errors
        return isValid
      }
      return validator
    }`
}

/** In one step, so that a meshc that starts meanwhile reads the old or the new file. */
async function replace(file, contents, mode) {
  const next = `${file}.${process.pid}`
  await writeFile(next, contents, { mode })
  await rename(next, file)
}
