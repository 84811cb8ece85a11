import { join } from 'node:path'
import fc from 'fast-check'
import { load, loadAll } from 'js-yaml'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { Compilation } from '../../compiler/compilation.ts'
import {
  findControlPlane,
  findRevisionWord,
  getDefaultControlPlane,
  getFileSuffix,
} from '../../compiler/mesh/control-planes.ts'
import { listInstalledGateways } from '../../compiler/mesh/installed-gateways.ts'
import type { ControlPlane, InstalledGateway } from '../../compiler/mesh/mesh.ts'
import { specs } from '../arbitraries/mesh.ts'
import { at, entriesAt, listAt } from '../support/at.ts'
import { findArgocd, listObjects } from '../support/output.ts'
import { compileEnvironment, compileSpec, environments } from '../support/specs.ts'
import { writeOutput } from './outputs.ts'
import { oracle, requireOracle, withDirectory } from './tools.ts'

const installation = suite('installation')
const testInstallation = await requireOracle(installation, 'istioctl', 'helm', 'chart')
const seed = Number(process.env['SEED'] ?? 20261124)

// istioctl and Helm install the same mesh. The comparison leaves out these intended differences:
// - labels of the installer: app.kubernetes.io/instance, helm.sh/chart, install.operator.istio.io/…;
// - the registry of images: each program takes it from its own release, and the program that was built here
//   has no release;
// - the gateway: istioctl renders the older chart istio-ingress, with other arguments of the proxy, names of
//   Roles and a PodDisruptionBudget. It selects pods by every label of the spec, and Helm's chart selects them
//   by two labels;
// - the validating webhook: Helm's chart sets `Fail` from the start, and with istioctl, istiod sets it later.

for (const name of environments) {
  testInstallation(`istioctl and Helm install the same control plane and gateways for ${name}`, () =>
    assertSameInstallation(compileEnvironment(name)),
  )
}

testInstallation(`istioctl and Helm install the same for drawn specs (seed ${seed})`, async () => {
  const drawn = fc.sample(specs(), { seed, numRuns: 40 }).map(compileSpec)
  // A comparison needs a gateway or a revision of the control plane.
  const telling = drawn.filter(({ mesh }) => mesh.gateways.length > 0 || mesh.istio.revision !== undefined)
  for (const compilation of telling.slice(0, 6)) await assertSameInstallation(compilation)
})

