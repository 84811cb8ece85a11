import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { parse } from 'yaml'
import { describeEnvironments } from '../../bin/project/environments.ts'
import { meshc } from '../support/meshc.ts'
import { pathsIn, project, write } from '../support/project.ts'
import { commit, repository } from '../support/repository.ts'

/** The clusters of an environment in the calls and the answers of commands. */
const test = suite('bin/clusters')

const head =
  'meshc: v1\nmesh: shop\ndelivery: { repository: https://git.example.com/shop.git }\nmanages: mesh\n'
const services = `services:
  web: { namespace: shop }
  cart: { namespace: shop, port: { http: 8080 }, allow: [{ from: web }] }
  ledger: { namespace: core, port: { http: 8080 }, allow: [{ from: cart }] }
`
const inOneCluster = services.replace(
  'ledger: { namespace: core,',
  'ledger: { namespace: core, clusters: [eu1],',
)
const clusters = `clusters:
  eu1: { network: eu, region: eu-west-1 }
  us1: { network: us, region: us-east-1, destination: 'https://us1.example.com:6443', revision: promoted }
gateways:
  east-west: { eastWest: true }
`
const files = {
  'spec/shop/mesh.yaml': `${head}${clusters}${inOneCluster}`,
  'spec/shop/us1/mesh.yaml': 'meshc: v1\nservices: { cart: { timeout: 2s } }\n',
}

const run = async (folder: string, ...words: readonly string[]) => {
  const result = await meshc(folder, words)
  assert.not.match(result.stderr, /^ +at /m)
  return result
}

const read = (folder: string, path: string) => readFileSync(join(folder, path), 'utf8')

test('each cluster is built into a folder of its own', async () => {
  const folder = project(files)
  const built = await run(folder, 'build', '--env', 'shop')
  assert.is(built.code, 0, built.stderr)
  const [first, second] = ['eu1', 'us1'].map(name => pathsIn(join(folder, 'out/shop', name, 'manifests')))
  assert.equal(first, second)
  const values = parse(read(folder, 'out/shop/us1/istio/values-istiod.yaml'))
  assert.is(values.global.meshID, 'shop')
  assert.is(values.global.network, 'us')
  assert.equal(values.global.multiCluster, { clusterName: 'us1' })
  const { labels } = parse(read(folder, 'out/shop/us1/istio/values-istio-east-west.yaml'))
  assert.is(labels['topology.istio.io/network'], 'us')
  const root = parse(read(folder, 'out/shop/us1/argocd/root.yaml'))
  assert.is(root.metadata.name, 'shop-shop-us1-root')
  assert.is(root.spec.source.targetRevision, 'promoted')
  assert.match(read(folder, 'out/shop/us1/manifests/core/ledger.yaml'), /^kind: Service$/m)
  assert.not.match(read(folder, 'out/shop/eu1/manifests/core/ledger.yaml'), /^kind: Service$/m)
  // The file of `us1` changes only that cluster.
  assert.match(read(folder, 'out/shop/us1/manifests/shop/cart.yaml'), 'timeout: 2s')
  assert.match(read(folder, 'out/shop/eu1/manifests/shop/cart.yaml'), 'timeout: 30s')
  assert.is((await run(folder, 'build', '--check')).code, 0)
})

test('an environment gets clusters, loses one, and loses all', async () => {
  const folder = project({ 'spec/shop/mesh.yaml': `${head}${services}` })
  const names = () => ['out/shop', 'out/shop/eu1', 'out/shop/us1'].filter(isBuilt)
  const isBuilt = (path: string) => existsSync(join(folder, path, 'meshc.lock.json'))
  const rebuild = async (text: string) => {
    write(folder, { 'spec/shop/mesh.yaml': text })
    const { code, stderr } = await run(folder, 'build')
    assert.is(code, 0, stderr)
    assert.is((await run(folder, 'build', '--check')).code, 0)
    return names()
  }
  assert.equal(await rebuild(`${head}${services}`), ['out/shop'])
  assert.equal(await rebuild(`${head}${clusters}${inOneCluster}`), ['out/shop/eu1', 'out/shop/us1'])
  const single = 'clusters: { eu1: { network: eu } }\n'
  assert.equal(await rebuild(`${head}${single}${inOneCluster}`), ['out/shop/eu1'])
  assert.equal(await rebuild(`${head}${services}`), ['out/shop'])
  assert.not.ok(existsSync(join(folder, 'out/shop/eu1/manifests')))
})

test('a trace names the cluster of the caller and the clusters of the instances', async () => {
  const folder = project(files)
  const traced = await run(folder, 'trace', '--from', 'cart@us1', '--to', 'ledger')
  assert.is(traced.code, 0, traced.stderr)
  assert.match(traced.stdout, 'in shop/us1')
  assert.match(traced.stdout, 'instances     in eu1 (eu-west-1), through the east-west gateway of network eu')
  const { outcomes } = JSON.parse(
    (await run(folder, 'trace', '--from', 'web@us1', '--to', 'cart', '--json')).stdout,
  )
  assert.equal(outcomes[0].instances, [
    { cluster: 'us1', region: 'us-east-1' },
    { cluster: 'eu1', network: 'eu', region: 'eu-west-1' },
  ])
  const plain = await run(folder, 'trace', '--from', 'cart@us1', '--to', 'ledger', '--plaintext')
  assert.match(plain.stdout, 'UNREACHABLE')
  const absent = await run(folder, 'trace', '--from', 'ledger@us1', '--to', 'cart')
  assert.match(absent.stderr, '`core/ledger` does not run in this cluster')
  assert.match(absent.stderr, 'it runs in `eu1`: `--from ledger@eu1`')
  const misspelt = await run(folder, 'trace', '--from', 'cart@us2', '--to', 'ledger')
  assert.match(misspelt.stderr, 'there is no cluster `us2`')
  const unsaid = await run(folder, 'trace', '--env', 'shop', '--from', 'cart', '--to', 'ledger')
  assert.match(unsaid.stderr, 'a mesh is one environment, and the project has `shop/eu1` and `shop/us1`')
})

test('a text names few clusters, and counts many', () => {
  assert.is(describeEnvironments(['dev', 'prod/eu1', 'prod/us1']), '`dev`, `prod/eu1` and `prod/us1`')
  const many = ['eu1', 'eu2', 'us1', 'us2'].map(cluster => `prod/${cluster}`)
  assert.is(describeEnvironments(['dev', ...many]), '`dev` and 4 clusters of `prod`')
})

test('a review compares clusters with their earlier environment', async () => {
  const folder = repository({ 'spec/shop/mesh.yaml': `${head}${services}` })
  assert.is((await run(folder, 'build')).code, 0)
  commit(folder)
  write(folder, { 'spec/shop/mesh.yaml': `${head}${clusters}${inOneCluster}` })
  const { stdout, stderr } = await run(folder, 'diff', '--base', 'HEAD', '--env', 'shop')
  assert.not.match(stderr, 'error')
  assert.match(stdout, 'shop/us1')
  assert.not.match(stdout, 'new environment')
})

test.run()
