// A team moves a mesh written by hand to a spec, in the steps of docs/guides/adopting.md: from `kubectl get`
// to the last Application. The API server, istiod and Argo CD are real programs.

import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { Cluster } from '../oracle/cluster.ts'
import { runCommand } from '../oracle/command.ts'
import { type KubernetesObject, podObject } from '../oracle/objects.ts'
import { eventually } from '../oracle/server.ts'
import { oracle, requireOracle } from '../oracle/tools.ts'
import { legacy, shop } from '../support/hand-written-mesh.ts'
import { pageText } from '../support/markdown.ts'
import { meshc } from '../support/meshc.ts'
import {
  applyArgoCdObjects,
  awaitApplication,
  awaitSynced,
  patchApplication,
  refresh,
  tellToSync,
} from './applications.ts'
import { startControlPlane } from './control-plane.ts'
import { getIdentity } from './objects.ts'
import { createRepository, type Repository } from './repository.ts'

const adopting = suite('adopting')
const step = await requireOracle(adopting, 'clusterPrograms', 'controlPlanePrograms')

/** The kinds that the guide reads from a cluster. */
const [, kinds = ''] =
  /^kubectl get (\S+) .* > cluster\.yaml$/m.exec(pageText('docs/guides/adopting.md')) ?? []

/** The Application that applies the manifests written by hand. */
const old = 'shop'
const importing = ['import', '../before.yaml', '--env', 'prod', '--mesh', 'shop']

const pods = [
  {
    name: 'cart-v1',
    namespace: 'shop',
    labels: { app: 'cart', version: 'v1' },
    serviceAccount: 'cart',
    ports: [8080],
  },
  {
    name: 'cart-v2',
    namespace: 'shop',
    labels: { app: 'cart', version: 'v2' },
    serviceAccount: 'cart',
    ports: [8080],
  },
  { name: 'web', namespace: 'shop', labels: { app: 'web' }, serviceAccount: 'web', ports: [3000] },
  { name: 'batch', namespace: 'legacy', labels: { app: 'batch' }, serviceAccount: 'batch', ports: [] },
]

let cluster: Cluster
let repository: Repository
let application: string
let commit: string

adopting.after(async () => {
  await cluster?.stop()
})

step('a mesh is in the cluster, and an Application that prunes holds it', async () => {
  cluster = await startControlPlane({ meshConfig: {}, isAnalyzing: true })
  repository = await createRepository(cluster.directory)
  await writeManifests(shop, legacy)
  await repository.push('The mesh as it is')
  const source = { repoURL: repository.url, path: 'clusters/prod', targetRevision: 'main' }
  await cluster.apply([
    {
      apiVersion: 'argoproj.io/v1alpha1',
      kind: 'Application',
      metadata: { name: old, namespace: 'argocd' },
      spec: {
        project: 'default',
        source,
        destination: { server: 'https://kubernetes.default.svc' },
        syncPolicy: { automated: { prune: true, selfHeal: true } },
      },
    },
  ])
  await awaitApplication(cluster, old, 'Synced', ({ sync }) => sync === 'Synced')
  // No kubelet of the test starts the pods.
  await cluster.apply(pods.map(podObject))
  assert.ok((await listNames()).includes('AuthorizationPolicy shop/cart-callers'))
})

step('kubectl reads what git has', async () => {
  await readCluster('before.yaml')
  const { findings, manifests } = await compareStates('clusters/prod', '../before.yaml')
  // Every cluster has this Service, and no manifest of a team contains it.
  for (const { witness } of findings) assert.match(witness.request, 'kubernetes.default')
  const kindsOfChanges = manifests.flatMap(({ changes }) => changes.map(({ kind }) => kind))
  assert.equal([...new Set(kindsOfChanges)], ['added'])
})

step('the mesh is imported, proved equal, and built', async () => {
  const { code, stdout, stderr } = await meshc(repository.directory, importing)
  assert.is(code, 0, stderr)
  assert.match(stdout, 'proved equal')
  const delivery = { repository: repository.url }
  await repository.edit('spec/prod/mesh.yaml', { path: ['delivery'], value: delivery })
  await repository.build('prod')
  commit = await repository.push('A spec')
})

step('its Application takes nothing from another', async () => {
  application = (await applyArgoCdObjects(cluster, repository.directory, 'prod')).manifests
  const { conditions } = await awaitApplication(
    cluster,
    application,
    'compared',
    ({ conditions }) => conditions.length > 0,
  )
  for (const condition of conditions) assert.match(condition, 'SharedResourceWarning')
  assert.is(conditions.length, (await askDoctor()).length)
})

