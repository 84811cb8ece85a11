import { createHash } from 'node:crypto'
import { once } from '../../compiler/basics/once.ts'
import { makeModelReader } from '../../compiler/behavior/index.ts'
import type { ManifestObject } from '../../compiler/behavior/manifest-object.ts'
import type { Compilation } from '../../compiler/compilation.ts'
import type { CompileResult } from '../../compiler/compile.ts'
import type { Source } from '../../compiler/diagnostics/source.ts'
import { listAssumedBy, listAssumedObjects } from '../../compiler/manifests/assumed-objects.ts'
import { assumesTheSame } from '../../compiler/manifests/assumes-the-same.ts'
import { isForCluster, listCompiledFiles } from '../../compiler/manifests/compiled-objects.ts'
import { nameOfObject } from '../../compiler/manifests/name-of-object.ts'
import { listObjectsBeside } from '../../compiler/manifests/objects-beside.ts'
import { listSpecFacts } from '../../compiler/map/list-facts.ts'
import { splitClusterEntry } from '../../compiler/mesh/cluster-entry.ts'
import { noSurroundings } from '../../compiler/mesh/surroundings.ts'
import { readSpec } from '../../compiler/read-spec.ts'
import { listParties } from '../../compiler/review/index.ts'
import type { Side, SideFile, SideSpec } from '../../compiler/review/side.ts'
import { isMap } from '../../compiler/source/document.ts'
import type { Workspace } from '../../compiler/source/load.ts'
import { makeLineFinder } from '../behavior/compiled-mesh.ts'
import { Failure } from '../cli/failure.ts'
import { completeManifests } from '../manifests/complete-manifests.ts'
import type { LoadedManifests } from '../manifests/load-manifests.ts'
import { type LockFile, lockFileName, parseLockFile } from '../output/lock-file.ts'
import { version } from '../package.ts'
import type { Environment, Project } from '../project/project.ts'
import { type Commit, type Repository, readContents, type TreeEntry } from '../revision/repository.ts'
import { isReviewed, listUndeclaredFiles, readObjects } from './deployed-output.ts'

/** A revision, with the files that it has of the project. */
export interface Revision {
  readonly repository: Repository
  readonly commit: Commit
  readonly tree: ReadonlyMap<string, TreeEntry>
  readonly workspace: Workspace
  /** Compiles one of its specs; the expectations have the limits of the command. */
  readonly compile: (entry: string) => CompileResult
}

/**
 * Makes the side of an environment from its compiled spec.
 *
 * @param project has the other deployed files; without it, there are none
 */
export function makeCompiledSide(name: string, compiled: CompiledSpec, project?: Project): Side {
  const made = madeFiles(compiled)
  const undeclared =
    project === undefined ? [] : listUndeclaredFiles(project, compiled.environment.output, made)
  return {
    name,
    files: [...made, ...undeclared],
    beside: listObjectsBeside(compiled.compilation, compiled.sources),
    spec: makeSideSpec(compiled),
    version,
  }
}

interface CompiledSpec {
  readonly environment: Environment
  readonly compilation: Compilation
  readonly sources: readonly Source[]
}

/** A file that a spec makes, with its digest. */
interface MadeFile extends SideFile {
  readonly digest: string | undefined
}

/** The reviewed files, or those of them in `asked`. */
const madeFiles = (
  { compilation, environment }: CompiledSpec,
  digestOf?: (text: string) => string,
  asked?: ReadonlySet<string>,
): readonly MadeFile[] =>
  listCompiledFiles(compilation, environment.output, digestOf, asked)
    .filter(({ path }) => isReviewed(path))
    .map(file => ({ ...file, isForCluster: isForCluster(file.path), isMade: true }))
    .concat(compilation.neighbors.map(file => ({ ...file, isForCluster: true, isMade: false })))

const makeSideSpec = ({ compilation, sources }: CompiledSpec): SideSpec => ({
  layers: compilation.layers,
  sourceMap: compilation.sourceMap,
  sources,
  parties: listParties(compilation.mesh),
  listFacts: () => listSpecFacts(compilation.mesh, compilation.layers, makeLineFinder(sources)),
})

/** Tells whether a revision has the spec of an entry; a cluster in which nothing differs has no file of its own. */
const hasSpec = (tree: Revision['tree'], entry: string): boolean =>
  tree.has(entry) || tree.has(splitClusterEntry(entry)?.base ?? entry)

/**
 * The sides of an environment in a revision and in the working tree. The side of the revision is the committed content of out/, since
 * that is deployed; without it, the result of its specs. Undefined if it has neither. The side of the working tree is the result of
 * its spec, and the files that are deployed though no spec names them.
 *
 * @param former the name of the environment in the revision
 */
