import { readdirSync, readFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { parse, parseAllDocuments, stringify } from 'yaml'
import { listInstances } from '../../compiler/mesh/clusters.ts'
import type { Mesh, Service } from '../../compiler/mesh/mesh.ts'
import { compileEnvironment } from '../support/specs.ts'
import { oracle, requireOracle, withDirectory } from './tools.ts'

/*
 * `meshc trace` names the same instances that istiod gives a caller. The tests run the istiod of each cluster
 * of the bank, with the output of meshc for that cluster, and the Services and pods of all clusters.
 */

const clusters = suite('clusters')
const testClusters = await requireOracle(clusters, 'clusters')
const root = join(import.meta.dirname, '../..')
const bank = ['eu1', 'eu2', 'us1']
const meshes = new Map(bank.map(name => [name, compileEnvironment(`examples/bank/${name}`).mesh]))

for (const here of bank)
  testClusters(`istiod of ${here} finds the instances that meshc names`, async () => {
    const mesh = meshes.get(here)!
    const services = mesh.services.filter(isOfPods)
    const answers = await askIstiod(here, [
      { name: 'payments', namespace: 'payments', labels: { app: 'payments' }, isGateway: false },
      { name: 'east-west', namespace: 'istio-eastwest', labels: { istio: 'east-west' }, isGateway: true },
    ])
    const { endpoints } = answers['payments']!
    let remote = 0
    for (const service of services)
      for (const port of service.ports) {
        const name = `outbound|${port.number.value}||${service.host.value}`
        const discovered = endpoints[name]
        // The Sidecar of the caller leaves out services that the caller may not call.
        if (discovered === undefined) continue
        const expected = listInstances(mesh, service, port).flatMap(({ cluster, network }) =>
          network === undefined
            ? [`${getAddress(cluster, service)}:${port.target.value}`]
            : [`${getGatewayAddress(cluster)}:15443`],
        )
        assert.equal(discovered, expected.sort(), `${name} from ${here}`)
        if (expected.some(address => address.endsWith(':15443'))) remote++
      }
    assert.ok(remote > 0, 'some instances are in another network')

    // The gateway passes connections to services of the mesh on, to the instances of its own network.
    const { names, endpoints: behind } = answers['east-west']!
    const network = mesh.cluster!.network!.value
    for (const service of services)
      for (const port of service.ports) {
        const server = `outbound_.${port.number.value}_._.${service.host.value}`
        assert.ok(names.includes(server), `the gateway of ${here} knows ${server}`)
        const near = listHomes(service).filter(cluster => getNetwork(cluster) === network)
        assert.equal(
          behind[`outbound|${port.number.value}||${service.host.value}`] ?? [],
          near.map(cluster => `${getAddress(cluster, service)}:${port.target.value}`).sort(),
          `behind the gateway of ${here}: ${server}`,
        )
      }
  })

clusters.run()

interface Proxy {
  readonly name: string
  readonly namespace: string
  readonly labels: Readonly<Record<string, string>>
  readonly isGateway: boolean
}

interface Answer {
  readonly endpoints: Readonly<Record<string, readonly string[]>>
  readonly names: readonly string[]
}

async function askIstiod(here: string, proxies: readonly Proxy[]): Promise<Readonly<Record<string, Answer>>> {
  const network = getNetwork(here)
  const { clusters: ask } = await oracle()
  return withDirectory(async directory => {
    const file = join(directory, 'question.json')
    const question = {
      cluster: here,
      objects: Object.fromEntries(bank.map(cluster => [cluster, print(listKubernetesObjects(cluster))])),
      config: print(readManifests(here).filter(({ apiVersion }) => apiVersion.includes('istio.io/'))),
      proxies: proxies.map(proxy => ({ ...proxy, ip: '10.9.9.9', network })),
    }
    await writeFile(file, JSON.stringify(question))
    const { status, stdout, stderr } = await ask([file])
    assert.is(status, 0, stderr)
    return JSON.parse(stdout) as Readonly<Record<string, Answer>>
  })
}

interface PlainObject {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: object
}

const print = (objects: readonly PlainObject[]): string =>
  objects.map(object => stringify(object)).join('---\n')

function readManifests(cluster: string): readonly PlainObject[] {
  const folder = join(root, `out/examples/bank/${cluster}/manifests`)
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter(name => name.endsWith('.yaml'))
    .sort()
    .flatMap(name => parseAllDocuments(readFileSync(join(folder, name), 'utf8')))
    .map(document => document.toJS() as PlainObject)
}

/**
 * Lists the objects that istiod reads in a cluster: the output of meshc, the objects that Argo CD makes, and
 * the workloads of teams.
 */
function listKubernetesObjects(cluster: string): readonly PlainObject[] {
  const network = getNetwork(cluster)
  const written = readManifests(cluster).filter(({ apiVersion }) => apiVersion === 'v1')
  const services = meshes.get(cluster)!.services.filter(isOfPods)
  const running = services.filter(service => listHomes(service).includes(cluster))
  const isWritten = ({ name, namespace }: Service) =>
    written.some(
      ({ kind, metadata }) =>
        kind === 'Service' &&
        JSON.stringify(metadata).includes(`"name":"${name.value}","namespace":"${namespace.value}"`),
    )
  return [
    ...written.filter(({ kind }) => kind !== 'ConfigMap'),
    readRootNamespace(cluster),
    makeEastWestService(cluster, network),
    ...running.flatMap(service => [
      ...(isWritten(service) ? [] : [makeService(service)]),
      makePod(cluster, service, network),
      makeSlice(cluster, service),
    ]),
  ]
}

/** Returns the root namespace, with the label that the Application of Istio's chart `base` adds. */
function readRootNamespace(cluster: string): PlainObject {
  const applications = parseAllDocuments(
    readFileSync(join(root, `out/examples/bank/${cluster}/argocd/applications.yaml`), 'utf8'),
  ).map(document => document.toJS())
  const base = applications.find(({ metadata }) => metadata.name.endsWith('-base'))
  const { labels } = base.spec.syncPolicy.managedNamespaceMetadata
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'istio-system', labels } }
}