testInstallation(
  'istioctl and Helm install the settings that pass through, the images and the CNI plugin',
  async () => {
    const compilation = compileSpec({
      entry: 'spec/prod/mesh.yaml',
      documents: {
        'spec/prod/mesh.yaml': {
          meshc: 'v1',
          mesh: 'shop',
          delivery: { repository: 'https://git.example.com/platform/mesh.git' },
          istio: {
            hub: 'registry.example.com:5000/istio',
            pullSecrets: ['registry-credentials'],
            cni: 'on',
            meshConfig: {
              protocolDetectionTimeout: '2s',
              trustDomainAliases: ['old.example.com'],
              meshMTLS: { minProtocolVersion: 'TLSV1_3' },
              defaultConfig: { proxyMetadata: { ISTIO_META_DNS_CAPTURE: 'true' } },
            },
            values: {
              podAnnotations: { 'example.com/team': 'platform' },
              env: { GOMEMLIMIT: '1GiB' },
              tolerations: [{ key: 'reserved', operator: 'Exists' }],
              rollingMaxSurge: '50%',
              keepaliveMaxServerConnectionAge: '1h',
              global: { logAsJson: true, proxy: { logLevel: 'info' } },
            },
          },
          gateways: {
            public: {
              hosts: ['shop.example.com'],
              certificate: { issuer: 'letsencrypt' },
              spread: 'preferred',
              values: {
                affinity: {
                  podAntiAffinity: {
                    requiredDuringSchedulingIgnoredDuringExecution: [
                      {
                        labelSelector: { matchLabels: { istio: 'public' } },
                        topologyKey: 'kubernetes.io/hostname',
                      },
                    ],
                  },
                },
                env: { GOMEMLIMIT: '900MiB' },
                imagePullPolicy: 'Always',
                lifecycle: { preStop: { exec: { command: ['sleep', '5'] } } },
                minReadySeconds: 5,
                nodeSelector: { pool: 'edge' },
                podAnnotations: { 'example.com/team': 'edge' },
                priorityClassName: 'system-cluster-critical',
                readinessProbe: { httpGet: { path: '/healthz/ready', port: 15021 }, periodSeconds: 3 },
                securityContext: { runAsUser: 1337, sysctls: [] },
                service: { ipFamilies: ['IPv4'], loadBalancerClass: 'example.com/edge' },
                serviceAccount: { annotations: { 'example.com/role': 'edge' } },
                strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: '50%', maxUnavailable: 0 } },
                terminationGracePeriodSeconds: 60,
                tolerations: [{ key: 'edge', operator: 'Exists' }],
              },
            },
          },
          services: {
            cart: {
              namespace: 'shop',
              port: { http: 8080 },
              allow: [{ from: 'gateway/public' }],
              expose: [{ gateway: 'public', host: 'shop.example.com' }],
            },
          },
        },
      },
    })
    await assertSameInstallation(compilation)
    await withDirectory(async directory => {
      await writeOutput(compilation, directory)
      const objects = await templated(directory, 'istiod', 'istiod', 'istiod', 'istio-system')
      const meshConfig = load(String(at(find(objects, 'ConfigMap', 'istio'), 'data', 'mesh')))
      assert.is(at(meshConfig, 'protocolDetectionTimeout'), '2s')
      assert.equal(at(meshConfig, 'defaultConfig', 'proxyMetadata'), { ISTIO_META_DNS_CAPTURE: 'true' })
      const istiod = find(objects, 'Deployment', 'istiod')
      assert.is(at(container(istiod), 'image'), 'registry.example.com:5000/istio/pilot:1.31.4')
      assert.is(at(istiod, 'spec', 'template', 'metadata', 'annotations', 'example.com/team'), 'platform')
      assert.equal(at(istiod, 'spec', 'template', 'spec', 'tolerations'), [
        { key: 'cni.istio.io/not-ready', operator: 'Exists' },
        { key: 'reserved', operator: 'Exists' },
      ])
      assert.is(at(istiod, 'spec', 'strategy', 'rollingUpdate', 'maxSurge'), '50%')
      assert.ok(listAt(container(istiod), 'args').includes('--keepaliveMaxServerConnectionAge'))
      assert.ok(listAt(container(istiod), 'args').includes('1h'))
      assert.ok(listAt(container(istiod), 'args').includes('--log_as_json'))
      const variables = listAt(container(istiod), 'env')
      assert.is(
        at(
          variables.find(variable => at(variable, 'name') === 'GOMEMLIMIT'),
          'value',
        ),
        '1GiB',
      )
      const account = find(objects, 'ServiceAccount', 'istiod')
      assert.equal(at(account, 'imagePullSecrets'), [{ name: 'registry-credentials' }])
      const values = JSON.parse(
        String(at(find(objects, 'ConfigMap', 'istio-sidecar-injector'), 'data', 'values')),
      )
      assert.equal(at(values, 'global', 'imagePullSecrets'), ['registry-credentials'])
      assert.is(at(values, 'pilot', 'cni', 'enabled'), true)

      // Argo CD may create the objects of the chart.
      const { projects } = findArgocd(compilation)!
      const { namespaceResourceWhitelist, clusterResourceWhitelist } = projects.find(({ name }) =>
        name.endsWith('-control-plane'),
      )!.spec
      for (const object of await templated(directory, 'istio-cni', 'cni', 'cni', 'istio-system')) {
        const allowed =
          at(object, 'metadata', 'namespace') === undefined
            ? clusterResourceWhitelist
            : namespaceResourceWhitelist
        const kind = String(at(object, 'kind'))
        assert.ok(
          allowed.some(entry => entry.kind === kind),
          kind,
        )
      }
    })
  },
)

/** Two control planes: most namespaces follow a tag of the older one, and one has moved. */
const withRevisions = {
  entry: 'spec/prod/mesh.yaml',
  documents: {
    'spec/prod/mesh.yaml': {
      meshc: 'v1' as const,
      mesh: 'shop',
      istio: {
        cni: 'on' as const,
        revisions: {
          stable: { version: '1.31.2', tags: ['prod', 'old'] },
          canary: { version: '1.31.4', tags: ['next'] },
        },
        revision: 'prod',
      },
      namespaces: {
        shop: { revision: 'canary' },
        edge: { revision: 'next' },
        jobs: { injection: 'off' as const },
      },
      gateways: {
        public: { hosts: ['shop.example.com'], certificate: { secret: 'shop' } },
        partners: { namespace: 'edge', hosts: ['partners.example.com'], certificate: { secret: 'partners' } },
      },
      services: {
        web: { namespace: 'web', port: { http: 8080 }, allow: [{ from: 'gateway/public' }] },
        cart: { namespace: 'shop', port: { http: 8080 }, allow: [{ from: 'web' }] },
      },
    },
  },
}

