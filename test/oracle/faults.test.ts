// Each oracle is shown to fail: a good set of manifests passes, and a set with one fault has exactly this
// finding.

import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { loadAll } from 'js-yaml'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import {
  deploymentObject,
  gatewayPodObject,
  gatewayServiceObject,
  type KubernetesObject,
  namespaceObject,
  podObject,
  serviceObject,
  tlsSecretObject,
} from './objects.ts'
import { type Finding, oracle, requireOracle, withDirectory } from './tools.ts'
import { writeObjects } from './write-objects.ts'

const faults = suite('oracles find planted faults')
const { check, checkAll, istioctl, helm, kubectl, chart, bookinfo, certificate } = await oracle()

const cart = { namespace: 'shop', labels: { app: 'cart', version: 'v1' } }
const ingress = { namespace: 'ingress', labels: { istio: 'public' } }

/** The objects of a cluster beside the manifests of the mesh. */
const companions: readonly KubernetesObject[] = [
  namespaceObject({ name: 'shop' }),
  namespaceObject({ name: 'ingress' }),
  serviceObject({
    name: 'cart',
    namespace: 'shop',
    selector: { app: 'cart' },
    ports: [{ name: 'http', number: 80, targetPort: 8080, appProtocol: 'http' }],
  }),
  deploymentObject({ name: 'cart', ...cart, serviceAccount: 'cart', ports: [8080] }),
  podObject({ name: 'cart-1', ...cart, serviceAccount: 'cart', ports: [8080] }),
  gatewayServiceObject({
    name: 'public',
    namespace: 'ingress',
    selector: ingress.labels,
    ports: [{ name: 'https', number: 443, targetPort: 8443 }],
  }),
  gatewayPodObject({ name: 'public-1', ...ingress, ports: [8443] }),
]

const gateway = istioObject('networking.istio.io/v1', 'Gateway', 'public', 'ingress', {
  selector: ingress.labels,
  servers: [
    {
      port: { number: 443, name: 'https', protocol: 'HTTPS' },
      hosts: ['shop/cart.example.com'],
      tls: { mode: 'SIMPLE', credentialName: 'cart-tls' },
    },
  ],
})
const virtualService = cartRoutes([{ route: [toCart()] }])
const policy = istioObject('security.istio.io/v1', 'AuthorizationPolicy', 'cart', 'shop', {
  selector: { matchLabels: { app: 'cart' } },
  rules: [{ from: [{ source: { namespaces: ['ingress'] } }] }],
})
const mesh: readonly KubernetesObject[] = [gateway, virtualService, policy]

const withCheck = await requireOracle(faults, 'check', 'certificate')

withCheck('the set without a fault has no finding', async () => {
  assert.equal(await getFindings([...companions, await secret(), ...mesh]), [])
})

// --- read, kind, crd, kubernetes --------------------------------------------------------------------------------------

withCheck('a key that occurs twice is refused', async () => {
  const text = 'apiVersion: v1\nkind: Namespace\nmetadata:\n  name: shop\n  name: shop\n'
  assert.match(only(await findingsOfText(text), 'read').message, 'key "name" already set in map')
})

withCheck('an object that occurs twice is refused', async () => {
  const finding = only(await getFindings([...companions, namespaceObject({ name: 'shop' })]), 'read')
  assert.is(finding.object, 'Namespace shop')
  assert.match(finding.message, 'the object is also in')
})

withCheck('a directory without manifests is refused', async () => {
  await withDirectory(async directory => {
    await writeFile(join(directory, 'README.md'), 'kind: Namespace\n')
    assert.match(only(await check(directory), 'read').message, 'no YAML or JSON file')
    assert.match(only(await check(join(directory, 'nowhere')), 'read').message, 'no such file')
  })
})

withCheck('a kind that no analyzer reads is refused', async () => {
  const unknown = istioObject('example.com/v1', 'Widget', 'cart', 'shop', {})
  assert.is(only(await getFindings([...companions, unknown]), 'kind').object, 'Widget shop/cart')
})

