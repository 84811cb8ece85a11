// Packages the extension for VS Code: `npm run vscode` writes dist/meshc-<version>.vsix. It holds meshc as npm would publish it,
// for workspaces that have none of their own. With --stage, only what goes into it is laid out in dist/vscode.
import { execFileSync } from 'node:child_process'
import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { licenses } from '../build/licenses.mjs'

/** It is fetched when it is used, since it is larger than all that meshc is made with. */
const packager = '@vscode/vsce@3.9.2'

const root = fileURLToPath(new URL('../..', import.meta.url))
const source = join(root, 'bin/vscode')
const stage = join(root, 'dist/vscode')
const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'))

await rm(stage, { recursive: true, force: true })
await mkdir(stage, { recursive: true })
const { metafile } = await build({
  absWorkingDir: root,
  entryPoints: ['bin/vscode/extension.ts'],
  outfile: join(stage, 'extension.cjs'),
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'cjs',
  minify: true,
  legalComments: 'none',
  external: ['vscode'],
  metafile: true,
})
const manifest = JSON.parse(await readFile(join(source, 'package.json'), 'utf8'))
await writeFile(join(stage, 'package.json'), JSON.stringify({ ...manifest, version }, null, 2))
await writeFile(join(stage, 'LICENSES.txt'), await licenses(root, Object.keys(metafile.inputs)))
for (const file of ['README.md', 'icon.png']) await cp(join(source, file), join(stage, file))
await cp(join(root, 'LICENSE'), join(stage, 'LICENSE'))
for (const file of publishedFiles()) {
  const target = join(stage, 'meshc', file)
  await mkdir(dirname(target), { recursive: true })
  await cp(join(root, file), target)
}

if (!process.argv.includes('--stage')) {
  const target = join(root, `dist/meshc-${version}.vsix`)
  const words = ['package', '--no-dependencies', '--allow-missing-repository', '--out', target]
  execFileSync('npx', ['--yes', packager, ...words], {
    cwd: stage,
    stdio: 'inherit',
    shell: process.platform === 'win32',
  })
}

/** The files that npm puts into the package, by its paths. */
function publishedFiles() {
  const words = ['pack', '--dry-run', '--json', '--ignore-scripts']
  const options = {
    cwd: root,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
    shell: process.platform === 'win32',
  }
  const [{ files }] = JSON.parse(execFileSync('npm', words, options))
  return files.map(({ path }) => path)
}
