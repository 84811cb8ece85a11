import { podTemplates } from '../behavior/pod-templates.ts'
import { compare } from '../diagnostics/compare.ts'
import type { Diagnostic } from '../diagnostics/diagnostic.ts'
import { makeObjectKey } from '../emit/object-key.ts'
import {
  type ConfigField,
  type DefaultSidecar,
  type ManifestPlace,
  noSurroundings,
  type RoutedHost,
  type SurroundingMeshConfig,
  type SurroundingNamespace,
  type SurroundingPolicy,
  type Surroundings,
  type SurroundingWorkload,
} from '../mesh/surroundings.ts'
import { isMap } from '../source/document.ts'
import type { Workspace } from '../source/load.ts'
import { type ManifestDocument, readManifestDocuments } from '../source/manifest-documents.ts'
import { surroundingsEmpty, surroundingsUnreadable } from './diagnostics.ts'

/** The manifests that others own, as a spec names their folders. */
interface ReadSurroundings {
  readonly objects: readonly ManifestDocument[]
  readonly facts: Surroundings
  /** An error for each folder without an object and each file that is no YAML. */
  readonly diagnostics: readonly Diagnostic[]
}

/**
 * Reads the surroundings of a mesh: every object in the YAML files below some folders. Files of Helm charts, values and
 * kustomizations hold no objects and are passed over.
 *
 * @param folders paths from the root of the repository
 */
export function readSurroundings(
  folders: readonly string[] | undefined,
  workspace: Workspace,
): ReadSurroundings {
  if (folders === undefined) return { objects: [], facts: noSurroundings, diagnostics: [] }
  const diagnostics: Diagnostic[] = []
  const seen = new Set<string>()
  const objects = folders.flatMap((folder, index) => {
    const at = { path: ['surroundings', index] }
    const files = dropCharts(workspace.listBelow(folder).filter(file => /\.ya?ml$/.test(file))).filter(
      file => !seen.has(file),
    )
    for (const file of files) seen.add(file)
    const inFolder = files.flatMap(file =>
      readFile(file, reason => surroundingsUnreadable(at, { file, reason })),
    )
    if (inFolder.length === 0 && diagnostics.length === 0) diagnostics.push(surroundingsEmpty(at, { folder }))
    return inFolder
  })
  return { objects, facts: collectFacts(objects), diagnostics }

  function readFile(file: string, refuse: (reason: string) => Diagnostic): readonly ManifestDocument[] {
    const content = workspace.read(file)
    if (!('text' in content)) {
      diagnostics.push(refuse('reason' in content ? content.reason : 'it is larger than 64 MiB'))
      return []
    }
    const read = readManifestDocuments(file, content.text)
    if ('documents' in read) return read.documents.flatMap(listObjects)
    // A template is no YAML before Helm has filled it.
    if (!content.text.includes('{{'))
      diagnostics.push(refuse(`line ${read.fault.line}: ${read.fault.reason}`))
    return []
  }
}

function dropCharts(files: readonly string[]): readonly string[] {
  const charts = files
    .filter(file => /(^|\/)Chart\.ya?ml$/.test(file))
    .map(file => file.replace(/[^/]*$/, ''))
  return files.filter(file => !charts.some(chart => file.startsWith(chart))).toSorted(compare)
}

/** Lists the objects of a document: the items of a List, or the document itself if it is an object. */
function listObjects(document: ManifestDocument): readonly ManifestDocument[] {
  const { value, file } = document
  if (!isMap(value)) return []
  if (typeof value['kind'] === 'string' && value['kind'].endsWith('List') && Array.isArray(value['items']))
    return value['items'].flatMap((item: unknown, index) =>
      listObjects({
        value: item,
        file,
        line: document.lineOf(['items', index]),
        lineOf: path => document.lineOf(['items', index, ...path]),
      }),
    )
  const { kind, apiVersion, metadata } = value
  const isObject =
    typeof kind === 'string' &&
    typeof apiVersion === 'string' &&
    isMap(metadata) &&
    typeof metadata['name'] === 'string'
  return isObject && !apiVersion.startsWith('kustomize.config.k8s.io/') ? [document] : []
}

/** The kinds of objects that a sidecar sees by its `egress.hosts`. */
const callableKinds: ReadonlySet<string> = new Set(['Service', 'ServiceEntry', 'VirtualService'])

