import { isFollowedKind } from '../behavior/index.ts'
import type { ManifestObject } from '../behavior/manifest-object.ts'
import { isMap } from '../source/document.ts'
import { type ManifestDocument, readManifestDocuments } from '../source/manifest-documents.ts'
import { isMeshConfigSource } from './mesh-config-source.ts'

/** A file that may hold manifests which meshc did not write. */
export interface ForeignFile {
  /** The name of the file in messages. */
  readonly name: string
  readonly text: string
}

/** The contents of files of another author. */
interface ForeignManifests {
  /** The objects that can affect requests, each once. */
  readonly objects: readonly ManifestObject[]
  /** The other objects, which no request meets. */
  readonly others: readonly ManifestObject[]
  /** The documents that say the meshConfig, in the order of the files. */
  readonly settings: readonly ManifestObject[]
  /** The parts that are passed over, by the reason. */
  readonly passedOver: readonly PassedOver[]
}

/** Parts of files that do not affect requests, or only after another program has rendered them. */
export interface PassedOver {
  readonly kind: 'chart' | 'template' | 'kustomization' | 'spec' | 'no-manifest' | 'other-kind' | 'repeated'
  /** Files, kinds or objects. */
  readonly names: readonly string[]
}

/** A file that is meant as manifests and is no YAML; `line` and `column` count from 1. */
interface BrokenFile {
  readonly name: string
  readonly line: number
  readonly column: number
  readonly reason: string
  readonly help: string | undefined
}

/** Tells whether a file of a folder may hold manifests, as kubectl decides it. */
export const isManifestPath = (path: string): boolean => /\.(?:ya?ml|json)$/.test(path)

/** Finds the Helm chart of a file: the folder with a `Chart.yaml` around it, among some paths. */
export function makeChartFinder(paths: Iterable<string>): (path: string) => string | undefined {
  const charts = [...paths].filter(isChartFile).map(path => path.slice(0, -chartFile.length))
  return path => charts.find(chart => path.startsWith(chart))
}

const chartFile = 'Chart.yaml'
const isChartFile = (path: string) => path === chartFile || path.endsWith(`/${chartFile}`)

/** Reads the objects of files, as a cluster has them when all are applied in this order. */
export function readForeignFiles(files: Iterable<ForeignFile>): ForeignManifests | BrokenFile {
  const passedOver = new Map<PassedOver['kind'], Map<string, number>>()
  const pass = (kind: PassedOver['kind'], name: string) => {
    const names = passedOver.get(kind) ?? new Map<string, number>()
    passedOver.set(kind, names)
    names.set(name, (names.get(name) ?? 0) + 1)
  }
  const objects = new Map<string, ManifestObject>()
  const others: ManifestObject[] = []
  const settings: ManifestObject[] = []
  let nameless = 0
  for (const file of files) {
    if (isWithoutObjects(file)) continue
    if (/(^|\/)kustomization\.ya?ml$/i.test(file.name)) {
      pass('kustomization', file.name)
      continue
    }
    const read = readLeniently(file)
    if ('fault' in read) {
      if (isTemplate(file, read.fault.line)) pass('template', file.name)
      else if (!isMeantAsObject(file.text)) pass('no-manifest', file.name)
      else return { name: file.name, ...read.fault, help: adviseOnJoinedFiles(file.text, read.fault.line) }
      continue
    }
    for (const source of read.documents.flatMap(unpackList)) {
      const { value } = source
      const kind = isMap(value) && typeof value['kind'] === 'string' ? value['kind'] : undefined
      if (isMeshConfigSource(value)) settings.push(source)
      else if (!isMap(value)) pass('no-manifest', file.name)
      else if (kind === undefined) pass('meshc' in value ? 'spec' : 'no-manifest', file.name)
      else if (kind === 'Kustomization' || kind === 'Component') pass('kustomization', file.name)
      else if (JSON.stringify([kind, value['metadata']])?.includes('{{')) pass('template', file.name)
      else if (!isFollowedKind(value)) {
        pass('other-kind', nameKind(kind, value['apiVersion']))
        others.push(source)
      } else {
        const key = makeFileObjectKey(value) ?? `${nameless++}`
        if (objects.has(key)) pass('repeated', key)
        // A cluster keeps the last of several that are applied.
        objects.delete(key)
        objects.set(key, source)
      }
    }
  }
  return {
    objects: withoutOwned(objects),
    others,
    settings,
    passedOver: [...passedOver].map(([kind, names]) => ({
      kind,
      names:
        kind === 'other-kind'
          ? [...names].map(([name, count]) => (count === 1 ? name : `${name} (${count})`))
          : [...names.keys()],
    })),
  }
}

/** `ConfigMap`, or, for a kind of another program, kubectl's name: `Certificate.cert-manager.io`. */
function nameKind(kind: string, apiVersion: unknown): string {
  const [group = '', version] = String(apiVersion ?? '').split('/')
  return version !== undefined && group.includes('.') ? `${kind}.${group}` : kind
}

/**
 * Reads a file as kubectl does, to which a bracket may close left of where YAML lets it: such a line is moved to the right.
 */
function readLeniently({ name, text }: ForeignFile): ReturnType<typeof readManifestDocuments> {
  let read = readManifestDocuments(name, text)
  if (!('fault' in read)) return read
  const rows = text.split('\n')
  for (let tries = 0; tries < mostTries && 'fault' in read; tries++) {
    const index: number = read.fault.line - 1
    const row = rows[index] ?? ''
    if (!/^\s*[\]}]/.test(row) || row.startsWith(farRight)) break
    rows[index] = farRight + row
    read = readManifestDocuments(name, rows.join('\n'))
  }
  return read
}

