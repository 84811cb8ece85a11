import { chmod, copyFile, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { dump, load } from 'js-yaml'
import type { Compilation } from '../../compiler/compilation.ts'
import { type Cluster, startCluster } from '../oracle/cluster.ts'
import { type KubernetesObject, namespaceObject } from '../oracle/objects.ts'
import { getMeshConfig } from '../oracle/outputs.ts'
import { eventually, freePort } from '../oracle/server.ts'
import { oracle } from '../oracle/tools.ts'
import { at } from '../support/at.ts'

/** The settings of an istiod. */
interface IstiodSettings {
  readonly meshConfig: unknown
  /** True if istiod writes the faults of an object into its status. */
  readonly isAnalyzing: boolean
}

/** Reads the settings of the istiod that a spec installs. */
export function readIstiodSettings(compilation: Compilation): IstiodSettings {
  const texts = new Map([...compilation.files()].map(({ path, text }) => [path, text]))
  const values = load(texts.get('istio/values-istiod.yaml')!)
  return {
    meshConfig: getMeshConfig(texts.get('istio/istio-operator.yaml')!),
    // The chart of istiod sets this field.
    isAnalyzing: at(values, 'global', 'istiod', 'enableAnalysis') === true,
  }
}

/**
 * Starts a GitOps cluster before the delivery of its first mesh: the API server with the controllers that remove
 * deleted objects, istiod with its validating webhook, and Argo CD. There is no kubelet: no pod ever runs.
 */
export async function startControlPlane(settings: IstiodSettings): Promise<Cluster> {
  const cluster = await startCluster()
  try {
    const meshConfig = join(cluster.directory, 'mesh-config.yaml')
    await writeFile(meshConfig, dump(settings.meshConfig))
    await cluster.apply(installed)
    await Promise.all([
      startControllers(cluster),
      startIstiod(cluster, meshConfig, settings),
      startArgoCd(cluster),
    ])
    return cluster
  } catch (error) {
    await cluster.stop()
    throw error
  }
}

/** The objects of Argo CD's installation, which must exist before Argo CD starts. */
const installed: readonly object[] = [
  // These namespaces have no sidecars. Without a label, istioctl would report each namespace.
  ...['default', 'istio-system', 'argocd'].map(name =>
    namespaceObject({ name, labels: { 'istio-injection': 'disabled' } }),
  ),
  ...['cm', 'rbac-cm', 'ssh-known-hosts-cm', 'tls-certs-cm', 'gpg-keys-cm'].map(name =>
    argoCdObject('ConfigMap', `argocd-${name}`),
  ),
  // The server of Argo CD makes the project that every installation has.
  {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'AppProject',
    metadata: { name: 'default', namespace: 'argocd' },
    spec: {
      sourceRepos: ['*'],
      destinations: [{ namespace: '*', server: '*' }],
      clusterResourceWhitelist: [{ group: '*', kind: '*' }],
    },
  },
  { ...argoCdObject('Secret', 'argocd-secret'), stringData: { 'server.secretkey': '0123456789abcdef' } },
]

function argoCdObject(kind: string, name: string): KubernetesObject {
  const labels = { 'app.kubernetes.io/part-of': 'argocd' }
  return { apiVersion: 'v1', kind, metadata: { name, namespace: 'argocd', labels } }
}

/** Starts the controllers that finish the deletion of namespaces and the foreground deletion of objects. */
async function startControllers(cluster: Cluster): Promise<void> {
  const { controllerManager } = (await oracle()).controlPlanePrograms()
  const server = cluster.start({
    name: 'kube-controller-manager',
    program: controllerManager,
    commandLine: [
      ...['--kubeconfig', cluster.kubeconfig, '--leader-elect=false'],
      ...['--controllers', 'namespace-controller,garbage-collector-controller'],
      ...['--bind-address', '127.0.0.1', '--secure-port', String(await freePort())],
      ...['--tls-cert-file', cluster.certificate, '--tls-private-key-file', cluster.privateKey],
      ...['--authentication-skip-lookup', '--authorization-always-allow-paths', '/healthz'],
    ],
  })
  await server.assertRuns()
}

async function startIstiod(
  cluster: Cluster,
  meshConfig: string,
  { isAnalyzing }: IstiodSettings,
): Promise<void> {
  const { istiod } = (await oracle()).controlPlanePrograms()
  const http = await freePort()
  const https = await freePort()
  const local = async () => `127.0.0.1:${await freePort()}`
  // istiod never loads an authority from the same file as the certificate.
  const authority = join(cluster.directory, 'istiod-authority.crt')
  await copyFile(cluster.certificate, authority)
  const server = cluster.start({
    name: 'istiod',
    program: istiod,
    commandLine: [
      ...['discovery', '--kubeconfig', cluster.kubeconfig, '--meshConfig', meshConfig],
      ...['--httpAddr', `127.0.0.1:${http}`, '--httpsAddr', `127.0.0.1:${https}`],
      ...['--grpcAddr', await local(), '--secureGRPCAddr', await local()],
      ...['--monitoringAddr', await local(), '--ctrlz_port', '0'],
      // The certificate that istiod makes itself names a Service, which the API server cannot reach here.
      ...[
        '--tlsCertFile',
        cluster.certificate,
        '--tlsKeyFile',
        cluster.privateKey,
        '--caCertFile',
        authority,
      ],
    ],
    environment: {
      POD_NAMESPACE: 'istio-system',
      POD_NAME: 'istiod',
      CLUSTER_ID: 'Kubernetes',
      REVISION: 'default',
      JWT_POLICY: 'first-party-jwt',
      ENABLE_LEADER_ELECTION: 'false',
      PILOT_ENABLE_ANALYSIS: String(isAnalyzing),
    },
  })
  await eventually('istiod is ready', 180, async () => {
    await server.assertRuns()
    return (await fetch(`http://127.0.0.1:${http}/ready`)).ok || undefined
  })
  await cluster.registerWebhook({
    name: 'rev.validation.istio.io',
    port: https,
    apiGroups: ['security', 'networking', 'telemetry', 'extensions'].map(group => `${group}.istio.io`),
  })
}

async function startArgoCd(cluster: Cluster): Promise<void> {
  const { argocd, redis, helm } = (await oracle()).controlPlanePrograms()
  const { directory } = cluster
  const folder = async (name: string) => {
    await mkdir(join(directory, name))
    return join(directory, name)
  }
  const redisPort = String(await freePort())
  const repositoryPort = String(await freePort())
  const metricsPort = async () => String(await freePort())
  cluster.start({
    name: 'redis',
    program: redis,
    commandLine: ['--port', redisPort, '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'],
  })
  const programs = await folder('programs')
  // Argo CD's image contains this script, which checks signatures of commits.
  await writeFile(join(programs, 'git-verify-wrapper.sh'), '#!/bin/sh\n')
  await chmod(join(programs, 'git-verify-wrapper.sh'), 0o755)
  await copyFile(helm, join(programs, 'helm'))
  const ssh = await folder('ssh')
  await writeFile(join(ssh, 'ssh_known_hosts'), '')
  cluster.start({
    name: 'argocd-repo-server',
    program: argocd,
    commandLine: [
      ...['--address', '127.0.0.1', '--port', repositoryPort],
      ...['--metrics-address', '127.0.0.1', '--metrics-port', await metricsPort()],
      ...['--redis', `127.0.0.1:${redisPort}`, '--disable-tls', '--client-ca-path', ''],
    ],
    environment: {
      ARGOCD_BINARY_NAME: 'argocd-repo-server',
      PATH: `${programs}:${process.env['PATH']}`,
      HOME: await folder('home'),
      TMPDIR: await folder('checkouts'),
      ARGOCD_GPG_ENABLED: 'false',
      ARGOCD_GNUPGHOME: await folder('gpg'),
      ARGOCD_TLS_DATA_PATH: await folder('tls'),
      ARGOCD_SSH_DATA_PATH: ssh,
    },
  })
  const controller = cluster.start({
    name: 'argocd-application-controller',
    program: argocd,
    commandLine: [
      ...['--kubeconfig', cluster.kubeconfig, '--namespace', 'argocd', '--logformat', 'text'],
      ...['--redis', `127.0.0.1:${redisPort}`],
      ...['--repo-server', `127.0.0.1:${repositoryPort}`, '--repo-server-plaintext'],
      ...['--metrics-port', await metricsPort(), '--app-resync', '10'],
    ],
    environment: {
      ARGOCD_BINARY_NAME: 'argocd-application-controller',
      // Applications name the cluster that Argo CD runs in. Here Argo CD runs in no cluster.
      ARGOCD_FAKE_IN_CLUSTER: 'true',
      // A change of argocd-cm during Argo CD's first read of the cluster starts two threads that take events
      // in turn. A deletion may then overtake an earlier change, and Argo CD waits for the deletion forever.
      // This setting keeps their order.
      ARGOCD_CLUSTER_CACHE_BATCH_EVENTS_PROCESSING: 'false',
      // Between waves, Argo CD waits two seconds for controllers that do not run here.
      ARGOCD_SYNC_WAVE_DELAY: '0',
    },
  })
  await controller.assertRuns()
}
