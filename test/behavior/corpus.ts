import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { LineCounter, parseAllDocuments } from 'yaml'
import type { ManifestObject } from '../../compiler/behavior/manifest-object.ts'
import type { Request } from '../../compiler/behavior/request.ts'
import { environments } from '../support/specs.ts'
import type { Truth } from './truth.ts'

/** A mesh for which the handling of requests by the real Istio and Envoy is recorded. */
interface CorpusMesh {
  readonly name: string
  /** The folder of its requests and of the truth. */
  readonly home: string
  /** The folders of its manifests, from the root of the repository. */
  readonly folders: readonly string[]
}

/** The number of requests of each mesh. */
export const requestsPerMesh = 100

const root = join(import.meta.dirname, '../..')
const meshes = join(import.meta.dirname, 'meshes')

/**
 * All meshes of the corpus: handwritten meshes, drawn meshes, and meshes that meshc builds. The manifests of
 * the last group are not copied, and the corpus has only the objects that teams run beside them.
 */
export const corpus: readonly CorpusMesh[] = readdirSync(meshes)
  .toSorted()
  .map(name => {
    const home = join(meshes, name)
    const environment = environments.find(
      given => given.replace('examples/', '').replaceAll('/', '-') === name,
    )
    const built =
      environment === undefined ? [] : [`out/${environment}/manifests`, `out/${environment}/istio`]
    return { name, home, folders: [...built, relative(root, home)] }
  })

/** Lists all objects in the manifests of a mesh. */
export function listObjects({ folders }: CorpusMesh): readonly ManifestObject[] {
  return folders.flatMap(folder =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter(name => name.endsWith('.yaml'))
      .toSorted()
      .flatMap(name => manifestObjects(`${folder}/${name}`, readFileSync(join(root, folder, name), 'utf8'))),
  )
}

/** Returns the objects of a YAML text, by a parser that shares no code with meshc. */
export function manifestObjects(file: string, text: string): readonly ManifestObject[] {
  const lines = new LineCounter()
  return parseAllDocuments(text, { lineCounter: lines })
    .map(document => ({
      value: document.toJS() as unknown,
      line: lines.linePos(document.contents?.range?.[0] ?? 0).line,
    }))
    .filter(({ value }) => typeof value === 'object' && value !== null && 'kind' in value)
    .map(({ value, line }) => ({ value, file, line, lineOf: () => line }))
}

export const listRequests = ({ home }: CorpusMesh): readonly Request[] =>
  // `requestsFor` has drawn these lines, and makes only requests.
  readLines(join(home, 'requests.jsonl')).map(line => JSON.parse(line) as Request)

/** Returns the handwritten requests, which come before the drawn requests and have no numbers. */
export const writtenRequests = ({ home }: CorpusMesh): readonly Request[] =>
  // A person has written these lines in the shape of the drawn requests.
  readLines(join(home, 'written.jsonl')).map(line => JSON.parse(line) as Request)

/** The objects of a mesh that Istio refuses, such as `VirtualService shop/cart`, in the order of its files. */
export const refusedIn = ({ home }: CorpusMesh): readonly string[] => readLines(join(home, 'refused.txt'))

/** The truth of a mesh: one result for each request, and the digest of the mesh. */
interface RecordedTruth {
  readonly asked: string
  readonly truths: readonly Truth[]
}

export function getTruths({ home }: CorpusMesh): RecordedTruth {
  const [first = '{}', ...rest] = readLines(join(home, 'truth.jsonl'))
  // `truthText` wrote both.
  const { asked } = JSON.parse(first) as { asked: string }
  return { asked, truths: rest.map(line => JSON.parse(line) as Truth) }
}

/** Returns the file of a truth, in the form that `getTruths` reads. */
export const truthText = ({ asked, truths }: RecordedTruth): string =>
  [{ asked }, ...truths].map(line => `${JSON.stringify(line)}\n`).join('')

/**
 * Returns a digest of the requests, and of the parts of manifests that affect them. A changed dashboard does
 * not change the truth.
 */
export function getRequested(mesh: CorpusMesh): string {
  const bearing = listObjects(mesh)
    .map(({ value }) => bearingPart(value))
    .filter(part => part !== undefined)
  const asked = [bearing, listRequests(mesh)]
  return createHash('sha256').update(JSON.stringify(asked)).digest('hex').slice(0, 16)
}

function bearingPart(value: unknown): unknown {
  // Only a value with a kind is an object.
  const { apiVersion, kind, metadata, spec, status } = value as Record<
    string,
    Record<string, unknown> | undefined
  >
  const group = String(apiVersion).replace(/\/.*/, '')
  if (String(kind) === 'IstioOperator') return { kind, meshConfig: spec?.['meshConfig'] }
  if (
    !/^(networking\.istio\.io|security\.istio\.io|apps|batch|v1)$/.test(group) ||
    String(kind) === 'ConfigMap'
  )
    return undefined
  const { name, namespace, labels, annotations, creationTimestamp } = metadata ?? {}
  const isIstio = group.endsWith('istio.io')
  return {
    apiVersion,
    kind,
    name,
    namespace,
    creationTimestamp,
    ...(!isIstio && { labels, annotations }),
    spec,
    status,
  }
}

function readLines(file: string): readonly string[] {
  if (!existsSync(file)) return []
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter(line => line !== '')
}