for (const [kind, apiVersion, spec] of [
  ['VirtualService', 'networking.istio.io/v1', { hosts: ['cart'], http: [{ rout: [], route: [toCart()] }] }],
  ['AppProject', 'argoproj.io/v1alpha1', { destinations: [{ rout: 'x' }] }],
  ['Issuer', 'cert-manager.io/v1', { selfSigned: { rout: 'x' } }],
  [
    'PrometheusRule',
    'monitoring.coreos.com/v1',
    { groups: [{ name: 'x', rules: [{ expr: 'up', rout: 'x' }] }] },
  ],
] as const) {
  withCheck(`a field that the CRD of ${kind} does not have is refused`, async () => {
    const findings = await getFindings([...companions, istioObject(apiVersion, kind, 'cart', 'shop', spec)])
    assert.match(only(findings, 'crd').message, /^unknown field spec\..*rout$/)
  })
}

withCheck('a field that Kubernetes does not have is refused', async () => {
  const service = { ...serviceObject({ name: 'x', namespace: 'shop', selector: {}, ports: [] }), rout: 1 }
  assert.match(
    only(await getFindings([...companions, service]), 'kubernetes').message,
    'unknown field "rout"',
  )
})

withCheck('a broken CEL rule of a CRD is refused', async () => {
  const findings = await getFindings([
    ...companions,
    istioObject('security.istio.io/v1', 'PeerAuthentication', 'cart', 'shop', {
      portLevelMtls: { 8080: { mode: 'STRICT' } },
    }),
  ])
  assert.match(only(findings, 'crd').message, 'portLevelMtls requires selector')
})

withCheck('a label that no API server takes is refused', async () => {
  const findings = await getFindings([
    ...companions,
    { ...policy, metadata: { ...policy.metadata, labels: { 'a b': 'c' } } },
  ])
  assert.match(only(findings, 'crd').message, 'metadata.labels')
})

// --- validate, mesh ---------------------------------------------------------------------------------------------------

const brokenRegex = cartRoutes([{ match: [{ uri: { regex: '[' } }], route: [toCart()] }])

withCheck('the check refuses an object that the webhook refuses: a broken regex', async () => {
  const finding = only(await getFindings([...companions, gateway, brokenRegex, await secret()]), 'validate')
  assert.is(finding.level, 'Error')
  assert.match(finding.message, 'missing closing ]')
})

withCheck('the check reports a warning of the webhook: a route that no request reaches', async () => {
  const twice = cartRoutes([{ route: [toCart()] }, { match: [{ uri: { prefix: '/x' } }], route: [toCart()] }])
  const finding = only(await getFindings([...companions, gateway, twice, await secret()]), 'validate')
  assert.is(finding.level, 'Warning')
  assert.match(finding.message, 'rule #1 not used (route without matches defined before)')
})

withCheck('a mesh configuration with an unknown field or a warning is reported', async () => {
  const unknown = only(await getFindings(companions, 'rootNamespase: x\n'), 'mesh')
  assert.match(unknown.message, 'unknown field "rootNamespase"')
  const deprecated = 'defaultConfig:\n  proxyMetadata:\n    ISTIO_META_DNS_AUTO_ALLOCATE: "true"\n'
  assert.is(only(await getFindings(companions, deprecated), 'mesh').level, 'Warning')
})

// --- analyze ----------------------------------------------------------------------------------------------------------

const idlePolicy = istioObject('security.istio.io/v1', 'AuthorizationPolicy', 'idle', 'shop', {
  selector: { matchLabels: { app: 'chart' } },
})

withCheck('a policy that selects nothing is reported', async () => {
  const finding = only(await getFindings([...companions, idlePolicy]), 'analyze')
  assert.equal(
    [finding.code, finding.level, finding.object],
    ['IST0127', 'Warning', 'AuthorizationPolicy shop/idle'],
  )
})

const withCheckAndIstioctl = await requireOracle(faults, 'check', 'istioctl')

withCheckAndIstioctl('`istioctl analyze` on the same file does not report it', async () => {
  await withDirectory(async directory => {
    const file = await writeObjects(directory, 'manifests.yaml', [...companions, idlePolicy])
    const { status, stdout, stderr } = await istioctl(['analyze', '--use-kube=false', '-A', file])
    assert.is(status, 0, stderr)
    assert.not.match(stdout, 'IST0127')
  })
})

