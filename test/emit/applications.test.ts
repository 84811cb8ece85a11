import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { benchServices, benchSpec } from '../bench/mesh.ts'
import { compileText } from '../support/compile-text.ts'
import { findArgocd } from '../support/output.ts'

const test = suite('Applications')

/**
 * The number of bytes in a folder that Argo CD's repo server reads:
 * `reposerver.max.combined.directory.manifests.size`, 10M.
 */
const limit = 10_000_000

function deliveredMesh(services: number) {
  const spec = `${benchSpec(benchServices(services))}delivery: { repository: https://git.example.com/mesh.git }\n`
  const result = compileText(spec)
  assert.ok(result.ok)
  const argocd = findArgocd(result.value)
  assert.ok(argocd)
  const files = [...result.value.files()]
    .filter(({ path }) => path.startsWith('manifests/'))
    .map(({ path, text }) => ({ path: `out/prod/${path}`, bytes: Buffer.byteLength(text) }))
  const folders = argocd.applications.flatMap(({ spec, annotations }) => {
    const { path } = spec.source
    const wave = Number(annotations['argocd.argoproj.io/sync-wave'])
    const isAlone = spec.syncPolicy.syncOptions.includes('FailOnSharedResource=true')
    return path === undefined || path.endsWith('/argocd') ? [] : [{ path: `${path}/`, wave, isAlone }]
  })
  return { files, folders }
}

test('a mesh of 5,000 services is read in parts, none of which is more than Argo CD reads', () => {
  const { files, folders } = deliveredMesh(5000)
  const bytes = folders.map(({ path }) =>
    files.filter(file => file.path.startsWith(path)).reduce((sum, file) => sum + file.bytes, 0),
  )
  assert.ok(files.reduce((sum, file) => sum + file.bytes, 0) > limit, 'together they are more')
  for (const byte of bytes) assert.ok(byte > 0 && byte < limit / 2, `${byte} bytes`)
  for (const file of files)
    assert.is(folders.filter(({ path }) => file.path.startsWith(path)).length, 1, `${file.path} is read once`)
  for (const { path, isAlone } of folders)
    assert.not(isAlone, `${path} takes over from the Application that was read when the mesh was smaller`)
  const root = folders.find(({ path }) => path.endsWith('/istio-system/'))
  for (const folder of folders)
    if (folder !== root)
      assert.ok(folder.wave < root!.wave, 'what denies the rest comes after all that allows')
})

test('a mesh that Argo CD can read is one Application, so that its waves hold throughout', () => {
  const { folders } = deliveredMesh(500)
  assert.equal(folders, [{ path: 'out/prod/manifests/', wave: 0, isAlone: true }])
})

test.run()
