import type { ManifestObject } from '../behavior/manifest-object.ts'
import type { SpecPath } from '../diagnostics/diagnostic.ts'
import { isMap } from '../source/document.ts'
import { readManifestDocuments } from '../source/manifest-documents.ts'

type Values = Readonly<Record<string, unknown>>

/** A document with the meshConfig of a mesh, and the path of the meshConfig in it. */
interface MeshConfigSource {
  /** `the ConfigMap istio`. */
  readonly words: string
  /** Lower comes first. */
  readonly rank: number
  /** The path of the meshConfig in the document. */
  readonly path: readonly string[]
}

/**
 * Finds the path of the meshConfig in a document: an IstioOperator, the Istio of Sail, the ConfigMap that istiod reads, or values of
 * the chart istiod. See https://istio.io/latest/docs/reference/config/istio.mesh.v1alpha1/
 */
function findConfigSource(value: unknown): MeshConfigSource | undefined {
  if (!isMap(value)) return undefined
  const { kind, apiVersion, metadata } = value
  const group = String(apiVersion ?? '').split('/')[0]
  if (kind === 'IstioOperator' && group === 'install.istio.io') {
    const isInValues = mapAt(value, ['spec', 'meshConfig']) === undefined
    const path = isInValues ? ['spec', 'values', 'meshConfig'] : ['spec', 'meshConfig']
    return { words: 'the IstioOperator', rank: 1, path }
  }
  if (kind === 'Istio' && group === 'sailoperator.io')
    return { words: 'the Istio of the Sail operator', rank: 1, path: ['spec', 'values', 'meshConfig'] }
  if (kind === 'ConfigMap' && isMap(metadata) && metadata['name'] === 'istio' && hasMesh(value))
    return { words: 'the ConfigMap `istio`', rank: 2, path: ['data', 'mesh'] }
  if (kind === undefined && mapAt(value, ['meshConfig']) !== undefined)
    return { words: 'values of the chart `istiod`', rank: 3, path: ['meshConfig'] }
  return undefined
}

const hasMesh = (value: Values) => typeof mapAt(value, ['data'])?.['mesh'] === 'string'

/** Tells whether a document has the meshConfig. */
export const isMeshConfigSource = (value: unknown): boolean => findConfigSource(value) !== undefined

/** The meshConfig that counts. */
interface ChosenMeshConfig {
  /** The meshConfig as an IstioOperator, whose positions are those of the original document. */
  readonly operator: ManifestObject
  /** `the ConfigMap istio (all.yaml:3)`. */
  readonly words: string
  /** The others that say a meshConfig, in the same words. */
  readonly others: readonly string[]
  /** The IstioOperators of other revisions. */
  readonly beside: readonly ManifestObject[]
}

/** Chooses of several documents: an IstioOperator before the ConfigMap that is made of it, and both before values. */
export function chooseMeshConfig(documents: readonly ManifestObject[]): ChosenMeshConfig | undefined {
  const sources = documents
    .flatMap(document => {
      const source = findConfigSource(document.value)
      return source === undefined ? [] : [{ ...source, document }]
    })
    .toSorted((a, b) => a.rank - b.rank)
  const [first, ...others] = sources
  if (first === undefined) return undefined
  const describe = ({ words, document }: (typeof sources)[number]) =>
    `${words} (${document.file}:${document.line})`
  const beside = others.filter(({ document }) => isOfOtherRevision(document, first.document))
  return {
    operator: makeOperator(first.document, first.path),
    words: describe(first),
    others: others.filter(source => !beside.includes(source)).map(describe),
    beside: beside.map(({ document, path }, index) => makeOperator(document, path, `istio-${index + 2}`)),
  }
}

/** Tells whether two documents install control planes with different revisions. */
function isOfOtherRevision({ value }: ManifestObject, first: ManifestObject): boolean {
  const [revision, firstRevision] = [value, first.value].map(each => readInstallation(each)['revision'])
  return typeof revision === 'string' && typeof firstRevision === 'string' && revision !== firstRevision
}

/** A file that is named as the meshConfig, in any of its forms, or as MeshConfig itself. */
export function readMeshConfigDocument(document: ManifestObject): ManifestObject {
  const source = findConfigSource(document.value)
  return makeOperator(document, source?.path ?? [])
}

function makeOperator(document: ManifestObject, path: readonly string[], name = 'istio'): ManifestObject {
  const part = path.reduce<unknown>((outer, key) => (isMap(outer) ? outer[key] : undefined), document.value)
  const text = typeof part === 'string' ? readDocument(part) : undefined
  const meshConfig = typeof part === 'string' ? text?.value : part
  const getLine = ([, , ...rest]: SpecPath): number => {
    if (typeof part !== 'string') return document.lineOf([...path, ...rest])
    // A text of several lines begins in the line below its key.
    const offset = part.includes('\n') ? (text?.lineOf(rest) ?? 0) : 0
    return document.lineOf(path) + offset
  }
  return {
    value: {
      apiVersion: 'install.istio.io/v1alpha1',
      kind: 'IstioOperator',
      metadata: { name, namespace: 'istio-system' },
      spec: { ...readInstallation(document.value), ...(isMap(meshConfig) && { meshConfig }) },
    },
    file: document.file,
    get line() {
      return document.lineOf(path)
    },
    lineOf: getLine,
  }
}

/** The `spec` of an IstioOperator; nothing of other documents, which install otherwise. */
const readInstallation = (value: unknown): Values =>
  isMap(value) && value['kind'] === 'IstioOperator' ? (mapAt(value, ['spec']) ?? {}) : {}

function readDocument(text: string): ManifestObject | undefined {
  const read = readManifestDocuments('', text)
  return 'documents' in read ? read.documents[0] : undefined
}

function mapAt(value: unknown, path: readonly string[]): Values | undefined {
  const part = path.reduce<unknown>((outer, key) => (isMap(outer) ? outer[key] : undefined), value)
  return isMap(part) ? part : undefined
}