export function readSidesSince(
  project: Project,
  revision: Revision,
  former: Environment,
  after: { readonly name: string; readonly compiled: CompiledSpec },
): { readonly before: Side; readonly after: Side } | undefined {
  const { commit, tree } = revision
  const result = once(() => (hasSpec(tree, former.entry) ? revision.compile(former.entry) : undefined))
  const made = once((): CompiledSpec | undefined => {
    const compiled = result()
    return compiled?.ok
      ? { environment: former, compilation: compiled.value, sources: compiled.sources }
      : undefined
  })
  if (tree.has(`${former.output}/${lockFileName}`))
    return sidesSinceCommitted(project, revision, former, made, after)
  const before = made()
  if (before !== undefined)
    return {
      before: makeCompiledSide(commit.words, before),
      after: makeCompiledSide(after.name, after.compiled, project),
    }
  const [first] = result()?.diagnostics ?? []
  if (result() === undefined) return undefined
  throw new Failure(
    `\`${former.name}\` does not compile as it is in \`${commit.words}\`, and nothing is committed in its \`${former.output}\``,
    first === undefined ? undefined : `${first.code} in ${first.at.file}: ${first.message}`,
  )
}

/**
 * The same if out/ is committed. The specs of the revision are compiled only if their result is needed: usually a few files show all
 * differences from those of the working tree.
 */
function sidesSinceCommitted(
  project: Project,
  revision: Revision,
  former: Environment,
  made: () => CompiledSpec | undefined,
  { name, compiled }: { readonly name: string; readonly compiled: CompiledSpec },
): { readonly before: Side; readonly after: Side } {
  const { commit, tree, workspace } = revision
  const { compilation, sources } = compiled
  const now = madeFiles(compiled, makeGitDigest(commit))
  const read = hasSpec(tree, former.entry) ? readSpec(former.entry, workspace) : undefined
  // The surroundings may have changed though the spec has not.
  const isAlike =
    read !== undefined &&
    compilation.mesh.surroundings === noSurroundings &&
    assumesTheSame(read.layers.value, compilation.layers.value)
  // Where both assume the same, both have the same values, which are read and indexed once.
  const assumedByBoth = isAlike ? listAssumedObjects(compilation, sources) : undefined
  const beside = assumedByBoth ?? listObjectsBeside(compilation, sources)
  const spec: SideSpec | undefined = read && {
    ...read,
    sourceMap: (...asked) => made()?.compilation.sourceMap(...asked) ?? [],
    get parties() {
      const before = made()
      return before && listParties(before.compilation.mesh)
    },
  }
  const assumed = () => {
    const before = made()
    // If the specs of the revision no longer compile, the same pods are assumed.
    return before === undefined ? beside : listObjectsBeside(before.compilation, before.sources)
  }
  const { files, lock } = committedFiles(revision, former, made, now)
  // An object that the revision has and lists is removed by the next build. The revision's lock file decides: no change lists its own
  // files.
  const undeclared = listUndeclaredFiles(
    project,
    compiled.environment.output,
    now,
    (path, text) =>
      lock?.files.has(path) === true &&
      tree.get(`${former.output}/${path}`)?.digest === makeGitDigest(commit)(text),
  )
  return {
    before: {
      name: commit.words,
      files,
      version: lock?.meshc,
      beside:
        read !== undefined && assumedByBoth !== undefined
          ? listAssumedBy(assumedByBoth, read.layers, read.sources)
          : assumed(),
      spec,
    },
    after: { name, files: [...now, ...undeclared], beside, spec: makeSideSpec(compiled), version },
  }
}

/** More files than these are sooner made than read. */
const fewFiles = 50

/**
 * The committed files. A file that is equal in the working tree need not be read. If many others differ, neither need files that
 * equal the result of the revision's specs: their objects are known.
 */
