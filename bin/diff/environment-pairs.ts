import type { Limits } from '../../compiler/behavior/budget.ts'
import type { Side } from '../../compiler/review/side.ts'
import { type Compiled, type CompiledEnvironments, compileEnvironments } from '../compile-environments.ts'
import type { Console } from '../console.ts'
import { Failure } from '../failure.ts'
import { type Environment, environmentsAmong, environmentsOf, type Project } from '../project.ts'
import { commitOf, repositoryAround, treeOf } from '../revision/repository.ts'
import { revisionWorkspace } from '../revision/revision-workspace.ts'
import { compiledSide, folderSides, type Revision, sidesSince } from './sides.ts'

/** What a call asks to compare. */
export interface Asked {
  readonly base: string | undefined
  readonly folder: string | undefined
  /** Names, or `staging..prod` alone. */
  readonly environments: readonly string[]
  /** Of the questions about requests. */
  readonly limits: Limits
}

/** An environment on both sides; on one side only, it is new or gone. */
export interface EnvironmentPair {
  readonly name: string
  readonly sides: { readonly before: Side; readonly after: Side } | 'added' | 'removed'
  /** The name that it had before. */
  readonly renamedFrom?: string
}

/** All that is compared, and what the specs of the working tree have to say. */
export interface Compared {
  /** What everything is held against: a revision, a folder, an environment. */
  readonly before: string
  readonly after: string
  /** Whether what was before is a state of the same repository, which its changes came after. */
  readonly isRevision: boolean
  readonly pairs: readonly EnvironmentPair[]
  readonly result: CompiledEnvironments
}

const workingTree = 'the working tree'

/** Reads both sides of everything that is asked for. Where a spec of the working tree does not compile, there are no pairs. */
export function environmentPairs(project: Project, asked: Asked, console: Console): Compared {
  const { base, folder, environments, limits } = asked
  const range = environments.find(name => name.includes('..'))
  const given = [base && '--base', folder && '--manifests', range && `--env ${range}`].filter(Boolean)
  if (given.length > 1)
    throw new Failure(
      `\`${given[0]}\` and \`${given[1]}\` are given both`,
      'one thing is compared with another',
    )
  if (range !== undefined) return betweenEnvironments(project, range, environments, console, limits)
  return folder === undefined
    ? sinceRevision(project, base, environments, console, limits)
    : sinceFolder(project, folder, environments, console, limits)
}

function betweenEnvironments(
  project: Project,
  range: string,
  names: readonly string[],
  console: Console,
  limits: Limits,
): Compared {
  const [left = '', right = ''] = range.split('..')
  if (names.length > 1 || left === '' || right === '' || range.split('..').length > 2)
    throw new Failure(
      `\`--env ${names.join(' --env ')}\` names no pair`,
      'two environments are `--env staging..prod`',
    )
  const result = compileEnvironments(
    project.workspace,
    environmentsOf(project, [left, right]),
    console,
    limits,
  )
  const sideOf = (name: string) =>
    result.compiled
      .filter(({ environment }) => environment.name === name)
      .map(one => compiledSide(name, one))[0]
  const [before, after] = [sideOf(left), sideOf(right)]
  const isThere = before !== undefined && after !== undefined
  return {
    before: left,
    after: right,
    isRevision: false,
    pairs: isThere ? [{ name: right, sides: { before, after } }] : [],
    result,
  }
}

function sinceFolder(
  project: Project,
  folder: string,
  names: readonly string[],
  console: Console,
  limits: Limits,
): Compared {
  const environments = environmentsOf(project, names)
  const [environment] = environments
  if (environment === undefined || environments.length > 1)
    throw new Failure(
      `\`${folder}\` is of one environment, and there are ${environments.length}`,
      'say which: `--env prod`',
    )
  const result = compileEnvironments(project.workspace, [environment], console, limits)
  return {
    before: folder,
    after: workingTree,
    isRevision: false,
    pairs: result.compiled.map(one => ({
      name: environment.name,
      sides: folderSides(folder, compiledSide(workingTree, one)),
    })),
    result,
  }
}

function sinceRevision(
  project: Project,
  base: string | undefined,
  names: readonly string[],
  console: Console,
  limits: Limits,
): Compared {
  const repository = repositoryAround(project.root)
  const commit = commitOf(repository, base)
  const tree = treeOf(repository, commit, ['spec', 'out'])
  const workspace = revisionWorkspace(repository, tree)
  const revision: Revision = { repository, commit, tree, workspace, limits }
  const were = environmentsAmong(workspace, tree.keys())
  const wanted = (environment: Environment) => names.length === 0 || names.includes(environment.name)
  const isKnown = (name: string) => were.some(environment => environment.name === name)
  const here = allOf(project, were)
  const unknown = names.filter(name => !isKnown(name) && !here.some(one => one.name === name))
  // A name that neither side has is answered as any command answers it.
  if (unknown.length > 0) environmentsOf(project, unknown)
  const result = compileEnvironments(project.workspace, here.filter(wanted), console, limits)
  const compared = { before: commit.words, after: workingTree, isRevision: true, result }
  if (result.failed.length > 0) return { ...compared, pairs: [] }
  const gone = were.filter(({ name }) => !here.some(one => one.name === name))
  const renamed = renames(gone, result.compiled, revision)
  const pairs = result.compiled.map((compiled): EnvironmentPair => {
    const { environment } = compiled
    console.progress(`comparing ${environment.name}`)
    const former = renamed.get(environment.name)
    const sides = sidesSince(revision, former ?? environment, { name: workingTree, compiled })
    if (sides === undefined) return { name: environment.name, sides: 'added' }
    return {
      name: environment.name,
      sides,
      ...(former !== undefined && { renamedFrom: former.name }),
    }
  })
  const kept = new Set([...renamed.values()].map(({ name }) => name))
  const removed = gone
    .filter(environment => wanted(environment) && !kept.has(environment.name))
    .map(({ name }): EnvironmentPair => ({ name, sides: 'removed' }))
  return { ...compared, pairs: [...pairs, ...removed] }
}

/** The environments of the working tree, which may have none any more if the revision had some. */
function allOf(project: Project, were: readonly Environment[]): readonly Environment[] {
  try {
    return environmentsOf(project, [])
  } catch (error) {
    if (error instanceof Failure && were.length > 0) return []
    throw error
  }
}

/** By their new names, those that went and came back under another: the same spec, but for what it calls itself. */
function renames(
  gone: readonly Environment[],
  compiled: readonly Compiled[],
  { tree, workspace }: Revision,
): ReadonlyMap<string, Environment> {
  const textOf = (text: string) => text.replace(/^environment:.*\n/m, '')
  const formerly = new Map(
    gone.flatMap(environment => {
      const read = workspace.read(environment.entry)
      return 'text' in read ? [[textOf(read.text), environment] as const] : []
    }),
  )
  return new Map(
    compiled.flatMap(({ environment, sources }) => {
      if (tree.has(environment.entry)) return []
      const own = sources.find(({ name }) => name === environment.entry)
      const former = own && formerly.get(textOf(own.text))
      return former === undefined ? [] : [[environment.name, former] as const]
    }),
  )
}
