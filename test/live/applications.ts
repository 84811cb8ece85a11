import { join } from 'node:path'
import * as assert from 'uvu/assert'
import type { Cluster } from '../oracle/cluster.ts'
import type { KubernetesObject } from '../oracle/objects.ts'
import { eventually } from '../oracle/server.ts'
import { at, listAt } from '../support/at.ts'
import { builtObjects } from './objects.ts'

/** The state that Argo CD reports for an Application. */
export interface ApplicationState {
  readonly name: string
  /** The sync status: `Synced`, `OutOfSync`, `Unknown`. */
  readonly sync: unknown
  /** The commit that Argo CD compared with the cluster. */
  readonly revision: unknown
  readonly health: unknown
  /** The phase of the last sync: `Running`, `Succeeded`, `Failed`, `Error`. */
  readonly phase: unknown
  readonly message: string
  readonly startedAt: unknown
  /** The objects that differ from git, including those that git no longer has. */
  readonly outOfSync: readonly string[]
  /** The conditions, all of which report errors. */
  readonly conditions: readonly string[]
}

/**
 * Applies the objects of the root Application of `out/<env>/argocd`, without the charts. Returns the names of
 * the Applications.
 */
export async function applyArgoCdObjects(
  cluster: Cluster,
  repository: string,
  environment: string,
): Promise<AppliedApplications> {
  const all = await builtObjects(join(repository, 'out', environment, 'argocd'))
  const objects = all.filter(object => !isRoot(object))
  await cluster.apply(objects.map(object => (isOfChart(object) ? withoutAutomation(object) : object)))
  const names = (wanted: (object: KubernetesObject) => boolean) =>
    objects
      .filter(({ kind }) => kind === 'Application')
      .filter(wanted)
      .map(({ metadata }) => metadata.name)
  const [manifests, ...others] = names(object => !isOfChart(object))
  assert.ok(manifests !== undefined && others.length === 0)
  return { manifests, charts: names(isOfChart) }
}

/** Applies the root Application, as a person does once. Returns its name. */
export async function applyRoot(cluster: Cluster, repository: string, environment: string): Promise<string> {
  const objects = await builtObjects(join(repository, 'out', environment, 'argocd'))
  const root = objects.find(isRoot)
  assert.ok(root !== undefined)
  await cluster.apply([root])
  return root.metadata.name
}

const isRoot = ({ kind, metadata }: KubernetesObject) =>
  kind === 'Application' && metadata.name.endsWith('-root')

interface AppliedApplications {
  /** The name of the Application of `out/<env>/manifests`. */
  readonly manifests: string
  /** The names of the Applications of Istio's charts. */
  readonly charts: readonly string[]
}

const isOfChart = (object: KubernetesObject) => at(object, 'spec', 'source', 'chart') !== undefined

/**
 * Removes automated sync from an Application. Without a kubelet, no Deployment gets ready. The chart of
 * istiod has a webhook whose Service has no server, so it would refuse every object of Istio. So the charts
 * are compared with the cluster, and applied as a dry run.
 */
function withoutAutomation(application: KubernetesObject): KubernetesObject {
  const changed = structuredClone(application)
  // meshc writes a policy into every Application.
  const { spec } = changed as unknown as { readonly spec: { readonly syncPolicy: { automated?: object } } }
  delete spec.syncPolicy.automated
  return changed
}

export async function readApplication(cluster: Cluster, name: string): Promise<ApplicationState> {
  const text = await cluster.kubectlOrThrow(['get', 'application', name, '-n', 'argocd', '-o', 'json'])
  const application: unknown = JSON.parse(text)
  const status = at(application, 'status')
  const results = listAt(status, 'operationState', 'syncResult', 'resources')
  return {
    name,
    sync: at(status, 'sync', 'status'),
    revision: at(status, 'sync', 'revision'),
    health: at(status, 'health', 'status'),
    phase: at(status, 'operationState', 'phase'),
    message: [at(status, 'operationState', 'message'), ...results.map(result => at(result, 'message'))]
      .filter(message => message !== undefined)
      .join('\n'),
    startedAt: at(status, 'operationState', 'startedAt'),
    outOfSync: listAt(status, 'resources')
      .filter(resource => at(resource, 'status') !== 'Synced')
      .map(resource => {
        const namespace = at(resource, 'namespace')
        const name = namespace === undefined ? at(resource, 'name') : `${namespace}/${at(resource, 'name')}`
        return `${at(resource, 'kind')} ${name}`
      }),
    conditions: listAt(status, 'conditions').map(
      condition => `${at(condition, 'type')}: ${at(condition, 'message')}`,
    ),
  }
}

/** Waits until an Application is in a state. */
export function awaitApplication(
  cluster: Cluster,
  name: string,
  what: string,
  isSo: (state: ApplicationState) => boolean,
): Promise<ApplicationState> {
  let last: ApplicationState | undefined
  return eventually(`${name} is ${what}`, 60, async () => {
    last = await readApplication(cluster, name)
    return isSo(last) ? last : undefined
  }).catch(error => {
    throw new Error(`${error.message}: ${JSON.stringify(last, undefined, 1)}`, { cause: error })
  })
}

/** Waits until an Application is healthy and synced to a commit. */
export function awaitSynced(cluster: Cluster, name: string, commit: string): Promise<ApplicationState> {
  return awaitApplication(
    cluster,
    name,
    'Synced and Healthy',
    state =>
      state.sync === 'Synced' &&
      state.health === 'Healthy' &&
      state.revision === commit &&
      state.phase === 'Succeeded',
  )
}

/**
 * Makes Argo CD compare an Application with git and cluster: as after a webhook of the git server, or without
 * any cache.
 */
export async function refresh(
  cluster: Cluster,
  name: string,
  kind: 'normal' | 'hard' = 'normal',
): Promise<void> {
  const annotation = 'argocd.argoproj.io/refresh'
  await cluster.kubectlOrThrow([
    'annotate',
    'application',
    name,
    '-n',
    'argocd',
    '--overwrite',
    `${annotation}=${kind}`,
  ])
  // The controller removes the annotation after it has written its result.
  await eventually(`${name} is refreshed`, 60, async () => {
    const text = await cluster.kubectlOrThrow(['get', 'application', name, '-n', 'argocd', '-o', 'json'])
    return at(JSON.parse(text), 'metadata', 'annotations', annotation) === undefined || undefined
  })
}

/**
 * Makes Argo CD sync, as `argocd app sync --prune` does: its server writes this operation, with the options
 * of the Application.
 */
export async function tellToSync(
  cluster: Cluster,
  name: string,
  options: { readonly dryRun?: boolean } = {},
): Promise<void> {
  const text = await cluster.kubectlOrThrow(['get', 'application', name, '-n', 'argocd', '-o', 'json'])
  const syncPolicy = at(JSON.parse(text), 'spec', 'syncPolicy')
  const operation = {
    initiatedBy: { username: 'somebody' },
    retry: at(syncPolicy, 'retry'),
    sync: { prune: true, syncOptions: at(syncPolicy, 'syncOptions'), ...options },
  }
  await patchApplication(cluster, name, { operation })
}

/** Changes some fields of an Application. */
export async function patchApplication(cluster: Cluster, name: string, fields: object): Promise<void> {
  const patch = ['--type', 'merge', '--patch', JSON.stringify(fields)]
  await cluster.kubectlOrThrow(['patch', 'application', name, '-n', 'argocd', ...patch])
}