/** Makes the Service of an east-west gateway as Istio's chart does. */
function makeEastWestService(cluster: string, network: string): PlainObject {
  const values = parse(
    readFileSync(join(root, `out/examples/bank/${cluster}/istio/values-istio-east-west.yaml`), 'utf8'),
  )
  assert.is(values.labels['topology.istio.io/network'], network)
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: values.name, namespace: 'istio-eastwest', labels: values.labels },
    spec: {
      type: 'LoadBalancer',
      clusterIP: '10.200.0.1',
      selector: { app: values.labels.app, istio: values.labels.istio },
      ports: values.service.ports,
    },
    status: { loadBalancer: { ingress: [{ ip: getGatewayAddress(cluster) }] } },
  } as PlainObject
}

function makeService({ name, namespace, selector, headless, ports }: Service): PlainObject {
  const spec = {
    ...(headless !== undefined && { clusterIP: 'None' }),
    selector: Object.fromEntries(selector.map(([key, { value }]) => [key, value])),
    ports: ports.map(port => ({
      name: port.name.value,
      port: port.number.value,
      targetPort: port.target.value,
      protocol: 'TCP',
    })),
  }
  const metadata = { name: name.value, namespace: namespace.value }
  return { apiVersion: 'v1', kind: 'Service', metadata, spec } as PlainObject
}

/** Makes a pod with the parts that injection adds. */
function makePod(cluster: string, service: Service, network: string): PlainObject {
  const { name, namespace, selector, serviceAccount } = service
  const labels = {
    ...Object.fromEntries(selector.map(([key, { value }]) => [key, value])),
    'security.istio.io/tlsMode': 'istio',
    'topology.istio.io/network': network,
  }
  const ip = getAddress(cluster, service)
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: name.value, namespace: namespace.value, labels },
    spec: { serviceAccountName: serviceAccount.value, containers: [{ name: 'app', image: 'app' }] },
    status: {
      phase: 'Running',
      podIP: ip,
      podIPs: [{ ip }],
      conditions: [{ type: 'Ready', status: 'True' }],
    },
  } as PlainObject
}

function makeSlice(cluster: string, service: Service): PlainObject {
  const { name, namespace, ports } = service
  const labels = { 'kubernetes.io/service-name': name.value }
  const targetRef = { kind: 'Pod', name: name.value, namespace: namespace.value }
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    addressType: 'IPv4',
    metadata: { name: name.value, namespace: namespace.value, labels },
    endpoints: [{ addresses: [getAddress(cluster, service)], conditions: { ready: true }, targetRef }],
    ports: ports.map(port => ({ name: port.name.value, port: port.target.value, protocol: 'TCP' })),
  } as PlainObject
}

/** Checks whether pods of the mesh run a service, and the service has an address. */
function isOfPods({ machines, sidecar, headless, ports }: Service): boolean {
  return machines === undefined && sidecar.value === 'on' && headless === undefined && ports.length > 0
}

/** Lists the clusters that run a service according to the spec. */
const listHomes = (service: Service): readonly string[] =>
  service.clusters.length === 0 ? bank : service.clusters.map(({ value }) => value)

const getNetwork = (cluster: string): string => meshes.get(cluster)!.cluster!.network!.value

/** Returns the address of the load balancer of an east-west gateway. */
const getGatewayAddress = (cluster: string): string => `203.0.113.${bank.indexOf(cluster) + 1}`

function getAddress(cluster: string, service: Service): string {
  const mesh: Mesh = meshes.get(cluster)!
  const index = mesh.services.findIndex(({ key }) => key === service.key)
  return `10.${bank.indexOf(cluster) + 1}.0.${index + 1}`
}
