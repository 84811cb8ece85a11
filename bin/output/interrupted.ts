import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { isTurnTaken } from './exclusive.ts'
import { lockFileName } from './lock-file.ts'
import { OutputFolder } from './output-folder.ts'
import { listLeftovers } from './recover.ts'
import { listFolderNames } from './tree.ts'

/** The progress of a build of several folders before it was killed: each folder is whole, but they are not of one build. */
interface Interrupted {
  /** The folders that it has replaced, such as `out/dev`. */
  readonly replaced: readonly string[]
  /** The folders that it has not. */
  readonly waiting: readonly string[]
}

/** The folders of out/ with remains of a build, or with a running build. */
export const listUnfinishedFolders = (project: string): readonly OutputFolder[] =>
  listParents(project).flatMap(parent => {
    const names = listFolderNames(join(project, parent)).flatMap(
      name => /^\.([\w.-]+)\.meshc-(?:next|previous|old|turn)-/.exec(name)?.[1] ?? [],
    )
    return [...new Set(names)].map(name => new OutputFolder(project, `${parent}/${name}`))
  })

/** Lists the folders that may contain that of an environment, or of one of its clusters. */
function listParents(project: string): readonly string[] {
  const listFolders = (parent: string) =>
    listFolderNames(join(project, parent))
      .filter(name => !name.startsWith('.'))
      .map(name => `${parent}/${name}`)
  return ['out', ...listFolders('out'), ...listFolders('out/examples')]
}

/** Finds how a build was interrupted, by the files beside the folders of out/; undefined if all folders or none were replaced. */
export function findInterruptedBuild(project: string): Interrupted | undefined {
  const states = listUnfinishedFolders(project)
    .filter(folder => !isTurnTaken(folder.beside('turn')))
    .map(folder => ({ name: folder.name, isWaiting: isWaiting(folder) }))
  const waiting = states.filter(({ isWaiting }) => isWaiting).map(({ name }) => name)
  const replaced = states.filter(({ isWaiting }) => !isWaiting).map(({ name }) => name)
  return waiting.length === 0 || replaced.length === 0 ? undefined : { replaced, waiting }
}

/**
 * Tells whether the tree of the build that was killed was not yet in its place: its lock file leaves `next` last, and `old`
 * outlives the claim.
 */
function isWaiting(folder: OutputFolder): boolean {
  const left = listLeftovers(folder)
  const named = (kind: string) => left.filter(name => name.startsWith(kind))
  if (named('next-').some(name => existsSync(folder.beside(`${name}/${lockFileName}`)))) return true
  if (named('previous-').length > 0 && !existsSync(folder.path)) return true
  return named('previous-').length + named('old-').length === 0
}
