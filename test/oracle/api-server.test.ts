// A real kube-apiserver checks each file under out/ that is meant for a cluster: CRDs with their CEL rules,
// unknown fields, admission, and the webhook of cert-manager. Most tests use `kubectl apply --dry-run=server`
// and keep no object. Only the last tests keep the objects that they apply.

import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import { loadAll } from 'js-yaml'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { listInstalledGateways } from '../../compiler/mesh/installed-gateways.ts'
import { specs } from '../arbitraries/mesh.ts'
import { at, listAt } from '../support/at.ts'
import { compileText } from '../support/compile-text.ts'
import { compileEnvironment, compileSpec, environments } from '../support/specs.ts'
import { type Cluster, startCluster } from './cluster.ts'
import { writeOutput } from './outputs.ts'
import { oracle, requireOracle, withDirectory } from './tools.ts'

const apiServer = suite('API server')
const seed = Number(process.env['SEED'] ?? 20261124)
const out = join(import.meta.dirname, '../../out')

const testCluster = await requireOracle(apiServer, 'clusterPrograms')
const testCharts = await requireOracle(apiServer, 'clusterPrograms', 'helm', 'chart', 'istioctl')

let cluster: Cluster

apiServer.before(async () => {
  cluster = await startCluster()
})
apiServer.after(async () => cluster?.stop())

type Audience = 'cluster' | 'helm' | 'chart' | 'istioctl' | 'kustomize' | 'promtool' | 'people'

