import { generateKeyPairSync } from 'node:crypto'
import { rmSync } from 'node:fs'
import { mkdtemp, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { CommandOptions, CommandResult } from './command.ts'
import { eventually, freePort, type Server, type ServerOptions, startServer } from './server.ts'
import { oracle } from './tools.ts'

/**
 * A real kube-apiserver with its etcd on loopback, with the CRDs of all consumers and cert-manager's
 * validating webhook. No controller and no kubelet runs in it: it checks and keeps the applied objects, and
 * nothing acts on them.
 */
export interface Cluster {
  /** A temporary folder for all files around the cluster. The end of the cluster removes it. */
  readonly directory: string
  readonly kubeconfig: string
  /** The file of the certificate that every server on localhost has. `privateKey` is the file of its key. */
  readonly certificate: string
  readonly privateKey: string
  readonly kubectl: (commandLine: readonly string[], options?: CommandOptions) => Promise<CommandResult>
  /** Runs kubectl and returns its standard output. Throws an error if kubectl fails. */
  readonly kubectlOrThrow: (commandLine: readonly string[], input?: string) => Promise<string>
  /** Applies objects by server-side apply. */
  readonly apply: (objects: readonly object[]) => Promise<void>
  /** Starts one more program. The end of the cluster stops it. */
  readonly start: (server: Omit<ServerOptions, 'logFile' | 'cwd'>) => Server
  /** Lets a server on localhost decide about objects. */
  readonly registerWebhook: (webhook: Webhook) => Promise<void>
  readonly stop: () => Promise<void>
}

interface Webhook {
  readonly name: string
  readonly port: number
  readonly apiGroups: readonly string[]
}

const token = 'of-a-cluster-that-only-this-machine-can-reach'

/** Starts a cluster in about ten seconds. */
export async function startCluster(): Promise<Cluster> {
  const { kubectl, clusterPrograms, crdFiles } = await oracle()
  const { etcd, apiServer, certManagerWebhook, certificate, privateKey } = clusterPrograms()
  const directory = await mkdtemp(join(tmpdir(), 'meshc-cluster-'))
  const kubeconfig = join(directory, 'kubeconfig')
  const environment = { KUBECONFIG: kubeconfig }
  const servers: Server[] = []

  const start: Cluster['start'] = options => {
    const logFile = join(directory, `${options.name}.log`)
    const server = startServer({
      ...options,
      logFile,
      cwd: directory,
      environment: { ...environment, ...options.environment },
    })
    servers.push(server)
    return server
  }
  const removeDirectory = () => rmSync(directory, { recursive: true, force: true })
  const stop = async () => {
    for (const server of servers.toReversed()) await server.stop()
    removeDirectory()
    process.off('exit', removeDirectory)
  }
  // Servers end with this process, but folders do not.
  process.on('exit', removeDirectory)
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(1))

  const run: Cluster['kubectl'] = (commandLine, options = {}) =>
    kubectl(commandLine, { ...options, environment: { ...environment, ...options.environment } })
  const kubectlOrThrow: Cluster['kubectlOrThrow'] = async (commandLine, input = '') => {
    const { status, stdout, stderr } = await run(commandLine, { input })
    if (status !== 0) throw new Error(`kubectl ${commandLine.join(' ')} ended with ${status}: ${stderr}`)
    return stdout
  }
  const apply: Cluster['apply'] = async items => {
    const list = JSON.stringify({ apiVersion: 'v1', kind: 'List', items })
    await kubectlOrThrow(['apply', '--server-side', '--force-conflicts', '-f', '-'], list)
  }
  const cluster: Cluster = {
    directory,
    kubeconfig,
    certificate,
    privateKey,
    kubectl: run,
    kubectlOrThrow,
    apply,
    start,
    registerWebhook: async webhook => {
      const authority = await readFile(certificate, 'base64')
      await apply([webhookConfiguration(webhook, authority)])
    },
    stop,
  }
  try {
    await startApiServer(cluster, etcd, apiServer)
    await applyCrds(cluster, await crdFiles())
    await startCertManagerWebhook(cluster, certManagerWebhook)
    return cluster
  } catch (error) {
    await stop()
    throw error
  }
}