testInstallation('istioctl and Helm install the same control planes beside each other', () =>
  assertSameInstallation(compileSpec(withRevisions)),
)

testInstallation(
  'of all webhooks of two control planes, one injects a pod: that of its namespace',
  async () => {
    const compilation = compileSpec(withRevisions)
    await withDirectory(async directory => {
      await writeOutput(compilation, directory)
      const planes = await Promise.all(
        ['stable', 'canary'].map(revision =>
          templated(directory, `istiod-${revision}`, 'istiod', `istiod-${revision}`, 'istio-system'),
        ),
      )
      const objects = planes.flat()
      // The objects of the two control planes have different names.
      const names = objects.map(object =>
        ['kind', 'metadata.namespace', 'metadata.name'].map(path => at(object, ...path.split('.'))).join(' '),
      )
      assert.equal(names.length, new Set(names).size)
      for (const revision of ['stable', 'canary']) {
        for (const kind of ['Deployment', 'Service', 'ServiceAccount', 'HorizontalPodAutoscaler'])
          find(objects, kind, `istiod-${revision}`)
        find(objects, 'ConfigMap', `istio-${revision}`)
        find(objects, 'ConfigMap', `istio-sidecar-injector-${revision}`)
      }
      assert.equal(
        load(String(at(find(objects, 'ConfigMap', 'istio-stable'), 'data', 'mesh'))),
        {
          ...(load(String(at(find(objects, 'ConfigMap', 'istio-canary'), 'data', 'mesh'))) as object),
          defaultConfig: at(
            load(String(at(find(objects, 'ConfigMap', 'istio-stable'), 'data', 'mesh'))),
            'defaultConfig',
          ),
        },
        'but for the address of istiod, both have the same settings',
      )

      const webhooks = objects
        .filter(object => at(object, 'kind') === 'MutatingWebhookConfiguration')
        .flatMap(object => listAt(object, 'webhooks'))
      const injectors = (namespace: string, labels: Labels) =>
        webhooks
          .filter(
            webhook =>
              isSelected(at(webhook, 'namespaceSelector'), getNamespaceLabels(compilation, namespace)) &&
              isSelected(at(webhook, 'objectSelector'), labels),
          )
          .map(webhook => at(webhook, 'clientConfig', 'service', 'name'))
      const pod = { app: 'some' }
      assert.equal(injectors('web', pod), ['istiod-stable'], 'by the tag')
      assert.equal(injectors('istio-ingress', pod), ['istiod-stable'])
      assert.equal(injectors('shop', pod), ['istiod-canary'], 'by the revision')
      assert.equal(injectors('edge', pod), ['istiod-canary'], 'by a tag of its own')
      assert.equal(injectors('jobs', pod), [])
      assert.equal(injectors('jobs', { ...pod, 'istio.io/rev': 'canary' }), [])

      // The label of the namespace counts, not the label of the pod. So a gateway joins the control plane of
      // its namespace.
      assert.equal(injectors('web', { ...pod, 'istio.io/rev': 'canary' }), ['istiod-stable'])
      for (const [gateway, namespace, word, injector] of [
        ['istio-public', 'istio-ingress', 'prod', 'istiod-stable'],
        ['istio-partners', 'edge', 'next', 'istiod-canary'],
      ] as const) {
        const released = await templated(directory, gateway, 'gateway', gateway, namespace)
        const template = at(find(released, 'Deployment', gateway), 'spec', 'template')
        const labels = Object.fromEntries(
          entriesAt(template, 'metadata', 'labels').map(([key, value]) => [key, String(value)]),
        )
        assert.is(labels['istio.io/rev'], word)
        assert.equal(injectors(namespace, labels), [injector])
      }

      // There is one validating webhook. It calls the control plane that most namespaces join.
      const base = await templated(directory, 'istio-base', 'base', 'base', 'istio-system')
      const validator = find(base, 'ValidatingWebhookConfiguration', 'istiod-default-validator')
      assert.is(at(validator, 'webhooks', 0, 'clientConfig', 'service', 'name'), 'istiod-stable')

      // Prometheus scrapes a pod of istiod once: the Service of a tag leads to the pods of its revision.
      const [monitor] = listObjects(compilation, 'ServiceMonitor')
      const scraped = objects
        .filter(object => at(object, 'kind') === 'Service')
        .filter(object =>
          isSelected(
            monitor!.spec.selector,
            Object.fromEntries(
              entriesAt(object, 'metadata', 'labels').map(([key, value]) => [key, String(value)]),
            ),
          ),
        )
      assert.equal(scraped.map(object => at(object, 'metadata', 'name')).sort(), [
        'istiod-canary',
        'istiod-stable',
      ])
    })
  },
)

