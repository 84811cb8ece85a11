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

/** What a spec makes of an environment. */
export const compiledSide = (name: string, compiled: CompiledSpec): Side => ({
  name,
  files: madeFiles(compiled),
  ...besideFiles(compiled),
  version,
})

interface CompiledSpec {
  readonly environment: Environment
  readonly compilation: Compilation
  readonly sources: readonly Source[]
}

/** A file that a spec makes, and by what it is told from others. */
interface MadeFile extends SideFile {
  readonly digest: string | undefined
}

/** The files that are reviewed, or those of them that are asked for. */
const madeFiles = (
  { compilation, environment }: CompiledSpec,
  digestOf?: (text: string) => string,
  asked?: ReadonlySet<string>,
): readonly MadeFile[] =>
  compiledFiles(compilation, environment.output, digestOf, asked)
    .filter(({ path }) => isReviewed(path))
    .map(file => ({ ...file, isForCluster: isForCluster(file.path), isMade: true }))

const besideFiles = ({ compilation, sources }: CompiledSpec): Pick<Side, 'beside' | 'spec'> => ({
  beside: supposedObjects(compilation, sources),
  spec: {
    layers: compilation.layers,
    sourceMap: compilation.sourceMap,
    sources,
    parties: partiesOf(compilation.mesh),
  },
})

/**
 * An environment as a revision has it, and as the working tree does. A revision has what is committed in out/, since that
 * is what is deployed from it; where nothing is, what its specs make. Undefined where it has neither.
 *
 * @param former what the revision calls the environment
 */
export function sidesSince(
  revision: Revision,
  former: Environment,
  after: { readonly name: string; readonly compiled: CompiledSpec },
): { readonly before: Side; readonly after: Side } | undefined {
  const { commit, tree, workspace } = revision
  const result = tree.has(former.entry) ? compile(former.entry, workspace) : undefined
  const made = result?.ok
    ? { environment: former, compilation: result.value, sources: result.sources }
    : undefined
  if (tree.has(`${former.output}/${lockFileName}`)) {
    const files = madeFiles(after.compiled, gitDigest(commit))
    const now = { name: after.name, files, ...besideFiles(after.compiled), version }
    return { before: committedSide(revision, former, made, files), after: now }
  }
  if (made !== undefined)
    return {
      before: compiledSide(commit.words, made),
      after: compiledSide(after.name, after.compiled),
    }
  if (result === undefined) return undefined
  const [first] = result.diagnostics
  throw new Failure(
    `\`${former.name}\` does not compile as it is in \`${commit.words}\`, and nothing is committed in its \`${former.output}\``,
    first === undefined ? undefined : `${first.code} in ${first.at.file}: ${first.message}`,
  )
}

/**
 * What is committed. Files that the working tree has just so, and those that the specs of the revision make just so, need
 * not be read: their objects are known.
 */
function committedSide(
  { repository, commit, tree }: Revision,
  { output }: Environment,
  made: CompiledSpec | undefined,
  now: readonly MadeFile[],
): Side {
  const digestOf = gitDigest(commit)
  const committed = [...tree].flatMap(([file, { digest, kind }]) => {
    const path = file.slice(output.length + 1)
    return kind === 'file' && file.startsWith(`${output}/`) && isReviewed(path)
      ? [{ file, path, digest }]
      : []
  })
  const kept = new Map(now.map(file => [file.path, file]))
  const isKept = ({
    file,
    path,
    digest,
  }: {
    readonly file: string
    readonly path: string
    readonly digest: string
  }) => kept.get(path)?.digest === digest && kept.get(path)?.objects[0]?.file === file
  const others = committed.filter(file => !isKept(file))
  const makes = new Map(
    made === undefined
      ? []
      : madeFiles(made, digestOf, new Set(others.map(({ path }) => path))).map(file => [file.path, file]),
  )
  const isMade = ({ path, digest }: { readonly path: string; readonly digest: string }) =>
    makes.get(path)?.digest === digest
  const lock = tree.get(`${output}/${lockFileName}`)!
  const contents = contentsOf(repository, [
    lock.digest,
    ...others.filter(file => !isMade(file)).map(({ digest }) => digest),
  ])
  const files = committed.map((file): SideFile => {
    const { path, digest } = file
    if (isKept(file)) return keptFile(kept.get(path)!, digestOf, made)
    if (isMade(file)) return makes.get(path)!
    const read = manifestDocuments(file.file, contents.get(digest)!.toString())
    if ('documents' in read)
      return { path, objects: read.documents, isForCluster: isForCluster(path), isMade: false }
    throw new Failure(
      `\`${file.file}\` is no YAML in \`${commit.words}\`: line ${read.fault.line}: ${read.fault.reason}`,
    )
  })
  return {
    name: commit.words,
    files,
    beside: [],
    spec: undefined,
    ...(made && besideFiles(made)),
    version: versionIn(contents.get(lock.digest)!.toString()),
  }
}

/** A file that the working tree has as well. Whether the spec of the revision made it is found when somebody asks why it is what it is. */
const keptFile = (
  { path, objects, isForCluster, digest }: MadeFile,
  digestOf: (text: string) => string,
  made: CompiledSpec | undefined,
): SideFile => ({
  path,
  objects,
  isForCluster,
  get isMade() {
    const file = made?.compilation.file(path)
    return file !== undefined && digestOf(file.text) === digest
  },
})

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
