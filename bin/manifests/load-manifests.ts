import type { ManifestObject } from '../../compiler/behavior/manifest-object.ts'
import { makeTextVisible } from '../../compiler/diagnostics/visible.ts'
import {
  describePassedOver,
  type ForeignFile,
  type PassedOver,
  readForeignFiles,
} from '../../compiler/manifests/foreign-files.ts'
import { chooseMeshConfig, readMeshConfigDocument } from '../../compiler/manifests/mesh-config-source.ts'
import { isMap } from '../../compiler/source/document.ts'
import { readManifestDocuments } from '../../compiler/source/manifest-documents.ts'
import { Failure } from '../cli/failure.ts'
import { mustRead } from '../files/read-file.ts'
import { type ManifestFiles, readManifestFiles } from './manifest-files.ts'

/** Manifests of another author, in the form for questions. */
export interface LoadedManifests {
  /** `clusters/prod, clusters/shared`. */
  readonly name: string
  readonly objects: readonly ManifestObject[]
  /** The objects that no request meets. */
  readonly others: readonly ManifestObject[]
  /** Every object as it is written, those with the meshConfig among them. */
  readonly written: readonly ManifestObject[]
  /** The texts that contain the objects. */
  readonly files: readonly ForeignFile[]
  /** Remarks for a reader: the skipped parts, and the chosen one of several meshConfigs. */
  readonly notes: readonly string[]
  readonly passedOver: readonly PassedOver[]
}

/** Reads manifests of folders, of files, and of standard input, which is called `-`. */
export function loadManifests(
  places: readonly string[],
  meshConfigFile: string | undefined,
): LoadedManifests {
  const read = sortManifests(describePlaces(places), readManifestFiles(places), meshConfigFile)
  refuseEmpty(read)
  return read
}

/** Refuses a state of manifests without an object that is followed. */
export function refuseEmpty(manifests: LoadedManifests): void {
  if (manifests.objects.length === 0) throw failWithoutObjects(manifests)
}

/** The places as a heading names them. */
export const describePlaces = (places: readonly string[]): string =>
  places.map(place => (place === '-' ? 'standard input' : place)).join(', ')

/**
 * Sorts the files of a state of manifests.
 *
 * @param name the name of the state
 * @param meshConfigFile the file whose meshConfig is used, whatever the manifests contain
 */
export function sortManifests(
  name: string,
  { files, charts }: ManifestFiles,
  meshConfigFile: string | undefined,
): LoadedManifests {
  const sorted = readForeignFiles(files)
  if ('reason' in sorted)
    throw new Failure(`${sorted.name}:${sorted.line}:${sorted.column}: ${sorted.reason}`, sorted.help)
  const passedOver: readonly PassedOver[] = [
    ...(charts.length > 0 ? [{ kind: 'chart' as const, names: charts }] : []),
    ...sorted.passedOver,
  ]
  const chosen =
    meshConfigFile === undefined
      ? chooseMeshConfig(sorted.settings)
      : { operator: readMeshConfigFile(meshConfigFile), words: meshConfigFile, others: [], beside: [] }
  const notes = [
    ...passedOver.map(describePassedOver),
    ...(chosen !== undefined && chosen.others.length > 0
      ? [`the meshConfig is that of ${chosen.words}, and not that of ${describeFew(chosen.others)}`]
      : []),
  ]
  return {
    name,
    objects: [...sorted.objects, ...(chosen === undefined ? [] : [chosen.operator, ...chosen.beside])],
    others: sorted.others,
    written: [...sorted.objects, ...sorted.others, ...sorted.settings],
    files,
    notes: notes.map(note => makeTextVisible(note)),
    passedOver,
  }
}

function readMeshConfigFile(file: string): ManifestObject {
  const read = readManifestDocuments(file, mustRead(file, file).toString('utf8'))
  if ('fault' in read)
    throw new Failure(`${file}:${read.fault.line}:${read.fault.column}: ${read.fault.reason}`)
  const [document] = read.documents
  if (document === undefined || !isMap(document.value))
    throw new Failure(
      `\`${file}\` says no meshConfig`,
      'it holds the fields of MeshConfig, an IstioOperator, the ConfigMap `istio`, or values of the chart istiod',
    )
  return readMeshConfigDocument(document)
}

function describeFew([first = '', ...rest]: readonly string[]): string {
  return rest.length === 0 ? first : `${first} or of ${rest.length} more`
}

/** Makes the failure for files without objects, which lists the files that exist. */
function failWithoutObjects({ name, files, passedOver }: LoadedManifests): Failure {
  const has = (kind: PassedOver['kind']) => passedOver.find(each => each.kind === kind)?.names[0]
  const [spec, chart, kustomization] = [has('spec'), has('chart') ?? has('template'), has('kustomization')]
  const help =
    spec !== undefined
      ? `\`${spec}\` is a spec of meshc, which \`--env <name>\` asks`
      : chart !== undefined
        ? 'ask what Helm makes of it: `helm template … | meshc lint -`'
        : kustomization !== undefined
          ? 'ask what kustomize makes of it: `kustomize build … | meshc lint -`'
          : 'name files or folders with objects of Kubernetes and Istio; `kubectl get services,deployments,… --all-namespaces --output yaml | meshc lint -` asks a cluster'
  const what = files.length === 0 && passedOver.length === 0 ? 'no YAML' : 'no manifest that meshc follows'
  return new Failure(`\`${name}\` has ${what}`, help, passedOver.map(describePassedOver))
}
