import type { ManifestObject } from '../behavior/manifest-object.ts'
import { podTemplates } from '../behavior/pod-templates.ts'
import { readMachine } from '../behavior/read/machines.ts'
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
import { surroundingsEmpty, surroundingsUnreadable } from './diagnostics.ts'
import { type ForeignFile, isManifestPath, makeChartFinder, readForeignFiles } from './foreign-files.ts'
import { chooseMeshConfig } from './mesh-config-source.ts'

/** The manifests that others own, as a spec names their folders. */
export interface ReadSurroundings {
  readonly objects: readonly ManifestObject[]
  readonly facts: Surroundings
  /** An error for each folder without an object and each file that cannot be read. */
  readonly diagnostics: readonly Diagnostic[]
}

/**
 * Reads the surroundings of a mesh: the objects in the files below some folders, with the configuration of the control plane as an
 * IstioOperator. Charts, templates, values and kustomizations hold no objects and are passed over.
 *
 * @param folders paths from the root of the repository
 */
export function readSurroundings(
  folders: readonly string[] | undefined,
  workspace: Workspace,
): ReadSurroundings {
  const none = { objects: [], facts: noSurroundings, diagnostics: [] }
  if (folders === undefined) return none
  const diagnostics: Diagnostic[] = []
  const refuse = (name: string, reason: string) => {
    const index = folders.findIndex(folder => name.startsWith(`${folder}/`))
    diagnostics.push(surroundingsUnreadable({ path: ['surroundings', index] }, { file: name, reason }))
  }
  const read = readForeignFiles(readFileTexts(listFiles(folders, workspace), workspace, refuse))
  if ('reason' in read) {
    refuse(read.name, `line ${read.line}: ${read.reason}`)
    return { ...none, diagnostics }
  }
  const { operator: config, beside = [] } = chooseMeshConfig(read.settings) ?? {}
  const all = [...read.objects, ...read.others, ...(config === undefined ? [] : [config])]
  if (diagnostics.length === 0)
    for (const [index, folder] of folders.entries())
      if (!all.some(({ file }) => file.startsWith(`${folder}/`)))
        diagnostics.push(surroundingsEmpty({ path: ['surroundings', index] }, { folder }))
  return {
    objects: config === undefined ? read.objects : [...read.objects, config, ...beside],
    facts: {
      ...collectFacts([...read.objects, ...read.others]),
      meshConfig: config && readMeshConfig(config),
    },
    diagnostics,
  }
}

/** Lists the possible manifest files below some folders without repetition, without those of charts. */
function listFiles(folders: readonly string[], workspace: Workspace): readonly string[] {
  const files = [...new Set(folders.flatMap(folder => workspace.listBelow(folder)))].toSorted(compare)
  const findChart = makeChartFinder(files)
  return files.filter(file => isManifestPath(file) && findChart(file) === undefined)
}

const readFileTexts = (
  files: readonly string[],
  workspace: Workspace,
  refuse: (name: string, reason: string) => void,
): readonly ForeignFile[] =>
  files.flatMap(name => {
    const content = workspace.read(name)
    if ('text' in content) return { name, text: content.text }
    refuse(name, 'reason' in content ? content.reason : 'it is larger than 64 MiB')
    return []
  })

/** The kinds of objects that a sidecar sees by its `egress.hosts`. */
const callableKinds: ReadonlySet<string> = new Set(['Service', 'ServiceEntry', 'VirtualService'])