withCheck('each companion is needed: without it an analyzer complains', async () => {
  const complaints = new Map<string, readonly string[]>()
  for (const missing of companions) {
    const rest = companions.filter(object => object !== missing)
    const findings = await getFindings([...rest, await secret(), ...mesh])
    complaints.set(`${missing.kind} ${missing.metadata.name}`, [...new Set(findings.map(({ code }) => code))])
  }
  assert.equal(Object.fromEntries(complaints), {
    // Analyzers ask only for namespaces that a policy names, and not for the namespace of an object.
    'Namespace shop': [],
    'Namespace ingress': ['IST0101'],
    'Service cart': ['IST0101'],
    // Only the analyzers of Deployments read it.
    'Deployment cart': [],
    'Pod cart-1': ['IST0127'],
    'Service public': ['IST0162'],
    'Pod public-1': ['IST0101'],
  })
})

withCheck('a Secret that is missing or holds no certificate is reported', async () => {
  assert.is(only(await getFindings([...companions, ...mesh]), 'analyze').code, 'IST0101')
  const empty = tlsSecretObject({
    name: 'cart-tls',
    namespace: 'ingress',
    certificate: 'none',
    privateKey: 'none',
  })
  assert.is(only(await getFindings([...companions, ...mesh, empty]), 'analyze').code, 'IST0161')
})

withCheck('every analyzer runs', async () => {
  await withDirectory(async directory => {
    await writeObjects(directory, 'manifests.yaml', companions)
    const [report] = await checkAll([{ directory }])
    assert.equal(report, {
      directory,
      findings: [],
      files: 1,
      objects: companions.length,
      analyzers: 53,
      skipped: [],
    })
  })
})

withCheck('many sets in one process give what each gives alone, in any order', async () => {
  await withDirectory(async directory => {
    // A policy without a selector applies to the whole mesh in the root namespace, and to no workload of the
    // mesh elsewhere. The analyzer keeps the first root namespace in a global variable, which `check` has to
    // reset.
    const policyOfAll = istioObject('security.istio.io/v1', 'AuthorizationPolicy', 'all', 'mesh-root', {})
    // The analyzer of VirtualServices rewrites the hosts of a Gateway in place.
    const ownHosts = istioObject('networking.istio.io/v1', 'Gateway', 'public', 'ingress', {
      selector: ingress.labels,
      servers: [{ port: { number: 443, name: 'tcp', protocol: 'TCP' }, hosts: ['./cart.example.com'] }],
    })
    const root = await writeObjects(directory, 'mesh.yaml', [{ rootNamespace: 'mesh-root' }])
    const contents: readonly (readonly KubernetesObject[])[] = [
      [...companions, policyOfAll],
      [...companions, ownHosts, virtualService],
      [...companions, idlePolicy],
      [...companions, brokenRegex],
    ]
    const sets: { readonly directory: string; readonly meshConfig?: string }[] = []
    for (const [index, objects] of contents.entries()) {
      const folder = join(directory, String(index))
      await mkdir(folder)
      await writeObjects(folder, 'manifests.yaml', objects)
      sets.push({ directory: folder }, { directory: folder, meshConfig: root })
    }
    const alone: (readonly Finding[])[] = []
    for (const { directory: folder, ...options } of sets) alone.push(await check(folder, options))
    const [inOtherMesh, inItsMesh] = alone
    assert.equal([inOtherMesh?.map(({ code }) => code), inItsMesh], [['IST0127'], []])

    const together = (await checkAll([...sets, ...sets])).map(({ findings }) => findings)
    assert.equal(together, [...alone, ...alone])
    const reversed = (await checkAll(sets.toReversed())).map(({ findings }) => findings)
    assert.equal(reversed, alone.toReversed())
  })
})

// --- istioctl, helm, kubectl ------------------------------------------------------------------------------------------

const withIstioctl = await requireOracle(faults, 'istioctl')

withIstioctl('`istioctl validate` takes the good and refuses a broken regex', async () => {
  await withDirectory(async directory => {
    const good = await istioctl(['validate', '-f', await writeObjects(directory, 'good.yaml', mesh)])
    assert.is(good.status, 0, good.stderr)
    const bad = await istioctl(['validate', '-f', await writeObjects(directory, 'bad.yaml', [brokenRegex])])
    assert.is(bad.status, 1)
    assert.match(bad.stderr, 'missing closing ]')
  })
})