function collectFacts(objects: readonly ManifestDocument[]): Surroundings {
  const workloads = new Map<string, SurroundingWorkload>()
  const accounts = new Map<string, SurroundingWorkload>()
  const namespaces = new Map<string, SurroundingNamespace | undefined>()
  const callable = new Set<string>()
  const places = new Map<string, ManifestPlace>()
  const hosts: RoutedHost[] = []
  const policies: SurroundingPolicy[] = []
  const defaultSidecars = new Map<string, DefaultSidecar>()
  let meshConfig: SurroundingMeshConfig | undefined
  for (const object of objects) {
    const kind = String(readPart(object.value, 'kind'))
    const name = String(readPart(object.value, 'metadata', 'name'))
    const stated = readPart(object.value, 'metadata', 'namespace')
    const place = { file: object.file, line: object.line }
    if (kind === 'Namespace') {
      namespaces.set(name, { place, labels: readLabels(readPart(object.value, 'metadata', 'labels')) })
      places.set(makeObjectKey({ kind, namespace: undefined, name }), place)
      continue
    }
    const namespace = typeof stated === 'string' ? stated : 'default'
    places.set(makeObjectKey({ kind, namespace, name }), place)
    if (!namespaces.has(namespace)) namespaces.set(namespace, undefined)
    if (callableKinds.has(kind)) callable.add(namespace)
    if (kind === 'ServiceAccount')
      accounts.set(`${namespace}/${name}`, { namespace, serviceAccount: name, labels: undefined })
    const template = podTemplates.get(kind)
    if (template !== undefined) {
      const account = readPart(object.value, ...template, 'spec', 'serviceAccountName')
      const serviceAccount = typeof account === 'string' && account !== '' ? account : 'default'
      const labels = readLabels(readPart(object.value, ...template, 'metadata', 'labels'))
      workloads.set(`${namespace}/${name}`, { namespace, serviceAccount, labels })
    }
    if (kind === 'VirtualService' || kind === 'DestinationRule')
      hosts.push(...listHosts(kind, object, namespace).map(host => ({ ...host, name, namespace, place })))
    if (kind === 'AuthorizationPolicy') policies.push({ name, namespace, place })
    if (kind === 'Sidecar' && readPart(object.value, 'spec', 'workloadSelector') === undefined)
      defaultSidecars.set(namespace, { place, ...readDefaultSidecar(readPart(object.value, 'spec')) })
    meshConfig ??= findMeshConfig(kind, name, object)
  }
  return {
    // A workload is meant before a service account of its name.
    workloads: new Map([...accounts, ...workloads]),
    namespaces: [...namespaces.keys()].toSorted(compare),
    declaredNamespaces: new Map(
      [...namespaces].flatMap(([name, fact]) => (fact === undefined ? [] : [[name, fact]])),
    ),
    callableNamespaces: [...callable].toSorted(compare),
    objects: places,
    hosts,
    policies,
    defaultSidecars,
    meshConfig,
  }
}

/** Lists the hosts that an object routes or sets a policy for, completed as Istio completes short names. */
function listHosts(
  kind: RoutedHost['kind'],
  { value }: ManifestDocument,
  namespace: string,
): readonly Pick<RoutedHost, 'kind' | 'host'>[] {
  const hosts =
    kind === 'DestinationRule' ? [readPart(value, 'spec', 'host')] : readPart(value, 'spec', 'hosts')
  const gateways = readPart(value, 'spec', 'gateways')
  const isForSidecars = !Array.isArray(gateways) || gateways.length === 0 || gateways.includes('mesh')
  if (!isForSidecars || !Array.isArray(hosts)) return []
  return hosts
    .filter(host => typeof host === 'string')
    .map(host => ({ kind, host: host.includes('.') ? host : `${host}.${namespace}.svc.cluster.local` }))
}

function readDefaultSidecar(spec: unknown): Omit<DefaultSidecar, 'place'> {
  const egress = readPart(spec, 'egress')
  const listeners: readonly unknown[] = Array.isArray(egress) ? egress : []
  const hosts = listeners.flatMap(listener => readPart(listener, 'hosts') ?? [])
  const ofListeners = listeners.flatMap(listener => Object.keys(isMap(listener) ? listener : {}))
  return {
    hosts: listeners.length === 0 ? undefined : hosts.filter(host => typeof host === 'string'),
    otherFields: [
      ...Object.keys(isMap(spec) ? spec : {}).filter(field => field !== 'egress'),
      ...ofListeners.filter(field => field !== 'hosts').map(field => `egress.${field}`),
    ],
  }
}

/** Finds the configuration that istiod is given: of an IstioOperator, or of the ConfigMap `istio`. */
function findMeshConfig(
  kind: string,
  name: string,
  object: ManifestDocument,
): SurroundingMeshConfig | undefined {
  if (kind === 'IstioOperator')
    return readMeshConfig(readPart(object.value, 'spec', 'meshConfig'), path =>
      object.lineOf(['spec', 'meshConfig', ...path]),
    )
  if (kind !== 'ConfigMap' || !/^istio(-|$)/.test(name)) return undefined
  const text = readPart(object.value, 'data', 'mesh')
  if (typeof text !== 'string') return undefined
  const read = readManifestDocuments(object.file, text)
  const [document] = 'documents' in read ? read.documents : []
  const first = object.lineOf(['data', 'mesh'])
  return readMeshConfig(document?.value, path => first + (document?.lineOf(path) ?? 0))

  function readMeshConfig(
    config: unknown,
    lineOf: (path: readonly string[]) => number,
  ): SurroundingMeshConfig {
    const readField = (...path: readonly string[]): ConfigField | undefined => {
      const value = readPart(config, ...path)
      return typeof value === 'string'
        ? { value, place: { file: object.file, line: lineOf(path) } }
        : undefined
    }
    const providers = readPart(config, 'extensionProviders')
    return {
      place: { file: object.file, line: object.line },
      rootNamespace: readField('rootNamespace'),
      trustDomain: readField('trustDomain'),
      outboundMode: readField('outboundTrafficPolicy', 'mode'),
      providers: (Array.isArray(providers) ? providers : [])
        .map((provider: unknown) => readPart(provider, 'name'))
        .filter(provider => typeof provider === 'string'),
    }
  }
}

const readPart = (value: unknown, ...path: readonly string[]): unknown =>
  path.reduce<unknown>((holder, key) => (isMap(holder) ? holder[key] : undefined), value)

const readLabels = (labels: unknown): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(isMap(labels) ? labels : {}).filter(
      (label): label is [string, string] => typeof label[1] === 'string',
    ),
  )