const mostTries = 100
const farRight = ' '.repeat(120)

/** Sentences about the skipped parts, one for each reason. */
export const describePassedOver = ({ kind, names }: PassedOver): string =>
  `${listSome(names)}: ${passedOverReasons[kind]}`

const passedOverReasons: Readonly<Record<PassedOver['kind'], string>> = {
  chart: 'a Helm chart, passed over; `helm template` makes manifests of it',
  template: 'a template, passed over; `helm template` or its like makes manifests of it',
  kustomization: 'a kustomization, passed over; `kustomize build` makes manifests of it',
  spec: 'a spec of meshc, passed over; `--env` asks it',
  'no-manifest': 'no Kubernetes object, passed over',
  'other-kind': 'passed over, since meshc follows no requests through objects of this kind',
  repeated: 'there several times; the last one counts, as when all are applied in this order',
}

const mostNames = 6

function listSome(names: readonly string[]): string {
  const rest = names.length - mostNames
  const shown = names.slice(0, mostNames).join(', ')
  return rest > 0 ? `${shown} and ${rest} more` : shown
}

/** Tells whether a JSON file of a folder is about something else, as `package.json` is: no reader needs to know of it. */
const isWithoutObjects = ({ name, text }: ForeignFile): boolean =>
  name.endsWith('.json') && !(text.includes('"kind"') && text.includes('"apiVersion"'))

/** Tells whether a text that is no YAML was meant as an object of Kubernetes. */
const isMeantAsObject = (text: string): boolean => /^[\s-]*["']?(?:apiVersion|kind)["']?\s*:/m.test(text)

/** Words of Helm between its braces. See https://helm.sh/docs/chart_template_guide/ */
const helmAction =
  /\{\{-?\s*(?:\/\*|\.(?:Values|Release|Chart|Files|Capabilities|Template)\b|(?:if|else|end|range|with|include|template|define|block|tpl|toYaml)\b)/

function isTemplate({ name, text }: ForeignFile, line: number): boolean {
  if (helmAction.test(text) || /\.(?:tpl|j2|gotmpl)$/.test(name)) return true
  // In valid YAML, the braces of Prometheus rules are in texts. Braces that make a file invalid are at the position of the error.
  return text
    .split('\n')
    .slice(Math.max(0, line - 2), line)
    .some(row => /\{\{|\{%/.test(row))
}

/** Names the fault that files mostly have after `cat` has joined them. */
function adviseOnJoinedFiles(text: string, line: number): string | undefined {
  const rows = text.split('\n')
  const isGlued = rows.slice(Math.max(0, line - 2), line).some(row => /\S(?:apiVersion|kind): ?\S/.test(row))
  const isUnparted = /^(?:apiVersion|kind):/.test(rows[line - 1] ?? '')
  return isGlued || isUnparted
    ? 'put a line `---` between two objects; files are put together by naming them all: `meshc lint a.yaml b.yaml`'
    : undefined
}

/** The items of a List, which are in the document of the List. Items of a `ServiceList` may omit their kind. */
function unpackList(source: ManifestDocument): readonly ManifestObject[] {
  const { value } = source
  if (!isMap(value) || !Array.isArray(value['items'])) return [source]
  const kind = String(value['kind'])
  if (!kind.endsWith('List')) return [source]
  const base = kind === 'List' ? {} : { apiVersion: value['apiVersion'], kind: kind.slice(0, -'List'.length) }
  return value['items'].flatMap((item, index) =>
    unpackList({
      value: isMap(item) && item['kind'] === undefined ? { ...base, ...item } : item,
      file: source.file,
      get line() {
        return source.lineOf(['items', index])
      },
      lineOf: path => source.lineOf(['items', index, ...path]),
    }),
  )
}

/** `Kind/namespace/name`, with kubectl's default namespace; undefined without a name. */
function makeFileObjectKey(value: Readonly<Record<string, unknown>>): string | undefined {
  const metadata = isMap(value['metadata']) ? value['metadata'] : {}
  if (typeof metadata['name'] !== 'string') return undefined
  if (value['kind'] === 'Namespace') return `Namespace/${metadata['name']}`
  return makeKey(value['kind'], metadata['namespace'], metadata['name'])
}

const makeKey = (kind: unknown, namespace: unknown, name: unknown) =>
  `${kind}/${typeof namespace === 'string' && namespace !== '' ? namespace : 'default'}/${name}`

/** Drops the objects that a cluster makes from others, such as the ReplicaSets and Pods of a Deployment in the list. */
function withoutOwned(objects: ReadonlyMap<string, ManifestObject>): readonly ManifestObject[] {
  const isOwned = ({ value }: ManifestObject): boolean => {
    const metadata = isMap(value) && isMap(value['metadata']) ? value['metadata'] : {}
    const owners = metadata['ownerReferences']
    return (
      Array.isArray(owners) &&
      owners.some(
        owner =>
          isMap(owner) &&
          owner['controller'] === true &&
          objects.has(makeKey(owner['kind'], metadata['namespace'], owner['name'])),
      )
    )
  }
  return [...objects.values()].filter(object => !isOwned(object))
}