async function startApiServer(cluster: Cluster, etcd: string, apiServer: string): Promise<void> {
  const { directory, certificate, privateKey, kubeconfig } = cluster
  const clients = `http://127.0.0.1:${await freePort()}`
  const peers = `http://127.0.0.1:${await freePort()}`
  const port = await freePort()
  const store = cluster.start({
    name: 'etcd',
    program: etcd,
    commandLine: [
      ...['--data-dir', join(directory, 'etcd'), '--unsafe-no-fsync'],
      ...['--listen-client-urls', clients, '--advertise-client-urls', clients],
      ...['--listen-peer-urls', peers, '--initial-advertise-peer-urls', peers],
      ...['--initial-cluster', `default=${peers}`],
    ],
  })
  const accountKey = join(directory, 'service-accounts.key')
  const { privateKey: key } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  await writeFile(accountKey, key.export({ type: 'pkcs1', format: 'pem' }))
  const tokens = join(directory, 'tokens.csv')
  await writeFile(tokens, `${token},admin,admin,system:masters\n`)
  await writeFile(kubeconfig, JSON.stringify(getKubeconfig(port, certificate)))
  const server = cluster.start({
    name: 'kube-apiserver',
    program: apiServer,
    commandLine: [
      ...['--etcd-servers', clients, '--secure-port', String(port)],
      ...['--bind-address', '127.0.0.1', '--advertise-address', '127.0.0.1'],
      ...['--tls-cert-file', certificate, '--tls-private-key-file', privateKey],
      ...['--service-account-issuer', 'https://kubernetes.default.svc'],
      ...['--service-account-key-file', accountKey, '--service-account-signing-key-file', accountKey],
      ...['--token-auth-file', tokens, '--authorization-mode', 'RBAC'],
      ...['--service-cluster-ip-range', '10.0.0.0/24', '--endpoint-reconciler-type', 'none'],
      // Pods name accounts that only a controller would make.
      ...['--disable-admission-plugins', 'ServiceAccount'],
    ],
  })
  await eventually('the API server is ready', 180, async () => {
    await store.assertRuns()
    await server.assertRuns()
    return (await cluster.kubectl(['get', '--raw', '/readyz'])).status === 0 || undefined
  })
}

const getKubeconfig = (port: number, certificate: string) => ({
  apiVersion: 'v1',
  kind: 'Config',
  'current-context': 'test',
  clusters: [
    {
      name: 'test',
      cluster: { server: `https://localhost:${port}`, 'certificate-authority': certificate },
    },
  ],
  users: [{ name: 'test', user: { token } }],
  contexts: [{ name: 'test', context: { cluster: 'test', user: 'test' } }],
})

async function applyCrds({ kubectlOrThrow }: Cluster, files: readonly string[]): Promise<void> {
  await kubectlOrThrow(['apply', '--server-side', ...files.flatMap(file => ['-f', file])])
  await kubectlOrThrow(['wait', '--for=condition=Established', 'crd', '--all', '--timeout=60s'])
}

async function startCertManagerWebhook(cluster: Cluster, program: string): Promise<void> {
  const server = cluster.start({
    name: 'cert-manager-webhook',
    program,
    commandLine: ['-test.timeout', '0', cluster.certificate, cluster.privateKey],
  })
  const port = await eventually("cert-manager's webhook listens", 30, async () => {
    await server.assertRuns()
    return /^listening on (\d+)$/m.exec(await server.log())?.[1]
  })
  const apiGroups = ['cert-manager.io', 'acme.cert-manager.io']
  await cluster.registerWebhook({ name: 'webhook.cert-manager.io', port: Number(port), apiGroups })
}

const webhookConfiguration = ({ name, port, apiGroups }: Webhook, caBundle: string) => ({
  apiVersion: 'admissionregistration.k8s.io/v1',
  kind: 'ValidatingWebhookConfiguration',
  metadata: { name },
  webhooks: [
    {
      name,
      clientConfig: { url: `https://localhost:${port}/validate`, caBundle },
      rules: [{ operations: ['CREATE', 'UPDATE'], apiGroups, apiVersions: ['*'], resources: ['*'] }],
      failurePolicy: 'Fail',
      sideEffects: 'None',
      admissionReviewVersions: ['v1'],
    },
  ],
})
