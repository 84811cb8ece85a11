import { createHash } from 'node:crypto'
import type { ManifestObject } from '../../compiler/behavior/manifest-object.ts'
import type { Compilation } from '../../compiler/compile.ts'
import { compile } from '../../compiler/compile.ts'
import type { Source } from '../../compiler/diagnostics/source.ts'
import { compiledFiles, isForCluster } from '../../compiler/manifests/compiled-objects.ts'
import { supposedObjects } from '../../compiler/manifests/supposed-objects.ts'
import { partiesOf } from '../../compiler/review/parties.ts'
import type { Side, SideFile } from '../../compiler/review/side.ts'
import { isMap } from '../../compiler/source/document.ts'
import type { Workspace } from '../../compiler/source/load.ts'
import { manifestDocuments } from '../../compiler/source/manifest-documents.ts'
import { manifestFolder } from '../behavior/manifest-folder.ts'
import { Failure } from '../failure.ts'
import { lockFileName } from '../output/lock-file.ts'
import { version } from '../package.ts'
import type { Environment } from '../project.ts'
import { type Commit, contentsOf, type Repository, type TreeEntry } from '../revision/repository.ts'

/** A revision, with the files that it has of the project. */
export interface Revision {
  readonly repository: Repository
  readonly commit: Commit
  readonly tree: ReadonlyMap<string, TreeEntry>
  readonly workspace: Workspace
}

/** What a spec makes of an environment. `digestOf`: by which its files are told from those of another side. */
export function compiledSide(
  name: string,
  { environment, compilation, sources }: CompiledSpec,
  digestOf?: (text: string) => string,
): Side {
  const files = compiledFiles(compilation, environment.output, digestOf)
  return {
    name,
    files: files
      .filter(({ path }) => isReviewed(path))
      .map(file => ({ ...file, isForCluster: isForCluster(file.path), isMade: true })),
    beside: supposedObjects(compilation, sources),
    spec: specOf({ compilation, sources }),
    version,
  }
}

interface CompiledSpec {
  readonly environment: Environment
  readonly compilation: Compilation
  readonly sources: readonly Source[]
}

const specOf = ({ compilation, sources }: Pick<CompiledSpec, 'compilation' | 'sources'>) => ({
  layers: compilation.layers,
  sourceMap: compilation.sourceMap,
  sources,
  parties: partiesOf(compilation.mesh),
})

/**
 * An environment as a revision has it: what is committed in out/, since that is what is deployed from it; where nothing
 * is, what its specs make. Undefined where it has neither.
 */
export function revisionSide(revision: Revision, environment: Environment): Side | undefined {
  const { commit, tree, workspace } = revision
  const result = tree.has(environment.entry) ? compile(environment.entry, workspace) : undefined
  const made =
    result?.ok === true
      ? compiledSide(
          commit.words,
          { environment, compilation: result.value, sources: result.sources },
          gitDigest(commit),
        )
      : undefined
  if (tree.has(`${environment.output}/${lockFileName}`)) return committedSide(revision, environment, made)
  if (made !== undefined || result === undefined) return made
  const [first] = result.diagnostics
  throw new Failure(
    `\`${environment.name}\` does not compile as it is in \`${commit.words}\`, and nothing is committed in its \`${environment.output}\``,
    first === undefined ? undefined : `${first.code} in ${first.at.file}: ${first.message}`,
  )
}

/** Files that the specs of the revision make just so need not be read: their objects are known, and why they are there. */
function committedSide(
  { repository, commit, tree }: Revision,
  { output }: Environment,
  made: Side | undefined,
): Side {
  const makes = new Map(made?.files.map(file => [file.path, file]))
  const committed = [...tree].flatMap(([path, { digest, kind }]) =>
    kind === 'file' && path.startsWith(`${output}/`)
      ? [{ file: path, path: path.slice(output.length + 1), digest }]
      : [],
  )
  const reviewed = committed.filter(({ path }) => isReviewed(path))
  const isMade = ({ path, digest }: { readonly path: string; readonly digest: string }) =>
    makes.get(path)?.digest === digest
  const lock = tree.get(`${output}/${lockFileName}`)!
  const contents = contentsOf(repository, [
    lock.digest,
    ...reviewed.filter(file => !isMade(file)).map(({ digest }) => digest),
  ])
  const files = reviewed.map((file): SideFile => {
    const known = makes.get(file.path)
    if (known !== undefined && isMade(file)) return known
    const read = manifestDocuments(file.file, contents.get(file.digest)!.toString())
    if ('documents' in read)
      return {
        path: file.path,
        digest: file.digest,
        objects: read.documents,
        isForCluster: isForCluster(file.path),
        isMade: false,
      }
    throw new Failure(
      `\`${file.file}\` is no YAML in \`${commit.words}\`: line ${read.fault.line}: ${read.fault.reason}`,
    )
  })
  return {
    name: commit.words,
    files,
    beside: made?.beside ?? [],
    spec: made?.spec,
    version: versionIn(contents.get(lock.digest)!.toString()),
  }
}

/** By which git knows a text. */
export const gitDigest =
  ({ digest }: Commit) =>
  (text: string): string => {
    const bytes = Buffer.from(text)
    return createHash(digest.length === 64 ? 'sha256' : 'sha1')
      .update(`blob ${bytes.length}\0`)
      .update(bytes)
      .digest('hex')
  }

/** A folder of manifests that somebody else made. `after`: what it is held against, whose workloads run beside it unless it has its own. */
export function folderSides(folder: string, after: Side): { readonly before: Side; readonly after: Side } {
  const objects = manifestFolder(folder)
  const beside = objects.filter(({ value }) => isBeside(value))
  const byFile = new Map<string, ManifestObject[]>()
  for (const object of objects.filter(({ value }) => !isBeside(value))) {
    const known = byFile.get(object.file)
    if (known === undefined) byFile.set(object.file, [object])
    else known.push(object)
  }
  const before: Side = {
    name: folder,
    files: [...byFile].map(([path, objects]) => ({
      path,
      digest: undefined,
      objects,
      isForCluster: true,
      isMade: false,
    })),
    beside: beside.length > 0 ? beside : after.beside,
    spec: undefined,
    version: undefined,
  }
  return { before, after: beside.length > 0 ? { ...after, beside } : after }
}

/** What no meshc makes, and runs beside what it makes. */
const isBeside = (value: unknown) =>
  isMap(value) &&
  /^(Service|Deployment|StatefulSet|DaemonSet|ReplicaSet|Pod|Job|CronJob|Rollout|WorkloadEntry|WorkloadGroup)$/.test(
    String(value['kind']),
  ) &&
  !String(value['apiVersion']).startsWith('serving.knative.dev')

/** What a cluster is told. The values of charts repeat it, and so do the chart and the documents. */
const isReviewed = (path: string) =>
  /\.ya?ml$/.test(path) &&
  (path.startsWith('manifests/') || path.startsWith('argocd/') || path === 'istio/istio-operator.yaml')

function versionIn(lock: string): string | undefined {
  try {
    const value: unknown = JSON.parse(lock)
    return isMap(value) && typeof value['meshc'] === 'string' ? value['meshc'] : undefined
  } catch {
    return undefined
  }
}
