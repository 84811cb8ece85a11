// The script that npm runs in a fresh clone. Within `npm install --global`, as pre-commit does it, npm tells also the inner installation
// to be global, and what the bundle is made with is nowhere: https://github.com/npm/cli/issues/8440. Then it is fetched here.
import { spawnSync } from 'node:child_process'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'

if (!canBundle()) {
  const { status } = spawnSync('npm', ['ci', '--ignore-scripts', '--include=dev'], {
    cwd: fileURLToPath(new URL('../..', import.meta.url)),
    env: { ...process.env, npm_config_global: 'false' },
    stdio: 'inherit',
    shell: process.platform === 'win32',
  })
  if (status !== 0) process.exit(status ?? 1)
}
await import('./bundle.mjs')

function canBundle() {
  try {
    createRequire(import.meta.url).resolve('esbuild')
    return true
  } catch {
    return false
  }
}
