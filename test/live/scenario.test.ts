// A team changes a mesh under GitOps with real programs: git, Argo CD, the API server, istiod and its
// webhook. An environment is a cluster, so each environment has its own new control plane.

import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { splitClusterEntry } from '../../compiler/mesh/cluster-entry.ts'
import type { Cluster } from '../oracle/cluster.ts'
import { type KubernetesObject, namespaceObject } from '../oracle/objects.ts'
import { eventually } from '../oracle/server.ts'
import { synthesize } from '../oracle/synthesize.ts'
import { oracle, requireOracle } from '../oracle/tools.ts'
import { at, listAt } from '../support/at.ts'
import { compileEnvironment } from '../support/specs.ts'
import {
  type ApplicationState,
  applyArgoCdObjects,
  applyRoot,
  awaitApplication,
  awaitSynced,
  readApplication,
  refresh,
  tellToSync,
} from './applications.ts'
import { type ChartRepository, startChartRepository } from './charts.ts'
import { readIstiodSettings, startControlPlane } from './control-plane.ts'
import { builtObjects, getIdentity, getResource, liveObjects } from './objects.ts'
import { type Play, plays } from './plays.ts'
import { createSpecRepository, type Repository } from './repository.ts'

// `ENVIRONMENT=dev npm run test:live` plays one environment.
const wanted = process.env['ENVIRONMENT']
const played = plays.filter(({ environment }) => wanted === undefined || environment === wanted)
if (played.length === 0) throw new Error(`there is no environment ${wanted}`)
for (const play of played) await register(play)

