import { Comparison, type EditedFile } from './comparison.ts'
import { getDigest } from './lock-file.ts'
import type { Output, OutputFolder } from './output-folder.ts'
import { mustBeFolders } from './tree.ts'

/** The difference between an output folder and the next build: paths in it. */
interface Difference {
  /** Files as an earlier build made them, which would be others now. */
  readonly stale: readonly string[]
  /** Files that are not as a build made them. */
  readonly edited: readonly EditedFile[]
  readonly missing: readonly string[]
  /** Files of an earlier build that belong no more. */
  readonly extra: readonly string[]
  /** The files that meshc did not make, at paths that it must write. */
  readonly foreign: readonly string[]
  /** Files that are deployed with those of meshc, though no build made them and no spec names them. */
  readonly undeclared: readonly string[]
  /** The changes since the build that made the folder, in words. */
  readonly causes: readonly string[]
}

/** Tells whether an output folder is equal to the next build. */
export const isFresh = ({ stale, edited, missing, extra, foreign, undeclared }: Difference): boolean =>
  [stale, edited, missing, extra, foreign, undeclared].every(paths => paths.length === 0)

/** The advice on undeclared files. */
export const declareOrRemove = 'remove unintended files; name the others in `delivery.neighbors` of the spec'

/** Compares an output folder with a build, and writes nothing. */
export function findDifference(folder: OutputFolder, output: Output): Difference {
  mustBeFolders(folder.project, folder.name)
  const comparison = new Comparison(folder, output)
  const paths = { stale: [] as string[], missing: [] as string[], foreign: [] as string[] }
  const edited: EditedFile[] = []
  for (const { path, text, state, actual } of comparison.files()) {
    if (state === 'edited') edited.push({ path, expected: text, actual: actual ?? '' })
    else if (state !== 'same') paths[state].push(path)
  }
  edited.push(...comparison.editedLeftOver())
  const isInTheWay = new Set(paths.foreign)
  return {
    ...paths,
    edited,
    extra: comparison.leftOver(),
    undeclared: comparison.undeclared().filter(path => !isInTheWay.has(path)),
    causes: listCauses(comparison, output),
  }
}

/** Lists the sources of an output folder that are different now. */
function listCauses({ lock, tree }: Comparison, { version, sources }: Output): readonly string[] {
  if (lock === undefined) return tree.size === 0 ? ['it was never built'] : ['it has no `meshc.lock.json`']
  const now = new Map(sources.map(({ name, text }) => [name, text]))
  const causes = lock.meshc === version ? [] : [`meshc is ${version}; it was built by ${lock.meshc}`]
  for (const [name, text] of now) {
    const digest = lock.inputs.get(name)
    if (digest === undefined) causes.push(`\`${name}\` is new`)
    else if (digest !== getDigest(text)) causes.push(`\`${name}\` has changed`)
  }
  for (const name of lock.inputs.keys()) if (!now.has(name)) causes.push(`\`${name}\` is gone`)
  return causes
}