function collectFacts(objects: readonly ManifestObject[]): Omit<Surroundings, 'meshConfig'> {
  const workloads = new Map<string, SurroundingWorkload>()
  const accounts = new Map<string, SurroundingWorkload>()
  const services = new Map<string, Readonly<Record<string, string>>>()
  const namespaces = new Map<string, SurroundingNamespace | undefined>()
  const callable = new Set<string>()
  const places = new Map<string, ManifestPlace>()
  const hosts: RoutedHost[] = []
  const policies: SurroundingPolicy[] = []
  const defaultSidecars = new Map<string, DefaultSidecar>()
  for (const object of objects) {
    const kind = String(readPartAt(object.value, 'kind'))
    const name = String(readPartAt(object.value, 'metadata', 'name'))
    const stated = readPartAt(object.value, 'metadata', 'namespace')
    const place = { file: object.file, line: object.line }
    if (kind === 'Namespace') {
      namespaces.set(name, { place, labels: readTextLabels(readPartAt(object.value, 'metadata', 'labels')) })
      places.set(makeObjectKey({ kind, namespace: undefined, name }), place)
      continue
    }
    const namespace = typeof stated === 'string' ? stated : 'default'
    places.set(makeObjectKey({ kind, namespace, name }), place)
    if (!namespaces.has(namespace)) namespaces.set(namespace, undefined)
    if (callableKinds.has(kind)) callable.add(namespace)
    const selector = readTextLabels(readPartAt(object.value, 'spec', 'selector'))
    if (kind === 'Service' && Object.keys(selector).length > 0) services.set(`${namespace}/${name}`, selector)
    if (kind === 'ServiceAccount')
      accounts.set(`${namespace}/${name}`, { namespace, serviceAccount: name, labels: undefined })
    const template = podTemplates.get(kind)
    if (template !== undefined) {
      const account = readPartAt(object.value, ...template, 'spec', 'serviceAccountName')
      const serviceAccount = typeof account === 'string' && account !== '' ? account : 'default'
      const labels = readTextLabels(readPartAt(object.value, ...template, 'metadata', 'labels'))
      workloads.set(`${namespace}/${name}`, { namespace, serviceAccount, labels })
    }
    if (kind === 'WorkloadEntry' || kind === 'WorkloadGroup') {
      const { serviceAccount, labels } = readMachine(object)
      workloads.set(`${namespace}/${name}`, { namespace, serviceAccount, labels })
    }
    if (kind === 'VirtualService' || kind === 'DestinationRule')
      hosts.push(
        ...listRoutedHosts(kind, object, namespace).map(host => ({ ...host, name, namespace, place })),
      )
    if (kind === 'AuthorizationPolicy') policies.push({ name, namespace, place })
    if (kind === 'Sidecar' && readPartAt(object.value, 'spec', 'workloadSelector') === undefined)
      defaultSidecars.set(namespace, { place, ...readDefaultSidecar(readPartAt(object.value, 'spec')) })
  }
  return {
    // A workload is meant before a service account of its name.
    workloads: new Map([...accounts, ...workloads]),
    services,
    namespaces: [...namespaces.keys()].toSorted(compare),
    declaredNamespaces: new Map(
      [...namespaces].flatMap(([name, fact]) => (fact === undefined ? [] : [[name, fact]])),
    ),
    callableNamespaces: [...callable].toSorted(compare),
    objects: places,
    hosts,
    policies,
    defaultSidecars,
  }
}

/** Lists the hosts that an object routes or sets a policy for, completed as Istio completes short names. */
function listRoutedHosts(
  kind: RoutedHost['kind'],
  { value }: ManifestObject,
  namespace: string,
): readonly Pick<RoutedHost, 'kind' | 'host'>[] {
  const hosts =
    kind === 'DestinationRule' ? [readPartAt(value, 'spec', 'host')] : readPartAt(value, 'spec', 'hosts')
  const gateways = readPartAt(value, 'spec', 'gateways')
  const isForSidecars = !Array.isArray(gateways) || gateways.length === 0 || gateways.includes('mesh')
  if (!isForSidecars || !Array.isArray(hosts)) return []
  return hosts
    .filter(host => typeof host === 'string')
    .map(host => ({ kind, host: host.includes('.') ? host : `${host}.${namespace}.svc.cluster.local` }))
}

function readDefaultSidecar(spec: unknown): Omit<DefaultSidecar, 'place'> {
  const egress = readPartAt(spec, 'egress')
  const listeners: readonly unknown[] = Array.isArray(egress) ? egress : []
  const hosts = listeners.flatMap(listener => readPartAt(listener, 'hosts') ?? [])
  const ofListeners = listeners.flatMap(listener => Object.keys(isMap(listener) ? listener : {}))
  return {
    hosts: listeners.length === 0 ? undefined : hosts.filter(host => typeof host === 'string'),
    otherFields: [
      ...Object.keys(isMap(spec) ? spec : {}).filter(field => field !== 'egress'),
      ...ofListeners.filter(field => field !== 'hosts').map(field => `egress.${field}`),
    ],
  }
}

/** Reads the part of a meshConfig that a spec can contradict, from an IstioOperator. */
function readMeshConfig({ value, file, line, lineOf }: ManifestObject): SurroundingMeshConfig {
  const config = readPartAt(value, 'spec', 'meshConfig')
  const readField = (...path: readonly string[]): ConfigField | undefined => {
    const text = readPartAt(config, ...path)
    if (typeof text !== 'string') return undefined
    return { value: text, place: { file, line: lineOf(['spec', 'meshConfig', ...path]) } }
  }
  const providers = readPartAt(config, 'extensionProviders')
  return {
    place: { file, line },
    rootNamespace: readField('rootNamespace'),
    trustDomain: readField('trustDomain'),
    outboundMode: readField('outboundTrafficPolicy', 'mode'),
    providers: (Array.isArray(providers) ? providers : [])
      .map((provider: unknown) => readPartAt(provider, 'name'))
      .filter(provider => typeof provider === 'string'),
  }
}

const readPartAt = (value: unknown, ...path: readonly string[]): unknown =>
  path.reduce<unknown>((holder, key) => (isMap(holder) ? holder[key] : undefined), value)

const readTextLabels = (labels: unknown): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(isMap(labels) ? labels : {}).filter(
      (label): label is [string, string] => typeof label[1] === 'string',
    ),
  )
