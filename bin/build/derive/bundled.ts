import { buildSync } from 'esbuild'

/** An ES module that includes all modules that it requires, so that nothing else is loaded. Lines are short enough for a diff. */
export function bundleCode(code: string): string {
  const { outputFiles } = buildSync({
    stdin: { contents: code, resolveDir: process.cwd() },
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'neutral',
    minify: true,
    lineLimit: 110,
    charset: 'utf8',
  })
  const [file] = outputFiles
  if (file === undefined) throw new Error('esbuild wrote nothing')
  return file.text
}