function committedFiles(
  { repository, commit, tree }: Revision,
  { output }: Environment,
  made: () => CompiledSpec | undefined,
  now: readonly MadeFile[],
): { readonly files: readonly SideFile[]; readonly lock: LockFile | undefined } {
  const getDigest = makeGitDigest(commit)
  const committed = [...tree].flatMap(([file, { digest, kind }]): readonly CommittedFile[] => {
    const path = file.slice(output.length + 1)
    return kind === 'file' && file.startsWith(`${output}/`) && isReviewed(path)
      ? [{ file, path, digest }]
      : []
  })
  const kept = knownBy(now)
  const otherCommitted = committed.filter(file => kept(file) === undefined)
  const before = otherCommitted.length > fewFiles ? made() : undefined
  const makes = knownBy(
    before === undefined ? [] : madeFiles(before, getDigest, new Set(otherCommitted.map(({ path }) => path))),
  )
  const lock = tree.get(`${output}/${lockFileName}`)!
  const contents = readContents(repository, [
    lock.digest,
    ...otherCommitted.filter(file => makes(file) === undefined).map(({ digest }) => digest),
  ])
  // The order is that of the working tree, so that unchanged lists are the same objects.
  const places = new Map(now.map(({ path }, place) => [path, place]))
  const getPlace = ({ path }: CommittedFile) => places.get(path) ?? now.length
  const ordered = committed.toSorted((a, b) => getPlace(a) - getPlace(b))
  const files = ordered.map((file): SideFile => {
    const madeFile = makes(file)
    if (madeFile !== undefined) return madeFile
    const { path, digest } = file
    return {
      path,
      objects: kept(file)?.objects ?? readObjects(file.file, contents.get(digest)!.toString(), commit.words),
      isForCluster: isForCluster(path),
      get isMade() {
        const text = made()?.compilation.file(path)?.text
        return text !== undefined && getDigest(text) === digest
      },
    }
  })
  return { files, lock: parseLockFile(contents.get(lock.digest)!.toString()) }
}

interface CommittedFile {
  readonly file: string
  /** The path below `out/<env>/`. */
  readonly path: string
  readonly digest: string
}

/** Finds the file with the same path and content. */
function knownBy(files: readonly MadeFile[]): (file: CommittedFile) => MadeFile | undefined {
  const byPath = new Map(files.map(file => [file.path, file]))
  return ({ file, path, digest }) => {
    const madeFile = byPath.get(path)
    return madeFile?.digest === digest && madeFile.objects[0]?.file === file ? madeFile : undefined
  }
}

/** Makes the digest by which git knows a text. */
const makeGitDigest =
  ({ digest }: Commit) =>
  (text: string): string =>
    createHash(digest.length === 64 ? 'sha256' : 'sha1')
      .update(`blob ${Buffer.byteLength(text)}\0`)
      .update(text)
      .digest('hex')

/**
 * Makes the sides of manifests that another owner made and of an environment, whose workloads run beside the manifests unless those
 * have their own. Both sides have the surroundings of its spec.
 *
 * @param after the side of the environment
 */
export function readForeignSides(
  { name, objects }: LoadedManifests,
  after: Side,
  { compilation, sources }: Pick<CompiledSpec, 'compilation' | 'sources'>,
): { readonly before: Side; readonly after: Side; readonly assumed: readonly string[] } {
  const read = makeModelReader()
  const { surroundings } = compilation
  const namesOfOthers = new Set(surroundings.map(({ value }) => nameOfObject(value)))
  const isOfOthers = ({ value }: ManifestObject) => isBeside(value) || namesOfOthers.has(nameOfObject(value))
  const ownBeside = objects.filter(isOfOthers)
  const namesBeside = new Set(ownBeside.map(({ value }) => nameOfObject(value)))
  // A spec with surroundings has looked for its pods there; one without has assumed pods, which the manifests have in truth.
  const further =
    ownBeside.length === 0 || namesOfOthers.size > 0
      ? [...surroundings, ...listAssumedObjects(compilation, sources)]
      : []
  const beside = [...ownBeside, ...further.filter(({ value }) => !namesBeside.has(nameOfObject(value)))]
  const files = groupByFile(objects.filter(object => !isOfOthers(object)))
  const before: Side = { name, files, beside, spec: undefined, version: undefined }
  const complete = (side: Side) => {
    const forCluster = side.files.filter(({ isForCluster }) => isForCluster)
    const { gateways, assumed } = completeManifests(read, [
      ...forCluster.flatMap(({ objects }) => objects),
      ...beside,
    ])
    return { side: { ...side, beside: [...beside, ...gateways] }, assumed }
  }
  const { side, assumed } = complete(before)
  return { before: side, after: complete(after).side, assumed }
}

/** The objects of files as sides have them. */
export function groupByFile(objects: readonly ManifestObject[]): readonly SideFile[] {
  const byFile = new Map<string, ManifestObject[]>()
  for (const object of objects) {
    const manifestObjects = byFile.get(object.file)
    if (manifestObjects === undefined) byFile.set(object.file, [object])
    else manifestObjects.push(object)
  }
  return [...byFile].map(([path, objects]) => ({ path, objects, isForCluster: true, isMade: false }))
}

/** Tells whether an object runs beside the objects of meshc, and is not one of them. */
const isBeside = (value: unknown) =>
  isMap(value) &&
  /^(Service|Deployment|StatefulSet|DaemonSet|ReplicaSet|Pod|Job|CronJob|Rollout|WorkloadEntry|WorkloadGroup)$/.test(
    String(value['kind']),
  ) &&
  !String(value['apiVersion']).startsWith('serving.knative.dev')