async function register({ environment, canary, removal }: Play): Promise<void> {
  const scenario = suite(environment)
  const step = await requireOracle(
    scenario,
    'clusterPrograms',
    'controlPlanePrograms',
    'istioctl',
    'certificate',
  )
  const compilation = compileEnvironment(environment)
  const isAutomatic = compilation.mesh.delivery.sync.value === 'automatic'
  const file = `spec/${environment}/mesh.yaml`
  // The edits are for the whole environment, so the mesh.yaml of a cluster has none.
  const entry = splitClusterEntry(file)?.base ?? file
  const ask = isAutomatic ? 'without being asked' : 'when it is told, and not before'

  let cluster: Cluster
  let repository: Repository
  let manifests: string
  let charts: ChartRepository
  let application: string
  let chartApplications: readonly string[]
  let commit: string
  let resources: ReadonlySet<string>

  scenario.after(async () => {
    charts?.stop()
    await cluster?.stop()
  })

  step(`${environment}: a control plane starts, and teams run their workloads`, async () => {
    cluster = await startControlPlane(readIstiodSettings(compilation))
    const { certificate } = await oracle()
    // Without these objects, istiod would report missing hosts in the status of manifests, and Argo CD would
    // report Degraded.
    await cluster.apply([
      ...compilation.mesh.namespaces.map(({ name }) => namespaceObject({ name: name.value, labels: {} })),
      ...synthesize(compilation.mesh, await certificate()),
    ])
  })

  step(`${environment}: what is built is pushed`, async () => {
    charts = await startChartRepository(cluster.directory, compilation.mesh.istio.version.value)
    repository = await createSpecRepository(cluster.directory, charts.url)
    await repository.build(environment)
    manifests = join(repository.directory, 'out', environment, 'manifests')
    commit = await repository.push('The mesh')
    resources = new Set((await builtObjects(manifests)).map(getResource))
  })

  step(`${environment}: Argo CD takes its objects`, async () => {
    const applied = await applyArgoCdObjects(cluster, repository.directory, environment)
    application = applied.manifests
    chartApplications = applied.charts
    assert.is(chartApplications.length, 2 + compilation.mesh.gateways.length)
  })

  step(`${environment}: the mesh begins to arrive ${ask}`, async () => {
    await begins()
    const awaited = (await builtObjects(manifests)).filter(({ kind }) => conditionsOfControllers.has(kind))
    assert.ok(awaited.length > 0)
    for (const object of awaited.toSorted((a, b) => getWave(a) - getWave(b))) await holdsUpTheRest(object)
  })

  step(`${environment}: the mesh has arrived`, async () => {
    await awaitSynced(cluster, application, commit)
    assert.equal(await identitiesInCluster(), await identitiesInGit())
  })

  step(`${environment}: it came wave by wave`, async () => {
    // The store's revision grows with each write. Only objects that a controller changes are written twice.
    const writes = (await liveObjects(cluster, resources))
      .filter(({ kind }) => !conditionsOfControllers.has(kind))
      .map(object => ({ object: getIdentity(object), wave: getWave(object), revision: getRevision(object) }))
      .toSorted((a, b) => a.revision - b.revision)
    const waves = writes.map(({ wave }) => wave)
    assert.equal(
      waves,
      waves.toSorted((a, b) => a - b),
      JSON.stringify(writes, undefined, 1),
    )
    assert.ok(new Set(waves).size > 3)
  })

  step(`${environment}: no difference is left`, async () => {
    await staysAsItIs([])
  })

  step(`${environment}: a file that the spec does not name stays in git`, async () => {
    const namespace = compilation.mesh.istio.namespace.value
    const file = join(manifests, namespace, 'stranger.yaml')
    const policy = {
      apiVersion: 'security.istio.io/v1',
      kind: 'AuthorizationPolicy',
      metadata: { name: 'stranger', namespace },
      spec: { rules: [{}] },
    }
    await writeFile(file, JSON.stringify(policy))
    commit = await repository.push('Everybody may call everything')
    await refresh(cluster, application)
    const isCompared = ({ revision }: ApplicationState) => revision === commit
    const { sync } = await awaitApplication(cluster, application, 'compared', isCompared)
    assert.is(sync, 'Synced')
    await staysAsItIs([])
    await rm(file)
    commit = await repository.push('Without that')
    await refresh(cluster, application)
    await awaitSynced(cluster, application, commit)
  })

  step(`${environment}: istioctl has nothing to say of the cluster`, async () => {
    const { istioctl } = await oracle()
    const options = { environment: { KUBECONFIG: cluster.kubeconfig } }
    const analyzed = await istioctl(['analyze', '--all-namespaces', '--failure-threshold', 'Info'], options)
    assert.is(analyzed.status, 0, analyzed.stdout + analyzed.stderr)
    assert.match(analyzed.stdout + analyzed.stderr, 'No validation issues found')
  })

  step(`${environment}: Argo CD compares the charts, and would install them`, async () => {
    for (const name of chartApplications) {
      const compared = await awaitApplication(cluster, name, 'compared', ({ sync }) => sync !== undefined)
      assert.equal([compared.sync, compared.conditions], ['OutOfSync', []])
      await tellToSync(cluster, name, { dryRun: true })
      const state = await awaitApplication(
        cluster,
        name,
        'applied',
        ({ phase }) => phase !== undefined && phase !== 'Running',
      )
      assert.is(state.phase, 'Succeeded', state.message)
    }
  })

  step(`${environment}: a hand edit is ${isAutomatic ? 'healed' : 'shown'}`, async () => {
    const before = await readApplication(cluster, application)
    const inGit = await mtlsMode()
    const patch = JSON.stringify({ spec: { mtls: { mode: 'DISABLE' } } })
    await cluster.kubectlOrThrow(['patch', ...peerAuthentication, '--type', 'merge', '--patch', patch])
    if (isAutomatic) {
      await eventually('the edit is healed', 60, async () => (await mtlsMode()) === inGit || undefined)
    } else {
      const shown = await awaitApplication(
        cluster,
        application,
        'OutOfSync',
        ({ sync }) => sync === 'OutOfSync',
      )
      assert.equal(shown.outOfSync, ['PeerAuthentication istio-system/default'])
      assert.is(shown.startedAt, before.startedAt)
      assert.is(await mtlsMode(), 'DISABLE')
      await tellToSync(cluster, application)
    }
    await awaitApplication(
      cluster,
      application,
      'Synced again',
      ({ sync, phase, startedAt }) =>
        sync === 'Synced' && phase === 'Succeeded' && startedAt !== before.startedAt,
    )
    assert.is(await mtlsMode(), inGit)
  })

  if (canary !== undefined) {
    step(`${environment}: a canary that gets half of the traffic in the spec arrives ${ask}`, async () => {
      assert.not.equal(await readWeights(canary.virtualService), canary.weights)
      await repository.edit(canary.file, ...canary.edits)
      await deliver('Half of the traffic')
      assert.equal(await readWeights(canary.virtualService), canary.weights)
    })
  }

  step(`${environment}: a service that leaves the spec leaves the cluster ${ask}`, async () => {
    const before = await identitiesInCluster()
    for (const gone of removal.gone) assert.ok(before.includes(gone), gone)
    for (const [file, edits] of Object.entries(removal.edits)) await repository.edit(file, ...edits)
    await deliver('A service is gone')
    await eventually('what is pruned is gone', 60, async () => {
      const rest = await identitiesInCluster()
      return removal.gone.every(gone => !rest.includes(gone)) || undefined
    })
    assert.equal(await identitiesInCluster(), [...(await identitiesInGit()), ...removal.stays].sort())
    await staysAsItIs(removal.stays)
    // This step comes after the pruning: Argo CD neither prunes nor shows objects that the project no longer
    // permits.
    await applyArgoCdObjects(cluster, repository.directory, environment)
    await staysAsItIs([])
  })

  step(`${environment}: an object that leads nowhere is Degraded, in the words of istiod`, async () => {
    const [service] = compilation.mesh.services.filter(({ ports }) => ports.length > 0)
    const name = [service!.name.value, '-n', service!.namespace.value]
    const kept = await cluster.kubectlOrThrow(['get', 'service', ...name, '-o', 'json'])
    await cluster.kubectlOrThrow(['delete', 'service', ...name])
    await awaitHealth('Degraded')
    const routes = [
      'get',
      'virtualservice',
      ...name,
      '-o',
      'jsonpath={.status.validationMessages[*].type.code}',
    ]
    assert.match(await cluster.kubectlOrThrow(routes), 'IST0101')
    const { apiVersion, kind, metadata, spec } = JSON.parse(kept)
    const { labels, annotations, namespace } = metadata
    await cluster.apply([
      { apiVersion, kind, metadata: { name: metadata.name, namespace, labels, annotations }, spec },
    ])
    await awaitHealth('Healthy')
  })

  step(
    `${environment}: a refused object shows the message of istiod, and no other object is lost`,
    async () => {
      const before = await statesInCluster()
      const { message } = await refused()
      assert.match(message, 'admission webhook "rev.validation.istio.io" denied the request')
      assert.match(message, 'missing patch value for non-remove operation')
      assert.equal(await statesInCluster(), before)
    },
  )

  step(`${environment}: without it, all is well again`, async () => {
    await repository.edit(entry, { path: ['raw'], value: undefined })
    await repository.build(environment)
    commit = await repository.push('Without the filter that istiod refused')
    await refresh(cluster, application)
    // An Argo CD that syncs on command now finds no difference from git, but its last sync has failed.
    if (!isAutomatic) await tellToSync(cluster, application)
    await awaitSynced(cluster, application, commit)
    assert.equal(await identitiesInCluster(), [...(await identitiesInGit()), ...removal.stays].sort())
    await staysAsItIs([])
  })

  // With automated sync, the root Application would install the charts, which need programs that do not run
  // here.
  if (!isAutomatic)
    step(
      `${environment}: another version of Istio and another way out reach the cluster by the root`,
      async () => {
        const egress = compilation.mesh.egress.value === 'registry-only' ? 'allow-any' : 'registry-only'
        await repository.edit(
          entry,
          { path: ['istio', 'version'], value: '1.31.99' },
          { path: ['egress'], value: egress },
          // If egress is open, no caller can be denied access to an external host.
          { path: ['expect'], value: null },
        )
        await repository.build(environment)
        await repository.push('Another control plane')
        await applyRoot(cluster, repository.directory, environment)
        const istiod = chartApplications.find(name => name.endsWith('-istiod'))!
        const wanted = ['1.31.99', egress === 'allow-any' ? 'ALLOW_ANY' : 'REGISTRY_ONLY']
        await eventually('the Application of istiod is what is committed', 60, async () => {
          const words = ['get', 'application', istiod, '-n', 'argocd', '-o', 'json']
          const source = at(JSON.parse(await cluster.kubectlOrThrow(words)), 'spec', 'source')
          const mode = at(source, 'helm', 'valuesObject', 'meshConfig', 'outboundTrafficPolicy', 'mode')
          return (at(source, 'targetRevision') === wanted[0] && mode === wanted[1]) || undefined
        })
      },
    )

  scenario.run()

  /** Waits until Argo CD reports a health of the mesh. */
  async function awaitHealth(wanted: string): Promise<void> {
    await awaitApplication(cluster, application, wanted, ({ health }) => health === wanted)
  }

  /** Builds, commits and pushes the changed spec, and waits until the cluster has it. */
  async function deliver(message: string): Promise<void> {
    await repository.build(environment)
    commit = await repository.push(message)
    await refresh(cluster, application)
    await begins()
    await awaitSynced(cluster, application, commit)
  }

  /** Waits until Argo CD knows the commit, and starts the sync if a person has to. */
  async function begins(): Promise<void> {
    if (!isAutomatic) {
      const isCompared = ({ revision }: ApplicationState) => revision === commit
      const before = await awaitApplication(cluster, application, 'compared', isCompared)
      assert.is(before.sync, 'OutOfSync')
      // An automated sync would start within this time.
      await sleep(5000)
      assert.equal(await readApplication(cluster, application), before)
      await tellToSync(cluster, application)
    }
  }

  /**
   * Checks that no object of a later wave arrives before the test, as the controller, has finished an object.
   */
  async function holdsUpTheRest(object: KubernetesObject): Promise<void> {
    const { kind, metadata } = object
    const named = [getResource(object), metadata.name, '--namespace', metadata.namespace!]
    await eventually(`${getIdentity(object)} is there`, 60, async () => {
      return (await cluster.kubectl(['get', ...named])).status === 0 || undefined
    })
    await sleep(2000)
    for (const kubernetesObject of await liveObjects(cluster, resources)) {
      assert.ok(
        getWave(kubernetesObject) <= getWave(object),
        `${getIdentity(kubernetesObject)} did not wait for ${getIdentity(object)}`,
      )
    }
    const type = conditionsOfControllers.get(kind)
    const condition = {
      type,
      status: 'True',
      reason: 'Done',
      message: 'done',
      lastTransitionTime: new Date(),
    }
    const patch = JSON.stringify({ status: { conditions: [condition] } })
    const status = ['--subresource', 'status', '--type', 'merge', '--patch', patch]
    await cluster.kubectlOrThrow(['patch', ...named, ...status])
  }

  /** Compares all objects again, twice: Argo CD finds no difference, and no object changes. */
  async function staysAsItIs(extraneous: readonly string[]): Promise<void> {
    const before = await statesInCluster()
    const { startedAt } = await readApplication(cluster, application)
    for (let round = 0; round < 2; round++) {
      await refresh(cluster, application, 'hard')
      const state = await readApplication(cluster, application)
      assert.equal(
        [state.sync, state.health, state.outOfSync, state.conditions],
        ['Synced', 'Healthy', extraneous, []],
      )
      assert.is(state.startedAt, startedAt)
    }
    assert.equal(await statesInCluster(), before)
  }

  /**
   * Pushes a filter that adds nothing, and waits until Argo CD fails to apply it. The CRD accepts the filter,
   * and meshc does not check its content.
   */
  async function refused(): Promise<ApplicationState> {
    const namespace = compilation.mesh.services[0]!.namespace.value
    const raw = {
      apiVersion: 'networking.istio.io/v1alpha3',
      kind: 'EnvoyFilter',
      metadata: { name: 'broken', namespace },
      spec: {
        workloadSelector: { labels: { app: 'nobody' } },
        configPatches: [{ applyTo: 'CLUSTER', patch: { operation: 'ADD' } }],
      },
    }
    await repository.edit(entry, { path: ['raw'], value: [raw] })
    await repository.build(environment)
    commit = await repository.push('A filter that istiod refuses')
    // The Application names each file, so the Application comes first, as with the root Application.
    await applyArgoCdObjects(cluster, repository.directory, environment)
    await refresh(cluster, application)
    if (!isAutomatic) await tellToSync(cluster, application)
    return awaitApplication(cluster, application, 'failed', ({ message }) =>
      message.includes('denied the request'),
    )
  }

  async function mtlsMode(): Promise<string> {
    return cluster.kubectlOrThrow(['get', ...peerAuthentication, '-o', 'jsonpath={.spec.mtls.mode}'])
  }

  async function readWeights(virtualService: string): Promise<unknown> {
    const [namespace = '', name = ''] = virtualService.split('/')
    const text = await cluster.kubectlOrThrow(['get', 'virtualservice', name, '-n', namespace, '-o', 'json'])
    const routes = listAt(JSON.parse(text), 'spec', 'http')
    return listAt(routes.at(-1), 'route').map(route => at(route, 'weight'))
  }

  async function identitiesInGit(): Promise<readonly string[]> {
    return (await builtObjects(manifests)).map(getIdentity).sort()
  }

  async function identitiesInCluster(): Promise<readonly string[]> {
    return (await liveObjects(cluster, resources)).map(getIdentity).sort()
  }

  /** Every object, with its revision: an equal revision means that no program has written the object. */
  async function statesInCluster(): Promise<readonly string[]> {
    const objects = await liveObjects(cluster, resources)
    return objects.map(object => `${getIdentity(object)} ${getRevision(object)}`).sort()
  }
}

/**
 * The conditions that Argo CD waits for, of kinds without a controller here. A kind needs an issuer or a
 * kubelet.
 */
const conditionsOfControllers: ReadonlyMap<string, string> = new Map([
  ['Certificate', 'Ready'],
  ['Kiali', 'Successful'],
])

const peerAuthentication = ['peerauthentication', 'default', '--namespace', 'istio-system'] as const

const getWave = (object: KubernetesObject) =>
  Number(at(object, 'metadata', 'annotations', 'argocd.argoproj.io/sync-wave'))

const getRevision = (object: KubernetesObject) => Number(at(object, 'metadata', 'resourceVersion'))
