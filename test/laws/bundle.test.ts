import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { shortRunFlags } from '../../bin/flags.ts'
import { lockFileName } from '../../bin/output/lock-file.ts'
import { mapPath } from '../../bin/project/built-files.ts'
import { listEnvironments, openProject } from '../../bin/project/project.ts'
import { once } from '../../compiler/basics/once.ts'
import { catalogue } from '../../compiler/catalogue.ts'
import { compile } from '../../compiler/compile.ts'
import { getTexts, specs, specsOfOneCluster } from '../arbitraries/mesh.ts'
import { mutations } from '../arbitraries/mutations.ts'
import { bundleProgram } from '../support/bundle-program.ts'
import { getWorkspace } from '../support/compile-text.ts'
import { readPage } from '../support/diagnostic-page.ts'
import { meshc, type Run } from '../support/meshc.ts'
import { type Files, getContent, project } from '../support/project.ts'
import { seed } from '../support/seed.ts'

/**
 * The other laws and the goldens test the sources. A user runs dist/, which is divided into bundles. Here, each command runs on specs
 * from those laws and goldens, once from the sources and once from the bundles. Both outputs have the same bytes.
 */

const laws = suite('laws: bundle')

/** Drawn specs that compile, each an environment of one project, with an Argo CD and a cluster of its own. */
const drawn = getProject(
  fc.sample(specsOfOneCluster(), { seed, numRuns: 120 }).map((spec, index) => {
    const entry = spec.documents[spec.entry]!
    const argocd = { ...entry.delivery?.argocd, namespace: `argocd-${index}` }
    const separate = { ...entry, delivery: { ...entry.delivery, argocd } }
    const texts = getTexts({ ...spec, documents: { ...spec.documents, [spec.entry]: separate } })
    const address = `https://10.0.${index}.1:6443`
    return Object.fromEntries(
      Object.entries(texts).map(([path, text]) => [path, text.replaceAll('https://10.0.0.1:6443', address)]),
    )
  }),
)

/** The specs of all pages about diagnostics. */
const pages = catalogue.flatMap(({ code }) => {
  const { files, description } = readPage(code).wrong
  return description === undefined ? [files] : []
})

/** Drawn specs with an edit, which may be wrong. */
const edited = fc.sample(
  specs()
    .chain(mutations)
    .map(({ spec }) => getTexts(spec)),
  { seed, numRuns: 100 },
)

laws('a build of drawn specs writes what the sources make, byte for byte', async () => {
  const folder = project(drawn)
  const { code, stderr } = await meshc(folder, ['build', '--verify'])
  assert.is(code, 0, stderr)
  const environments = listEnvironments(openProject(folder), [])
  assert.is(environments.length, 120)
  let documents = 0
  for (const { entry, output } of environments) {
    const result = compile(entry, getWorkspace(drawn))
    assert.ok(result.ok)
    const paths = [...result.value.files()].map(({ path, text }) => {
      assert.is(readFileSync(join(folder, output, path), 'utf8'), text, `${output}/${path}`)
      if (path.startsWith('docs/')) documents++
      return path
    })
    const written = Object.keys(getContent(join(folder, output)))
    if (result.value.mesh.delivery.outputs.map !== undefined) paths.push(mapPath)
    assert.equal(written.filter(path => path !== lockFileName).sort(), paths.sort())
  }
  assert.ok(documents > 60, `${documents} documents`)
})

for (const format of ['text', 'json', 'sarif', 'github', 'gitlab', 'junit'])
  laws(`the bundle and the sources report wrong specs alike, as ${format}`, async () => {
    const files = getProject(format === 'json' ? [...pages, ...edited] : pages)
    const { bundled, sources } = await outcomes(files, ['validate', '--format', format])
    assert.is(bundled.code, 1)
    assert.equal(bundled, sources)
  })

for (const [index, format] of ['text', 'markdown', 'json'].entries())
  laws(`the bundle and the sources report changes and dead rules alike, as ${format}`, async () => {
    const pair = `--env=e${index * 2}..e${index * 2 + 1}`
    const review = await outcomes(drawn, ['diff', pair, '--format', format])
    assert.is(review.bundled.code, 2, review.bundled.stderr)
    assert.equal(review.bundled, review.sources)
    if (format === 'markdown') return
    const names = Array.from({ length: 5 }, (_, at) => `--env=e${index * 5 + at}`)
    const findings = await outcomes(drawn, ['lint', ...names, '--format', format])
    assert.equal(findings.bundled, findings.sources)
  })

laws.run()

/** The path of a program of the sources. */
const getSources = once(() => bundleProgram('bin/meshc.ts'))

/** The result of a command. */
type Result = Pick<Run, 'code' | 'stdout' | 'stderr'>

/** A command that writes nothing, run by the bundles and by the sources. */
async function outcomes(
  files: Files,
  words: readonly string[],
): Promise<{ readonly bundled: Result; readonly sources: Result }> {
  const folder = project(files)
  const { code, stdout, stderr } = await meshc(folder, words)
  const sources = spawnSync(process.execPath, [...shortRunFlags, getSources(), ...words], {
    cwd: folder,
    env: { PATH: process.env['PATH'] },
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
  })
  return {
    bundled: { code, stdout, stderr },
    sources: { code: sources.status, stdout: sources.stdout, stderr: sources.stderr },
  }
}

/** Specs of an environment `prod` each, in one project: the folders of the second are `e1` and `e1-base`. */
function getProject(
  texts: readonly Readonly<Record<string, string | undefined>>[],
): Readonly<Record<string, string>> {
  return Object.assign(
    {},
    ...texts.map((files, index) => {
      const moved = (name: string) => (name === 'prod' ? `e${index}` : `e${index}-${name}`)
      return Object.fromEntries(
        Object.entries(files).map(([path, text]) => [
          path.replace(/^spec\/([^/]+)/, (_, name: string) => `spec/${moved(name)}`),
          // An edit can leave a file without text.
          (text ?? '').replace(/\.\.\/([\w-]+)\//g, (_, name: string) => `../${moved(name)}/`),
        ]),
      )
    }),
  )
}