withIstioctl('`istioctl analyze` takes the good and reports a gateway that does not exist', async () => {
  await withDirectory(async directory => {
    const analyze = ['analyze', '--use-kube=false', '-A', '--failure-threshold', 'Info']
    const good = await istioctl([...analyze, await writeObjects(directory, 'good.yaml', mesh)])
    assert.is(good.status, 0, good.stdout)
    const bad = await istioctl([...analyze, await writeObjects(directory, 'bad.yaml', [virtualService])])
    assert.is(bad.status, 79, 'the exit code that says: a message reaches the threshold')
    assert.match(bad.stdout, 'IST0101')
  })
})

withIstioctl('`istioctl manifest generate` names released images and refuses an unknown field', async () => {
  const operator = (spec: object) =>
    JSON.stringify(istioObject('install.istio.io/v1alpha1', 'IstioOperator', 'mesh', 'istio-system', spec))
  const generate = ['manifest', 'generate', '-f', '-']
  const good = await istioctl(generate, { input: operator({ profile: 'minimal' }) })
  assert.is(good.status, 0, good.stderr)
  assert.match(good.stdout, 'image: docker.io/istio/pilot:1.31.4')
  const bad = await istioctl(generate, { input: operator({ profile: 'minimal', componentz: {} }) })
  assert.is(bad.status, 1)
  assert.match(bad.stderr, 'unknown field "componentz"')
})

const withCharts = await requireOracle(faults, 'helm', 'chart')

withCharts("`helm template` renders Istio's own charts", async () => {
  for (const [name, kind] of [
    ['base', 'CustomResourceDefinition'],
    ['istiod', 'Deployment'],
    ['gateway', 'Deployment'],
    ['cni', 'DaemonSet'],
    ['ztunnel', 'DaemonSet'],
  ] as const) {
    const { status, stdout, stderr } = await helm(['template', 'r', chart(name), '-n', 'istio-system'])
    assert.is(status, 0, stderr)
    assert.match(stdout, `kind: ${kind}`)
  }
})

withCharts('`helm template` refuses a value of the wrong type', async () => {
  const istiod = await helm(['template', 'istiod', chart('istiod'), '--set', 'meshConfig=on'])
  assert.is(istiod.status, 1)
  assert.match(istiod.stderr, '.Values.meshConfig')
  const gatewayChart = await helm(['template', 'public', chart('gateway'), '--set', 'replicaCount=two'])
  assert.is(gatewayChart.status, 1)
  assert.match(gatewayChart.stderr, "at '/replicaCount': got string")
})

const withKubectl = await requireOracle(faults, 'kubectl')

withKubectl('`kubectl kustomize` builds, and refuses a missing resource', async () => {
  await withDirectory(async directory => {
    await writeObjects(directory, 'mesh.yaml', mesh)
    const kustomization = (resources: readonly string[]) =>
      writeObjects(directory, 'kustomization.yaml', [
        { apiVersion: 'kustomize.config.k8s.io/v1beta1', kind: 'Kustomization', resources },
      ])
    await kustomization(['mesh.yaml'])
    const good = await kubectl(['kustomize', directory])
    assert.is(good.status, 0, good.stderr)
    assert.is(loadAll(good.stdout).length, mesh.length)
    await kustomization(['mesh.yaml', 'nowhere.yaml'])
    const bad = await kubectl(['kustomize', directory])
    assert.is(bad.status, 1)
    assert.match(bad.stderr, 'nowhere.yaml')
  })
})

// --- Istio's own sample -----------------------------------------------------------------------------------------------

const withBookinfo = await requireOracle(faults, 'check', 'istioctl', 'bookinfo')