type Labels = Readonly<Record<string, string>>

const getNamespaceLabels = (compilation: Compilation, namespace: string): Labels =>
  listObjects(compilation, 'Namespace').find(({ name }) => name === namespace)!.labels

/** Checks whether a selector of Kubernetes selects labels. */
const isSelected = (selector: unknown, labels: Labels): boolean =>
  listAt(selector, 'matchExpressions').every(expression => {
    const value = labels[String(at(expression, 'key'))]
    const values = listAt(expression, 'values').map(String)
    switch (at(expression, 'operator')) {
      case 'In':
        return value !== undefined && values.includes(value)
      case 'NotIn':
        return value === undefined || !values.includes(value)
      case 'Exists':
        return value !== undefined
      case 'DoesNotExist':
        return value === undefined
      default:
        throw new Error(`no operator of Kubernetes: ${String(at(expression, 'operator'))}`)
    }
  })

installation.run()

/**
 * Compares the two installations of `out/<env>/istio/` for each control plane, in the fields that the spec
 * sets.
 */
async function assertSameInstallation(compilation: Compilation): Promise<void> {
  for (const plane of compilation.mesh.istio.controlPlanes) await assertSamePlane(compilation, plane)
}

function assertSamePlane(compilation: Compilation, plane: ControlPlane): Promise<void> {
  const { mesh } = compilation
  const root = mesh.istio.namespace.value
  const isDefault = plane === getDefaultControlPlane(mesh.istio)
  return withDirectory(async directory => {
    await writeOutput(compilation, directory)
    const file = getFileSuffix(plane)
    const byIstioctl = await generated(directory, file)
    const byHelm = [
      ...(await templated(directory, 'base', 'base', 'base', root)),
      ...(await templated(directory, 'istiod', 'istiod', `istiod${file}`, root)),
    ]
    const istiod = plane.revision === undefined ? 'istiod' : `istiod-${plane.revision.value}`
    const suffix = plane.revision === undefined ? '' : `-${plane.revision.value}`
    assert.equal(listTags(byIstioctl), listTags(byHelm))
    assert.equal(
      listTags(byHelm).map(({ tag }) => tag),
      plane.tags.map(({ value }) => value).sort(),
    )
    assertSame(
      byIstioctl,
      byHelm,
      'MutatingWebhookConfiguration',
      `istio-sidecar-injector${suffix}${root === 'istio-system' ? '' : `-${root}`}`,
      object => at(object, 'webhooks'),
    )
    assertSame(byIstioctl, byHelm, 'ConfigMap', `istio${suffix}`, object =>
      load(String(at(object, 'data', 'mesh'))),
    )
    assertSame(byIstioctl, byHelm, 'ConfigMap', `istio-sidecar-injector${suffix}`, object =>
      at(JSON.parse(String(at(object, 'data', 'values'))), 'global', 'proxy', 'resources'),
    )
    assertSame(byIstioctl, byHelm, 'Deployment', istiod, object => ({
      namespace: at(object, 'metadata', 'namespace'),
      replicas: at(object, 'spec', 'replicas'),
      resources: at(container(object), 'resources'),
      tag: String(at(container(object), 'image'))
        .split(':')
        .at(-1),
    }))
    assertSame(byIstioctl, byHelm, 'HorizontalPodAutoscaler', istiod, object => at(object, 'spec'))
    assertSame(byIstioctl, byHelm, 'Deployment', istiod, object => ({
      annotations: at(object, 'spec', 'template', 'metadata', 'annotations'),
      tolerations: at(object, 'spec', 'template', 'spec', 'tolerations'),
      strategy: at(object, 'spec', 'strategy'),
    }))
    assert.equal(customResources(byIstioctl), customResources(byHelm))
    if (mesh.istio.cni.value === 'on' && isDefault) {
      const byChart = await templated(directory, 'istio-cni', 'cni', 'cni', root)
      assertSame(byIstioctl, byChart, 'DaemonSet', 'istio-cni-node', object => ({
        namespace: at(object, 'metadata', 'namespace'),
        image: mesh.istio.hub === undefined ? '' : at(container(object), 'image'),
        volumes: at(object, 'spec', 'template', 'spec', 'volumes'),
      }))
      assertSame(byIstioctl, byChart, 'ServiceAccount', 'istio-cni', object => ({
        secrets: at(object, 'imagePullSecrets') ?? [],
      }))
    } else assert.not.ok(byIstioctl.some(object => at(object, 'kind') === 'DaemonSet'))

    for (const gateway of listInstalledGateways(mesh)) {
      const word = findRevisionWord(mesh, gateway.namespace.value)
      if (findControlPlane(mesh.istio, word) !== plane) continue
      const workload = gateway.workload.value
      const namespace = gateway.namespace.value
      const released = await templated(directory, workload, 'gateway', workload, namespace)
      const account = gateway.serviceAccount.value
      assertSame(byIstioctl, released, 'ServiceAccount', account, object =>
        at(object, 'metadata', 'namespace'),
      )
      assertSame(byIstioctl, released, 'Deployment', workload, object => ({
        namespace: at(object, 'metadata', 'namespace'),
        selector: getSelector(at(object, 'spec', 'selector', 'matchLabels')),
        labels: ownLabels(at(object, 'spec', 'template')),
        account: at(object, 'spec', 'template', 'spec', 'serviceAccountName'),
        resources: at(container(object), 'resources'),
      }))
      assertSame(byIstioctl, released, 'Service', workload, object => ({
        namespace: at(object, 'metadata', 'namespace'),
        annotations: at(object, 'metadata', 'annotations') ?? {},
        type: at(object, 'spec', 'type'),
        selector: getSelector(at(object, 'spec', 'selector')),
        ports: at(object, 'spec', 'ports'),
      }))
      assertSame(byIstioctl, released, 'HorizontalPodAutoscaler', workload, object => at(object, 'spec'))
      if (gateway.installation.values !== undefined) assertSameValues(byIstioctl, released, gateway)
      // The Gateway selects these pods, and the policies know them by this account.
      const deployment = find(released, 'Deployment', workload)
      for (const [label, { value }] of gateway.selector)
        assert.is(at(deployment, 'spec', 'template', 'metadata', 'labels', label), value)
      assert.is(at(deployment, 'spec', 'template', 'spec', 'serviceAccountName'), account)
      for (const [label, { value }] of gateway.installation.labels)
        assert.is(at(deployment, 'spec', 'template', 'metadata', 'labels', label), value)
    }
  })
}

