import { isForCluster, listCompiledFiles } from '../../compiler/manifests/compiled-objects.ts'
import type { SideFile } from '../../compiler/review/side.ts'
import { isMap } from '../../compiler/source/document.ts'
import { type ManifestDocument, readManifestDocuments } from '../../compiler/source/manifest-documents.ts'
import { Failure } from '../cli/failure.ts'
import { getDigest, lockFileName, parseLockFile } from '../output/lock-file.ts'
import { OutputFolder } from '../output/output-folder.ts'
import { readFolderTree } from '../output/tree.ts'
import type { Compiled } from '../project/compile-environments.ts'
import type { Project } from '../project/project.ts'

/**
 * Tells whether a review compares a file of an output folder: one that a cluster gets. The values of charts, the chart and the
 * documents only repeat these files.
 */
export const isReviewed = (path: string): boolean =>
  /^(manifests|argocd)\/.*\.(ya?ml|json)$/.test(path) || /^istio\/istio-operator(-[^/]+)?\.yaml$/.test(path)

/** Tells whether a file of an output folder is a remainder of an earlier build, which the next build removes. */
type IsLeftover = (path: string, text: string) => boolean

/**
 * The files in the folder of an environment that are deployed with the rest, though its spec neither makes nor names them.
 *
 * @param output the folder of the environment: `out/prod`
 * @param declaredFiles the files that its spec makes and names
 * @param isLeftover excludes files that the next build removes
 */
export function listUndeclaredFiles(
  { root, workspace }: Project,
  output: string,
  declaredFiles: readonly Pick<SideFile, 'path'>[],
  isLeftover: IsLeftover = listedInLockFile({ root, workspace }, output),
): readonly SideFile[] {
  const folder = new OutputFolder(root, output)
  const present = [...readFolderTree(folder.path)].filter(
    ([path, kind]) => kind !== 'folder' && isReviewed(path),
  )
  if (present.length === 0) return []
  const declared = new Set(declaredFiles.map(({ path }) => path))
  return present
    .filter(([path]) => !declared.has(path))
    .flatMap(([path]): readonly SideFile[] => {
      const file = folder.nameOf(path)
      const content = workspace.read(file)
      if (!('text' in content))
        throw new Failure(
          `\`${file}\` cannot be read: ${'reason' in content ? content.reason : 'it is too large'}`,
          'no spec names this file: remove it',
        )
      if (isLeftover(path, content.text)) return []
      const objects = readObjects(file, content.text)
      return [{ path, objects, isForCluster: isForCluster(path), isMade: false }]
    })
}

/** The objects of a manifest file. Fails if the file is not YAML. */
export function readObjects(file: string, text: string, revision?: string): readonly ManifestDocument[] {
  const read = readManifestDocuments(file, text)
  if ('documents' in read)
    return read.documents.filter(({ value }) => isMap(value) && typeof value['kind'] === 'string')
  const where = revision === undefined ? '' : ` in \`${revision}\``
  throw new Failure(`\`${file}\` is no YAML${where}: line ${read.fault.line}: ${read.fault.reason}`)
}

function listedInLockFile({ workspace }: Project, output: string): IsLeftover {
  const content = workspace.read(`${output}/${lockFileName}`)
  const lock = 'text' in content ? parseLockFile(content.text) : undefined
  return (path, text) => lock?.files.get(path) === getDigest(text)
}

/**
 * The files of an environment that a review reads and whose content in the working tree differs from the result of the spec: the
 * deployed objects are not the reviewed ones. Paths below `out/<env>/`; empty if the environment was never built.
 *
 * @param wasBuilt whether the environment was built before the change
 */
export function listUnbuiltFiles(
  { root, workspace }: Project,
  { environment, compilation }: Pick<Compiled, 'environment' | 'compilation'>,
  wasBuilt: boolean,
): readonly string[] {
  if (!wasBuilt && readFolderTree(new OutputFolder(root, environment.output).path).size === 0) return []
  return listCompiledFiles(compilation, environment.output, getDigest)
    .filter(({ path, digest }) => {
      if (!isReviewed(path)) return false
      const content = workspace.read(`${environment.output}/${path}`)
      return !('text' in content) || getDigest(content.text) !== digest
    })
    .map(({ path }) => path)
}
