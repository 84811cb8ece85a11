import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseAllDocuments } from 'yaml'
import { expandHost } from '../../compiler/behavior/hosts.ts'
import { type Fields, getFields, getText, listTexts, readList } from '../arbitraries/manifests/fields.ts'
import { type KubernetesObject, type Labels, object } from '../arbitraries/manifests/kubernetes-object.ts'
import { deploymentObject, namespaceObject, serviceObject } from './objects.ts'

/**
 * Reads the objects of Istio in a folder of manifests, by file. Objects that Kubernetes refuses for their name are left out.
 *
 * @returns the objects of each file that has any, in the order of the files
 */
export function readIstioMeshes(folder: string): readonly (readonly KubernetesObject[])[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(entry => join(entry.parentPath, entry.name))
    .sort()
    .map(file => parseAllDocuments(readFileSync(file, 'utf8')).flatMap(readIstioObject))
    .filter(objects => objects.length > 0)
}

/** Reads an object of Istio in the version `v1`; a document that is no YAML, or another object, has none. */
function readIstioObject(document: { readonly errors: readonly unknown[]; toJS(): unknown }) {
  if (document.errors.length > 0) return []
  const { kind, metadata, spec } = getFields(document.toJS())
  const { name, namespace } = getFields(metadata)
  const istioKind = istioKinds.find(each => each === kind)
  return istioKind === undefined || !/^[a-z0-9]([-.a-z0-9]*[a-z0-9])?$/.test(getText(name))
    ? []
    : [object(istioKind, getText(namespace) || 'default', getText(name), getFields(spec))]
}

const istioKinds = [
  'VirtualService',
  'DestinationRule',
  'Gateway',
  'ServiceEntry',
  'Sidecar',
  'AuthorizationPolicy',
  'PeerAuthentication',
  'RequestAuthentication',
] as const

/**
 * Adds what the objects of a mesh name and do not contain: Services and Deployments for the hosts of the cluster and for the selectors
 * of policies, the workloads of Gateways, their namespaces, and callers with and without a sidecar.
 *
 * @returns the objects of the mesh and the added objects
 */
export function furnish(objects: readonly KubernetesObject[]): readonly object[] {
  const services = new Map<string, { readonly ports: Set<number>; readonly labels: Labels[] }>()
  const getService = (namespace: string, name: string) => {
    const key = `${namespace}/${name}`
    const service = services.get(key) ?? { ports: new Set(), labels: [] }
    services.set(key, service)
    return service
  }
  for (const { namespace, host, port, labels } of objects.flatMap(listNamedHosts)) {
    const full = expandHost(host, namespace)
    const [, name = '', place = ''] = /^([^.]*)\.([^.]*)\.svc\.cluster\.local$/.exec(full) ?? []
    if (!namePattern.test(name) || !namePattern.test(place) || isEntry(objects, full)) continue
    const service = getService(place, name)
    if (port !== undefined) service.ports.add(port)
    if (labels !== undefined) service.labels.push(labels)
  }
  for (const { metadata, spec = {} } of objects) {
    const labels = readLabels(
      getFields(spec['selector'])['matchLabels'] ?? getFields(spec['workloadSelector'])['labels'],
    )
    const name = (labels['app'] ?? Object.values(labels)[0] ?? '').toLowerCase()
    if (namePattern.test(name) && !('istio' in labels))
      getService(metadata.namespace!, name).labels.push(labels)
  }
  for (const { metadata } of objects) getService(metadata.namespace!, 'web')
  const added = [
    ...[...services].flatMap(([key, { ports, labels }]) => makeService(key, [...ports], labels)),
    ...listGatewayWorkloads(objects),
    ...['away', 'no-mesh'].map(namespace => makeDeployment(namespace, 'caller', { app: 'caller' })),
  ]
  const namespaces = new Set([...objects, ...added].map(({ metadata }) => metadata.namespace!))
  return [
    ...[...namespaces].map(name => namespaceObject(name === 'no-mesh' ? { name, labels: {} } : { name })),
    ...objects,
    ...added,
  ]
}