/** The audience of each file of an environment: the first match decides. A file without a match is an error. */
const audiences: readonly (readonly [pattern: RegExp, audience: Audience])[] = [
  [/^(manifests|argocd)\/.*\.yaml$/, 'cluster'],
  [/^istio\/values-.*\.yaml$/, 'helm'],
  [/^istio\/istio-operator(-[^/]+)?\.yaml$/, 'istioctl'],
  [/^kustomization\.yaml$/, 'kustomize'],
  [/^chart\//, 'chart'],
  [/^prometheus\//, 'promtool'],
  [/^docs\/|^meshc\.lock\.json$/, 'people'],
]

for (const name of environments) {
  testCluster(`it takes every object of out/${name}`, async () => {
    const files = await filesFor('cluster', name)
    assert.ok(files.length > 3)
    await createNamespaces(await Promise.all(files.map(file => readFile(file, 'utf8'))))
    const dryRun = await getDryRun(files.flatMap(file => ['-f', file]))
    assert.is(dryRun.status, 0, dryRun.stderr)
    assert.is(dryRun.stderr, '')
    const objects = (await Promise.all(files.map(file => readFile(file, 'utf8')))).flatMap(text =>
      loadAll(text),
    )
    assert.is(dryRun.stdout.trim().split('\n').length, objects.length)
  })

  testCluster(`it takes what kustomize builds of out/${name}`, async () => {
    assert.is((await filesFor('kustomize', name)).length, 1)
    const dryRun = await getDryRun(['-k', join(out, name)])
    assert.is(dryRun.status, 0, dryRun.stderr)
  })

  testCharts(`it takes what istioctl and Helm install of out/${name}`, async () => {
    const { helm, istioctl, chart } = await oracle()
    const { mesh } = compileEnvironment(name)
    const [operator] = await filesFor('istioctl', name)
    const generated = await istioctl(['manifest', 'generate', '-f', operator!])
    const texts = [generated.stdout]
    for (const file of await filesFor('helm', name)) {
      const release = /values-(.*)\.yaml$/.exec(file)![1]!
      const gateway = mesh.gateways.find(({ workload }) => workload.value === release)
      const folder = chart(gateway !== undefined ? 'gateway' : release === 'base' ? 'base' : 'istiod')
      const namespace = (gateway ?? mesh.istio).namespace.value
      const rendered = await helm(['template', release, folder, '--namespace', namespace, '-f', file])
      assert.is(rendered.status, 0, rendered.stderr)
      texts.push(rendered.stdout)
    }
    assert.is(texts.length, 3 + listInstalledGateways(mesh).length)
    await createNamespaces(texts)
    for (const text of texts) {
      const dryRun = await getDryRun(['-f', '-'], text)
      assert.is(dryRun.status, 0, dryRun.stderr)
    }
  })

  testCharts(`it takes what the chart of out/${name} makes, for Argo CD as well`, async () => {
    assert.ok((await filesFor('chart', name)).length > 10)
    const { helm } = await oracle()
    const chart = join(out, name, 'chart')
    const rendered = await helm(['template', 'mesh', chart, '--set', 'argocd.enabled=true'])
    assert.is(rendered.status, 0, rendered.stderr)
    await createNamespaces([rendered.stdout])
    const dryRun = await getDryRun(['-f', '-'], rendered.stdout)
    assert.is(dryRun.status, 0, dryRun.stderr)
  })
}

testCluster(`it takes 40 drawn specs (seed ${seed})`, () =>
  withDirectory(async directory => {
    for (const [index, spec] of fc.sample(specs(), { seed, numRuns: 40 }).entries()) {
      await writeOutput(compileSpec(spec), join(directory, String(index)))
    }
    // The author of a raw object answers for its content.
    const files = (await readdir(directory, { recursive: true }))
      .filter(file => /^\d+\/(manifests|argocd)\/.*\.yaml$/.test(file) && !file.endsWith('.raw.yaml'))
      .map(file => join(directory, file))
    await createNamespaces(await Promise.all(files.map(file => readFile(file, 'utf8'))))
    const dryRun = await getDryRun(files.flatMap(file => ['-f', file]))
    assert.is(dryRun.status, 0, `SEED=${seed} ${dryRun.stderr}`)
  }),
)

interface Fault {
  readonly name: string
  readonly file: string
  readonly from: RegExp
  readonly to: string
  readonly message: string
}

const faults: readonly Fault[] = [
  {
    name: 'a field that the kind does not have',
    file: 'manifests/my-api/my-api.yaml',
    from: /retryOn:/,
    to: 'retryIf:',
    message: 'field not declared in schema',
  },
  {
    name: 'an object that a rule of the CRD forbids',
    file: 'manifests/istio-system/shop.mesh.yaml',
    from: /^ {4}mode: STRICT$/m,
    to: '    mode: STRICT\n  portLevelMtls: { 80: { mode: DISABLE } }',
    message: 'portLevelMtls requires selector',
  },
  {
    name: 'a certificate with a renewal time above its duration',
    file: 'manifests/istio-ingress/public.gateway.yaml',
    from: /duration: 2160h/,
    to: 'duration: 1h',
    message: 'admission webhook "webhook.cert-manager.io" denied the request',
  },
  {
    name: 'an object in a namespace that does not exist',
    file: 'manifests/web/web.yaml',
    from: /namespace: web/g,
    to: 'namespace: nowhere',
    message: 'namespaces "nowhere" not found',
  },
]

for (const { name, file, from, to, message } of faults) {
  testCluster(`it refuses ${name}`, () =>
    withDirectory(async directory => {
      const text = await readFile(join(out, 'prod', file), 'utf8')
      await createNamespaces([text])
      assert.match(text, from)
      await writeFile(join(directory, 'fault.yaml'), text.replace(from, to))
      const { status, stderr } = await getDryRun(['-f', directory])
      assert.is(status, 1)
      assert.match(stderr, message)
    }),
  )
}

const networking = { apiVersion: 'networking.istio.io/v1', metadata: { name: 'legacy', namespace: 'shop' } }
const address = '10.0.0.7'
const deployment = {
  selector: { matchLabels: { app: 'legacy' } },
  template: {
    metadata: { labels: { app: 'legacy' } },
    spec: {
      containers: [
        {
          name: 'legacy',
          image: 'legacy:1',
          ports: [{ containerPort: 80 }],
          readinessProbe: { httpGet: { path: '/', port: 'http' } },
          resources: { limits: { cpu: 1, memory: '1Gi' } },
        },
      ],
      volumes: [{ name: 'tmp', emptyDir: {} }],
    },
  },
}
/** Raw objects that meshc refuses, and the message of `kubectl apply` for each. */
const refused: readonly (readonly [object: Readonly<Record<string, unknown>>, message: string])[] = [
  [{ ...networking, kind: 'VirtualServce' }, 'no matches for kind "VirtualServce"'],
  [{ ...networking, kind: 'AuthorizationPolicy' }, 'no matches for kind "AuthorizationPolicy"'],
  [{ ...networking, apiVersion: 'networking.istio.io/v2', kind: 'Sidecar' }, 'no matches for kind "Sidecar"'],
  [
    { ...networking, apiVersion: 'install.istio.io/v1alpha1', kind: 'IstioOperator' },
    'no matches for kind "IstioOperator"',
  ],
  [{ ...networking, apiVersion: 'apps/v1', kind: 'Deploymnet' }, 'no matches for kind "Deploymnet"'],
  [{ ...networking, apiVersion: 'v1', kind: 'ConfigMpa' }, 'no matches for kind "ConfigMpa"'],
  [
    { ...networking, apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolcy' },
    'no matches for kind "NetworkPolcy"',
  ],
  [{ ...networking, apiVersion: 'apps/v1', kind: 'ConfigMap' }, 'no matches for kind "ConfigMap"'],
  [{ ...networking, apiVersion: 'extensions/v1beta1', kind: 'Ingress' }, 'no matches for kind "Ingress"'],
  [{ ...networking, kind: 'WorkloadEntry' }, 'spec: Required value'],
  [{ ...networking, kind: 'WorkloadEntry', spec: { adress: address } }, 'unknown field "spec.adress"'],
  [
    { ...networking, kind: 'WorkloadEntry', spec: { address, ports: { http: '80' } } },
    'must be of type integer',
  ],
  [
    { ...networking, kind: 'WorkloadEntry', spec: { address }, metadata: { name: 'legacy', label: {} } },
    'unknown field "metadata.label"',
  ],
  [
    { ...networking, kind: 'VirtualService', spec: { http: [{ timeout: '5' }] } },
    'must be a valid duration greater than 1ms',
  ],
  [{ ...networking, apiVersion: 'v1', kind: 'ConfigMap', dat: { a: 'b' } }, 'unknown field "dat"'],
  [{ ...networking, apiVersion: 'v1', kind: 'ConfigMap', data: { a: 1 } }, 'cannot unmarshal number'],
  [
    { ...networking, apiVersion: 'apps/v1', kind: 'Deployment', spec: { ...deployment, replica: 2 } },
    'unknown field "spec.replica"',
  ],
  [
    { ...networking, apiVersion: 'apps/v1', kind: 'Deployment', spec: { template: deployment.template } },
    'spec.selector: Required value',
  ],
  [
    {
      ...networking,
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'Role',
      rules: [{ apiGroups: [''], resources: ['pods'], verb: ['get'] }],
    },
    'unknown field "rules[0].verb"',
  ],
]

for (const [object, message] of refused)
  testCluster(`it refuses what meshc refuses: ${message}`, async () => {
    const { diagnostics } = compileText(JSON.stringify({ meshc: 'v1', mesh: 'shop', raw: [object] }))
    assert.ok(diagnostics.some(({ code }) => code === 'MESH4010'))
    await createNamespaces([JSON.stringify(networking)])
    const input = JSON.stringify(object)
    const { status, stderr } = await cluster.kubectl(['apply', '--dry-run=server', '-f', '-'], { input })
    assert.is(status, 1)
    assert.match(stderr, message)
  })

testCluster('it takes objects of its own kinds that meshc takes', async () => {
  const role = { apiGroups: [''], resources: ['pods'], verbs: ['get'] }
  const taken = [
    { ...networking, apiVersion: 'apps/v1', kind: 'Deployment', spec: deployment },
    { ...networking, apiVersion: 'v1', kind: 'ConfigMap', data: { a: 'b' } },
    { ...networking, apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'Role', rules: [role] },
    {
      ...networking,
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'RoleBinding',
      roleRef: { kind: 'Role', name: 'legacy' },
      subjects: [{ kind: 'ServiceAccount', name: 'legacy', namespace: 'shop' }],
    },
    {
      ...networking,
      apiVersion: 'policy/v1',
      kind: 'PodDisruptionBudget',
      spec: { minAvailable: '50%', selector: deployment.selector },
    },
    {
      ...networking,
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      spec: { podSelector: {}, ingress: [{ from: [{ namespaceSelector: {} }], ports: [{ port: 80 }] }] },
    },
    {
      ...networking,
      apiVersion: 'autoscaling/v2',
      kind: 'HorizontalPodAutoscaler',
      spec: {
        scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'legacy' },
        maxReplicas: 3,
        metrics: [
          {
            type: 'Resource',
            resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 70 } },
          },
        ],
      },
    },
  ]
  const { diagnostics } = compileText(JSON.stringify({ meshc: 'v1', mesh: 'shop', raw: taken }))
  assert.not(diagnostics.some(({ code }) => code === 'MESH4010'))
  await createNamespaces([JSON.stringify(networking)])
  const input = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: taken })
  const { status, stderr } = await cluster.kubectl(['apply', '--dry-run=server', '-f', '-'], { input })
  assert.is(status, 0, stderr)
})