/** Compares the settings that a spec passes through to a gateway with both installations. */
function assertSameValues(
  byIstioctl: readonly unknown[],
  byHelm: readonly unknown[],
  { workload, serviceAccount, installation: { values } }: InstalledGateway,
): void {
  const read = (value: unknown, ...path: readonly string[]) => at(value, ...path) ?? null
  const passed = values!.value
  assertSame(byIstioctl, byHelm, 'Deployment', workload.value, object => {
    const pod = read(object, 'spec', 'template', 'spec')
    return [
      ...['affinity', 'nodeSelector', 'priorityClassName', 'tolerations', 'terminationGracePeriodSeconds']
        .filter(key => key in passed)
        .map(key => read(pod, key)),
      ...['imagePullPolicy', 'lifecycle', 'readinessProbe']
        .filter(key => key in passed)
        .map(key => read(container(object), key)),
      ...['minReadySeconds', 'strategy'].filter(key => key in passed).map(key => read(object, 'spec', key)),
      'securityContext' in passed && read(pod, 'securityContext'),
      ...keysOf(passed['podAnnotations']).map(key =>
        read(object, 'spec', 'template', 'metadata', 'annotations', key),
      ),
      ...keysOf(passed['env']).map(name =>
        listAt(container(object), 'env').find(variable => at(variable, 'name') === name),
      ),
    ]
  })
  assertSame(byIstioctl, byHelm, 'Service', workload.value, object =>
    keysOf(passed['service']).map(key => read(object, 'spec', key)),
  )
  assertSame(byIstioctl, byHelm, 'ServiceAccount', serviceAccount.value, object =>
    keysOf(at(passed, 'serviceAccount', 'annotations')).map(key =>
      read(object, 'metadata', 'annotations', key),
    ),
  )
  // Two missing values would be equal, too.
  const service = at(find(byHelm, 'Service', workload.value), 'spec')
  const pod = at(find(byHelm, 'Deployment', workload.value), 'spec', 'template', 'spec')
  for (const key of keysOf(passed['service'])) assert.ok(at(service, key), key)
  for (const key of ['affinity', 'tolerations', 'priorityClassName'])
    if (key in passed) assert.ok(at(pod, key), key)
}