step('the old Application lets go of what the spec writes, and nothing is deleted', async () => {
  const names = await listNames()
  await changePruning(false)
  await writeManifests(withoutWritten(shop), withoutWritten(legacy))
  commit = await repository.push('The workloads alone')
  await refresh(cluster, old)
  await awaitApplication(cluster, old, 'of that commit', ({ revision }) => revision === commit)
  for (const release of await askDoctor()) await runShell(release)
  assert.equal(await askDoctor(), [])
  assert.equal(await listNames(), names)
})

step('the new Application takes it over, and no request fares otherwise', async () => {
  await refresh(cluster, application, 'hard')
  await tellToSync(cluster, application)
  await awaitSynced(cluster, application, commit)
  await readCluster('both.yaml')
  const { findings, unknown } = await compareStates('../before.yaml', '../both.yaml')
  assert.equal([findings, unknown], [[], []])
})

step('the old Application prunes what is left, and no request fares otherwise', async () => {
  await changePruning(true)
  await eventually('the old policy is gone', 60, async () => {
    await refresh(cluster, old)
    return !(await listNames()).includes('AuthorizationPolicy shop/cart-callers') || undefined
  })
  await readCluster('after.yaml')
  const { findings, unknown } = await compareStates('../before.yaml', '../after.yaml')
  assert.equal([findings, unknown], [[], []])
  const names = await listNames()
  for (const name of ['Namespace shop', 'Namespace legacy', 'Service shop/cart', 'VirtualService shop/cart'])
    assert.ok(names.includes(name), name)
  for (const name of [old, application])
    await awaitApplication(
      cluster,
      name,
      'Synced',
      ({ sync, conditions }) => sync === 'Synced' && conditions.length === 0,
    )
})

adopting.run()

async function readCluster(file: string): Promise<void> {
  const text = await cluster.kubectlOrThrow(['get', kinds, '--all-namespaces', '--output', 'yaml'])
  await writeFile(join(cluster.directory, file), text)
}

async function listNames(): Promise<readonly string[]> {
  const text = await cluster.kubectlOrThrow(['get', kinds, '--all-namespaces', '--output', 'json'])
  const { items } = JSON.parse(text) as { readonly items: readonly KubernetesObject[] }
  return items.map(getIdentity).sort()
}

async function writeManifests(shop: string, legacy: string): Promise<void> {
  const folder = join(repository.directory, 'clusters/prod')
  await mkdir(folder, { recursive: true })
  await writeFile(join(folder, 'shop.yaml'), shop)
  await writeFile(join(folder, 'legacy.yaml'), legacy)
}

/** Keeps only the Services and workloads of manifests, which a spec does not write. */
const withoutWritten = (text: string): string =>
  text
    .split(/^---$/m)
    .filter(document => /^kind: (?:Service|Deployment)$/m.test(document))
    .join('---')

/** The parts of the output of `meshc diff --json` that this test reads. */
interface StateDifference {
  readonly findings: readonly { readonly witness: { readonly request: string } }[]
  readonly unknown: readonly unknown[]
  readonly manifests: readonly { readonly changes: readonly { readonly kind: string }[] }[]
}

async function compareStates(before: string, after: string): Promise<StateDifference> {
  const { stdout, stderr } = await meshc(repository.directory, ['diff', before, after, '--format', 'json'])
  assert.match(stdout, '"environments"', stderr)
  const { environments } = JSON.parse(stdout) as { readonly environments: readonly StateDifference[] }
  return environments[0]!
}

/** Lists the commands of `meshc doctor` for objects that another Application holds. */
async function askDoctor(): Promise<readonly string[]> {
  const { stdout } = await meshc(repository.directory, ['doctor', '--cluster', '--env', 'prod'], {
    environment: await toolsOfCluster(),
  })
  return [...stdout.matchAll(/`(kubectl (?:annotate|label) [^`]*)`/g)].map(([, command]) => command!)
}

async function runShell(command: string): Promise<void> {
  const { status, stderr } = await runCommand('sh', ['-c', command], { environment: await toolsOfCluster() })
  assert.is(status, 0, stderr)
}

async function toolsOfCluster() {
  const { kubectl } = (await oracle()).programs()
  return { PATH: `${dirname(kubectl)}:${process.env['PATH']}`, KUBECONFIG: cluster.kubeconfig }
}

const changePruning = (prune: boolean): Promise<void> =>
  patchApplication(cluster, old, { spec: { syncPolicy: { automated: { prune } } } })
