import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { Terminal } from '../../bin/cli/terminal.ts'
import { compileEnvironments } from '../../bin/project/compile-environments.ts'
import { usualLimits } from '../../compiler/behavior/budget.ts'
import { getWorkspace } from '../support/compile-text.ts'
import { meshc } from '../support/meshc.ts'
import { project } from '../support/project.ts'

const test = suite('bin/shared-deliveries')

const base =
  'meshc: v1\nmesh: shop\ndelivery: { repository: "https://git.example.com/mesh.git" }\nservices: { cart: { namespace: shop } }\n'
const over = (more: string) => `meshc: v1\nextends: ../base/mesh.yaml\n${more}`

/** Lists the messages about two environments that extend one base, with their places. */
function listCollisions(a: string, b: string, common = base) {
  const files = {
    'spec/base/mesh.yaml': common,
    'spec/one/mesh.yaml': over(a),
    'spec/two/mesh.yaml': over(b),
  }
  const environments = ['one', 'two'].map(name => ({
    name,
    entry: `spec/${name}/mesh.yaml`,
    output: `out/${name}`,
  }))
  const result = compileEnvironments(getWorkspace(files), environments, new Terminal(), usualLimits)
  const textAt = ({ file, start, end }: { file: string; start: number; end: number }) =>
    `${file} ${result.sources.get(file)!.text.slice(start, end)}`
  const shared = result.diagnostics.filter(({ code }) => code === 'MESH3904')
  return shared.map(({ message, at, related }) =>
    [message, textAt(at), ...related.map(({ at }) => textAt(at))].join('\n'),
  )
}

test('two environments of one name are refused, with both places', () => {
  assert.equal(listCollisions('environment: prod\n', '# the copy\nenvironment: prod\n'), [
    '`two` and `one` are both called `shop-prod` in Argo CD: each overwrites the Applications of the other\nspec/two/mesh.yaml prod\nspec/one/mesh.yaml prod',
  ])
  const names = listCollisions('', '', `${base}environment: prod\n`)
  assert.is(names.length, 1, 'a name that the base says')
})

test('delivery names collide in one mesh, or if one mesh name is a prefix of the other', () => {
  assert.is(listCollisions('mesh: shop-eu\nenvironment: prod\n', 'environment: eu-prod\n').length, 1)
  assert.is(listCollisions('environment: prod-control-plane\n', 'environment: prod\n').length, 1)
  assert.equal(listCollisions('environment: prod\n', 'environment: staging\n'), [])
  assert.equal(listCollisions('mesh: books\nenvironment: prod\n', 'environment: prod\n'), [])
})

test('environments of different Argo CDs may have one name', () => {
  const at = (url: string) => `environment: prod\ndelivery: { argocd: { url: ${url} } }\n`
  assert.equal(listCollisions(at('https://argocd.eu.example.com'), at('https://argocd.us.example.com')), [])
  assert.is(listCollisions(at('https://argocd.example.com'), at('https://argocd.example.com')).length, 1)
  assert.equal(
    listCollisions('environment: prod\ndelivery: { argocd: { namespace: gitops } }\n', 'environment: prod\n'),
    [],
  )
  assert.equal(
    listCollisions('environment: prod\ndelivery: { outputs: [docs] }\n', 'environment: prod\n'),
    [],
  )
})

test('two environments with one root namespace in one cluster are refused', () => {
  const to = (cluster: string, more = '') => `delivery: { cluster: ${cluster}${more} }\n`
  assert.equal(listCollisions(to('eu'), to('eu')), [
    '`two` is delivered to the same cluster as `one`, `eu`: a sync of one reverts the other\nspec/two/mesh.yaml eu\nspec/one/mesh.yaml eu',
  ])
  assert.equal(listCollisions(to('eu'), to('us')), [])
  assert.equal(listCollisions('', ''), [], 'each in the cluster of its Argo CD')
  assert.equal(listCollisions(to('eu'), `${to('eu')}istio: { namespace: istio-two }\n`), [])
  const elsewhere = ', argocd: { namespace: gitops }'
  assert.equal(
    listCollisions(to('eu'), to('eu', elsewhere)),
    [],
    'the names of clusters are those of one Argo CD',
  )
  assert.is(listCollisions(to('"https://10.0.0.1"'), to('"https://10.0.0.1"', elsewhere)).length, 1)
})

test('build writes nothing of such environments, validate and doctor say why, and one alone is built', async () => {
  const folder = project({
    'spec/base/mesh.yaml': base,
    'spec/prod/mesh.yaml': over('environment: prod\n'),
    'spec/prod-copy/mesh.yaml': over('environment: prod\n'),
  })
  for (const command of ['build', 'validate', 'doctor']) {
    const { code, stdout, stderr } = await meshc(folder, [command])
    assert.is(code, 1, command)
    assert.match(`${stdout}${stderr}`, /MESH3904|prod-copy/, command)
  }
  assert.not.ok(existsSync(join(folder, 'out')))
  assert.is((await meshc(folder, ['build', '--env', 'prod'])).code, 0)
})

test.run()
