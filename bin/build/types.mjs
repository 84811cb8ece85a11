import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { dirname, join, posix } from 'node:path'
import { fileURLToPath } from 'node:url'

const entry = 'compiler/index.d.ts'

/**
 * Makes the declarations of compiler/index.ts, and of the files that they import, for dist/types/. index.cjs is CommonJS, and so
 * must its declarations be for TypeScript: a package.json beside them says so.
 *
 * @returns paths below dist/, with their texts
 */
export async function types(root) {
  const folder = await mkdtemp(join(root, 'dist/types-'))
  try {
    const problem = await declare(root, folder)
    const declarations = new Map()
    const waiting = [entry]
    for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
      if (declarations.has(path)) continue
      const text = await readFile(join(folder, path), 'utf8').catch(() => {
        throw new Error(`${path} is not declared: ${problem}`)
      })
      declarations.set(path, text)
      for (const [, imported] of text.matchAll(/(?:from |import\()['"](\.[^'"]+)\.ts['"]/g))
        waiting.push(`${posix.join(dirname(path), imported)}.d.ts`)
    }
    return [
      { path: 'types/package.json', text: '{ "type": "commonjs" }\n' },
      ...[...declarations].map(([path, text]) => ({ path: `types/${path}`, text })),
    ]
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** Declares what the entry reaches. tsc complains of some files that the declarations of the entry do not import. */
function declare(root, outDir) {
  const tsc = fileURLToPath(import.meta.resolve('typescript/package.json'))
  const words = [
    join(dirname(tsc), 'bin/tsc'),
    '--project',
    join(root, 'bin/build/types.json'),
    '--outDir',
    outDir,
  ]
  return new Promise(resolve => {
    execFile(process.execPath, words, (error, stdout) => resolve(error === null ? '' : stdout))
  })
}