withBookinfo("Istio's bookinfo sample passes", async () => {
  await withDirectory(async directory => {
    const objects = [
      namespaceObject({ name: 'bookinfo' }),
      ...(await sampleObjects('platform/kube/bookinfo.yaml')),
      ...(await sampleObjects('networking/bookinfo-gateway.yaml')),
      ...(await sampleObjects('networking/destination-rule-reviews.yaml')),
      ...(await sampleObjects('networking/virtual-service-reviews-80-20.yaml')),
    ]
    const file = await writeObjects(directory, 'bookinfo.yaml', objects)
    const validated = await istioctl(['validate', '-f', file])
    assert.is(validated.status, 0, validated.stderr)
    const analyzed = await istioctl([
      'analyze',
      '--use-kube=false',
      '-A',
      '--failure-threshold',
      'Info',
      file,
    ])
    assert.is(analyzed.status, 0, analyzed.stdout)

    // The unchanged files name pods that no file has: the pods of the gateway and of the subsets.
    const codes = new Set((await check(directory)).map(({ code }) => code))
    assert.equal([...codes].sort(), ['IST0101', 'IST0173'])
    const versions = ['v1', 'v2', 'v3'].map(version =>
      podObject({
        name: `reviews-${version}`,
        namespace: 'bookinfo',
        labels: { app: 'reviews', version },
        ports: [9080],
      }),
    )
    await writeObjects(directory, 'companions.yaml', [
      namespaceObject({ name: 'istio-system' }),
      gatewayPodObject({
        name: 'gateway',
        namespace: 'istio-system',
        labels: { istio: 'ingressgateway' },
        ports: [8080],
      }),
      gatewayServiceObject({
        name: 'istio-ingressgateway',
        namespace: 'istio-system',
        selector: { istio: 'ingressgateway' },
        ports: [{ name: 'http2', number: 8080 }],
      }),
      ...versions,
    ])
    assert.equal(await check(directory), [])
  })
})

faults.run()

function istioObject(
  apiVersion: string,
  kind: string,
  name: string,
  namespace: string,
  spec: object,
): KubernetesObject {
  return { apiVersion, kind, metadata: { name, namespace }, spec }
}

function cartRoutes(http: readonly object[]): KubernetesObject {
  return istioObject('networking.istio.io/v1', 'VirtualService', 'cart', 'shop', {
    hosts: ['cart.example.com'],
    gateways: ['ingress/public'],
    http,
  })
}

function toCart(): object {
  return { destination: { host: 'cart.shop.svc.cluster.local', port: { number: 80 } } }
}

async function secret(): Promise<KubernetesObject> {
  return tlsSecretObject({ name: 'cart-tls', namespace: 'ingress', ...(await certificate()) })
}

/** Reads the objects of a file of the sample, in the namespace that `kubectl apply -n bookinfo` uses. */
async function sampleObjects(file: string): Promise<readonly object[]> {
  const documents = loadAll(await readFile(join(bookinfo(), file), 'utf8'))
  // Every document of the sample is an object with metadata.
  const objects = documents.filter(document => document !== null) as KubernetesObject[]
  return objects.map(object => ({ ...object, metadata: { ...object.metadata, namespace: 'bookinfo' } }))
}

function getFindings(objects: readonly object[], meshConfig?: string): Promise<readonly Finding[]> {
  return withDirectory(async directory => {
    await mkdir(join(directory, 'set'))
    await writeObjects(join(directory, 'set'), 'manifests.yaml', objects)
    if (meshConfig === undefined) return check(join(directory, 'set'))
    await writeFile(join(directory, 'mesh.yaml'), meshConfig)
    return check(join(directory, 'set'), { meshConfig: join(directory, 'mesh.yaml') })
  })
}

function findingsOfText(text: string): Promise<readonly Finding[]> {
  return withDirectory(async directory => {
    await writeFile(join(directory, 'manifests.yaml'), text)
    return check(directory)
  })
}

/** Returns the only finding of a station. Asserts that no earlier station has another finding. */
function only(findings: readonly Finding[], station: Finding['check']): Finding {
  const ownFindings = findings.filter(({ check: name }) => name === station)
  const otherFindings = findings.filter(
    ({ check: name }) => name !== station && !mayFollow[station].includes(name),
  )
  assert.equal([ownFindings.length, otherFindings], [1, []], JSON.stringify(findings))
  return ownFindings[0]!
}

/** Later stations that report the same fault again. */
const mayFollow: Readonly<Record<Finding['check'], readonly Finding['check'][]>> = {
  read: ['analyze'],
  kind: [],
  crd: ['validate', 'analyze'],
  kubernetes: ['analyze'],
  validate: ['analyze'],
  mesh: ['analyze'],
  analyze: [],
}