for (const name of environments)
  testCluster(`a first apply of out/${name} denies no allowed caller at any step`, async () => {
    const policies = 'authorizationpolicies.security.istio.io'
    const files = await filesFor('cluster', name)
    await createNamespaces(await Promise.all(files.map(file => readFile(file, 'utf8'))))
    await cluster.kubectlOrThrow(['delete', policies, '--all', '--all-namespaces'])
    await cluster.kubectlOrThrow(['apply', '--server-side', '--kustomize', join(out, name)])
    const listed = await cluster.kubectlOrThrow(['get', policies, '--all-namespaces', '--output', 'json'])
    // The resource version counts the writes to the store, in their order.
    const written = listAt(JSON.parse(listed), 'items').toSorted(
      (a, b) => Number(at(a, 'metadata', 'resourceVersion')) - Number(at(b, 'metadata', 'resourceVersion')),
    )
    const names = written.map(policy => at(policy, 'metadata', 'name'))
    assert.ok(names.length > 1)
    assert.is(names.indexOf('deny-by-default'), names.length - 1, names.join())
  })

apiServer.run()

/** Lists the files of an environment for an audience. */
async function filesFor(audience: Audience, environment: string): Promise<readonly string[]> {
  const entries = await readdir(join(out, environment), { recursive: true, withFileTypes: true })
  const files = entries
    .filter(entry => entry.isFile())
    .map(entry => join(entry.parentPath, entry.name).slice(join(out, environment).length + 1))
    .sort()
  const result = files.map(file => {
    const [, given] = audiences.find(([pattern]) => pattern.test(file)) ?? []
    if (given === undefined) throw new Error(`out/${environment}/${file} is in no list of files`)
    return [file, given] as const
  })
  return result.flatMap(([file, given]) => (given === audience ? [join(out, environment, file)] : []))
}

/**
 * Makes the namespaces of objects. A dry run makes no namespace, and refuses an object in a missing
 * namespace.
 */
async function createNamespaces(texts: readonly string[]): Promise<void> {
  const objects = texts.flatMap(text => loadAll(text))
  const names = new Set(objects.map(object => at(object, 'metadata', 'namespace') ?? 'default'))
  const namespaces = [...names].map(name => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } }))
  await cluster.apply(namespaces)
}

function getDryRun(objects: readonly string[], input = '') {
  const flags = ['--server-side', '--dry-run=server', '--validate=strict']
  return cluster.kubectl(['apply', ...flags, ...objects], { input })
}
