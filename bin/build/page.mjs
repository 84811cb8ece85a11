import { build } from 'esbuild'

/**
 * Builds the page of `meshc map`: its script, with the engine in it, and its style.
 *
 * @param root the folder of the project
 * @param entry the module that starts the page with an engine, from the root
 * @returns the texts of both, and the inputs of the bundle by their paths from the root
 */
export async function buildPage(root, entry) {
  const { outputFiles, metafile } = await build({
    absWorkingDir: root,
    outdir: 'dist',
    entryPoints: { 'map-page': entry, 'map-style': 'bin/map/page/page.css' },
    bundle: true,
    platform: 'browser',
    target: ['chrome123', 'firefox120', 'safari17.5'],
    format: 'iife',
    minify: true,
    legalComments: 'none',
    charset: 'ascii',
    jsx: 'automatic',
    jsxImportSource: 'preact',
    define: { 'process.env.NODE_ENV': '"production"' },
    metafile: true,
    write: false,
  })
  const getText = name => outputFiles.find(({ path }) => path.endsWith(name)).text
  return {
    script: getText('map-page.js').trimEnd(),
    style: getText('map-style.css').trimEnd(),
    inputs: Object.keys(metafile.inputs),
  }
}