/** A host that an object names, with the port and the labels of a subset that it names there. */
interface NamedHost {
  readonly namespace: string
  readonly host: string
  readonly port?: number
  readonly labels?: Labels
}

function listNamedHosts({ kind, metadata, spec = {} }: KubernetesObject): readonly NamedHost[] {
  const namespace = metadata.namespace!
  if (kind === 'DestinationRule') {
    const host = getText(spec['host'])
    const subsets = readList(spec['subsets']).map(getFields)
    return [
      { namespace, host },
      ...subsets.map(({ labels }) => ({ namespace, host, labels: readLabels(labels) })),
    ]
  }
  if (kind !== 'VirtualService') return []
  const routes = ['http', 'tls', 'tcp'].flatMap(part => readList(spec[part]).map(getFields))
  const destinations = routes.flatMap(({ route, mirror, mirrors }) => [
    ...[...readList(route), ...readList(mirrors)].map(each => getFields(getFields(each)['destination'])),
    getFields(mirror),
  ])
  return [
    ...listTexts(spec['hosts']).map(host => ({ namespace, host })),
    ...destinations.map(({ host, port }) => {
      const { number } = getFields(port)
      return { namespace, host: getText(host), ...(typeof number === 'number' && { port: number }) }
    }),
  ]
}

/** The form of a name of a Service, and of a namespace. */
const namePattern = /^[a-z][-a-z0-9]*$/

const isEntry = (objects: readonly KubernetesObject[], host: string) =>
  objects.some(({ kind, spec = {} }) => kind === 'ServiceEntry' && listTexts(spec['hosts']).includes(host))

const readLabels = (value: unknown): Labels =>
  Object.fromEntries(Object.entries(getFields(value)).map(([name, text]) => [name, String(text)]))

/** Makes a Service, and a Deployment behind it for each of the labels; without labels, one Deployment. */
function makeService(key: string, ports: readonly number[], labels: readonly Labels[]) {
  const [namespace = '', name = ''] = key.split('/')
  const numbers = ports.length > 0 ? ports : [80, 9000]
  return [
    serviceObject({ name, namespace, selector: { app: name }, ports: numbers.map(makePort) }),
    ...(labels.length > 0 ? labels : [{}]).map((each, index) =>
      makeDeployment(namespace, `${name}-${index}`, { ...each, app: name }),
    ),
  ]
}

const makePort = (number: number) => {
  const protocol = number === 9000 ? 'tcp' : number % 1000 === 443 ? 'tls' : 'http'
  return { name: `${protocol}-${number}`, number }
}

const makeDeployment = (namespace: string, name: string, labels: Labels, annotations: Labels = {}) =>
  deploymentObject({ name, namespace, labels, annotations, serviceAccount: name, ports: [] })

/** Makes a workload and its Service for each selector of Gateways. */
function listGatewayWorkloads(objects: readonly KubernetesObject[]) {
  const ports = new Map<string, Set<number>>()
  for (const { kind, spec = {} } of objects) {
    const selector = JSON.stringify(readLabels(spec['selector']))
    if (kind !== 'Gateway' || selector === '{}') continue
    const numbers = readList(spec['servers']).map(server => getPortNumber(getFields(server)))
    ports.set(selector, new Set([...(ports.get(selector) ?? []), ...numbers]))
  }
  return [...ports].flatMap(([text, numbers], index) => {
    const name = `gateway-${index}`
    const labels = { ...readLabels(JSON.parse(text)), gateway: name }
    return [
      serviceObject({ name, namespace: 'istio-system', selector: labels, ports: [...numbers].map(makePort) }),
      makeDeployment('istio-system', name, labels, { 'inject.istio.io/templates': 'gateway' }),
    ]
  })
}

const getPortNumber = ({ port }: Fields): number => Number(getFields(port)['number'] ?? 80)