const keysOf = (map: unknown): readonly string[] => Object.keys(map ?? {}).toSorted()

async function generated(directory: string, suffix: string): Promise<readonly unknown[]> {
  const { istioctl } = await oracle()
  const file = join(directory, `istio/istio-operator${suffix}.yaml`)
  const { status, stdout, stderr } = await istioctl(['manifest', 'generate', '-f', file])
  assert.is(status, 0, stderr)
  assert.is(stderr.trim(), '')
  return loadAll(stdout).filter(object => object !== null)
}

async function templated(
  directory: string,
  release: string,
  chart: 'base' | 'istiod' | 'cni' | 'gateway',
  values: string,
  namespace: string,
): Promise<readonly unknown[]> {
  const { helm, chart: folderOf } = await oracle()
  const file = join(directory, `istio/values-${values}.yaml`)
  const { status, stdout, stderr } = await helm([
    'template',
    release,
    folderOf(chart),
    '-n',
    namespace,
    '-f',
    file,
  ])
  assert.is(status, 0, stderr)
  assert.is(stderr.trim(), '')
  return loadAll(stdout).filter(object => object !== null)
}

/** Lists the webhooks of tags. */
const listTags = (objects: readonly unknown[]) =>
  objects
    .filter(object => at(object, 'kind') === 'MutatingWebhookConfiguration')
    .flatMap(object => {
      const tag = at(object, 'metadata', 'labels', 'istio.io/tag')
      return tag === undefined ? [] : [{ tag: String(tag), webhooks: at(object, 'webhooks') }]
    })
    .sort((a, b) => (a.tag < b.tag ? -1 : 1))

function find(objects: readonly unknown[], kind: string, name: string): unknown {
  const foundObjects = objects.filter(
    first => at(first, 'kind') === kind && at(first, 'metadata', 'name') === name,
  )
  assert.is(foundObjects.length, 1, `${kind} ${name}`)
  return foundObjects[0]
}

function assertSame(
  a: readonly unknown[],
  b: readonly unknown[],
  kind: string,
  name: string,
  what: (object: unknown) => unknown,
): void {
  const expected = what(find(a, kind, name))
  assert.ok(expected !== undefined, `${kind} ${name}`)
  assert.equal(what(find(b, kind, name)), expected, `${kind} ${name}`)
}

const getSelector = (labels: unknown) => ({ app: at(labels, 'app'), istio: at(labels, 'istio') })

const container = (deployment: unknown) => at(deployment, 'spec', 'template', 'spec', 'containers', 0)

const customResources = (objects: readonly unknown[]) =>
  objects
    .filter(object => at(object, 'kind') === 'CustomResourceDefinition')
    .map(object => ({
      name: String(at(object, 'metadata', 'name')),
      versions: listAt(object, 'spec', 'versions').map(version => at(version, 'name')),
    }))
    .sort((a, b) => (a.name < b.name ? -1 : 1))

/** Returns the labels of the gateway, without the labels of its installer. */
function ownLabels(template: unknown): Record<string, unknown> {
  const others =
    /^(app\.kubernetes\.io|helm\.sh|install\.operator\.istio\.io|operator\.istio\.io|istio\.io|service\.istio\.io|sidecar\.istio\.io)\//
  const isOwn = (label: string) => !others.test(label) && !['chart', 'heritage', 'release'].includes(label)
  return Object.fromEntries(entriesAt(template, 'metadata', 'labels').filter(([label]) => isOwn(label)))
}
