import { once } from '../../compiler/basics/once.ts'
import type { Limits } from '../../compiler/behavior/budget.ts'
import { makeTextVisible } from '../../compiler/diagnostics/visible.ts'
import { makeCompiler } from '../../compiler/make-compiler.ts'
import { readSpec } from '../../compiler/read-spec.ts'
import {
  findWaiversOfNew,
  findWaiversOfRemoved,
  findWaiversSince,
  listWaivers,
} from '../../compiler/review/index.ts'
import type { Side } from '../../compiler/review/side.ts'
import type { Waivers } from '../../compiler/review/waivers.ts'
import { Failure } from '../cli/failure.ts'
import type { Terminal } from '../cli/terminal.ts'
import { readToday } from '../cli/today.ts'
import type { LoadedManifests } from '../manifests/load-manifests.ts'
import { lockFileName } from '../output/lock-file.ts'
import {
  type Compiled,
  type CompiledEnvironments,
  compileEnvironments,
} from '../project/compile-environments.ts'
import { findEnvironmentOfCluster, listEnvironmentsAmong } from '../project/environments.ts'
import { type Environment, listEnvironments, type Project } from '../project/project.ts'
import { findCommit, openRepository, readCommitTree } from '../revision/repository.ts'
import { openRevisionWorkspace } from '../revision/revision-workspace.ts'
import { matchContinuedEnvironments } from './continued-environments.ts'
import { listUnbuiltFiles } from './deployed-output.ts'
import { makeCompiledSide, type Revision, readForeignSides, readSidesSince } from './sides.ts'

/** The comparison that a call asks for. */
interface Asked {
  readonly base: string | undefined
  /** The deployed state, as manifests that a person wrote. */
  readonly manifests: LoadedManifests | undefined
  /** Names, or only `staging..prod`. */
  readonly environments: readonly string[]
  /** The limits of the questions about requests. */
  readonly limits: Limits
}

/** An environment on both sides, and the waivers of its specs. */
export interface EnvironmentPair {
  readonly name: string
  /** `nothing`: the environment was not there. Undefined: it is gone. */
  readonly sides: { readonly before: Side | 'nothing'; readonly after: Side } | undefined
  readonly waivers: Waivers
  /** The name that it had before. */
  readonly renamedFrom?: string
  /** The files of the output folder in the working tree that are not as the spec makes them; asked for by gates only. */
  readonly unbuilt?: () => readonly string[]
}

/** The environments to compare, and the diagnostics of the specs of the working tree. */
export interface Compared {
  /** The name of the side before: a revision, a folder, an environment. */
  readonly before: string
  readonly after: string
  /** True if the side before is a state of the same repository, which its changes came after. */
  readonly isRevision: boolean
  readonly pairs: readonly EnvironmentPair[]
  /** The assumptions about manifests that leave something out, a sentence each. */
  readonly assumed?: readonly string[]
  readonly result: CompiledEnvironments
}

/** The name of the side after, if it is the folder's content. */
export const workingTree = 'the working tree'

/** Reads both sides of all given environments. If a spec of the working tree does not compile, there are no pairs. */
export function pairEnvironments(project: Project, asked: Asked, terminal: Terminal): Compared {
  const { base, manifests, environments, limits } = asked
  const range = environments.find(name => name.includes('..'))
  const given = [base && '--base', manifests && '--manifests', range && `--env ${range}`].filter(Boolean)
  if (given.length > 1)
    throw new Failure(
      `\`${given[0]}\` and \`${given[1]}\` are given both`,
      'one thing is compared with another',
    )
  if (range !== undefined) return betweenEnvironments(project, range, environments, terminal, limits)
  return manifests === undefined
    ? sinceRevision(project, base, environments, terminal, limits)
    : sinceManifests(project, manifests, environments, terminal, limits)
}

function betweenEnvironments(
  project: Project,
  range: string,
  names: readonly string[],
  terminal: Terminal,
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
    listEnvironments(project, [left, right]),
    terminal,
    limits,
  )
  const [before, after] = [left, right].map(name =>
    result.compiled.find(({ environment }) => environment.name === name),
  )
  if (before === undefined || after === undefined)
    return { before: left, after: right, isRevision: false, pairs: [], result }
  const getSide = (compiled: Compiled) => makeCompiledSide(compiled.environment.name, compiled, project)
  const sides = { before: getSide(before), after: getSide(after) }
  return {
    before: left,
    after: right,
    isRevision: false,
    pairs: [
      {
        name: right,
        sides,
        waivers: { counting: listWaivers(sides.after), ownWaivers: [] },
        unbuilt: () => listUnbuiltFiles(project, after, false),
      },
    ],
    result,
  }
}

function sinceManifests(
  project: Project,
  manifests: LoadedManifests,
  names: readonly string[],
  terminal: Terminal,
  limits: Limits,
): Compared {
  const environments = listEnvironments(project, names)
  const [environment] = environments
  if (environment === undefined || environments.length > 1)
    throw new Failure(
      `\`${manifests.name}\` is of one environment, and there are ${environments.length}`,
      'say which: `--env prod`',
    )
  const result = compileEnvironments(project.workspace, [environment], terminal, limits)
  return {
    before: manifests.name,
    after: workingTree,
    isRevision: false,
    pairs: result.compiled.map(compiled => {
      const { assumed, ...sides } = readForeignSides(
        manifests,
        makeCompiledSide(workingTree, compiled, project),
        compiled,
      )
      for (const words of assumed) terminal.note(`note: assumed: ${makeTextVisible(words)}`)
      const unbuilt = () => listUnbuiltFiles(project, compiled, false)
      return {
        name: environment.name,
        sides,
        waivers: { counting: listWaivers(sides.after), ownWaivers: [] },
        unbuilt,
      }
    }),
    result,
  }
}

/** Tells whether a name given by `--env` is that of an environment, or of the environment of a cluster. */
const isEnvironmentNamed = (environment: string, name: string): boolean =>
  environment === name || findEnvironmentOfCluster(environment) === name

/** Finds the removed environment that got clusters, one of which has this name. */
const findUndivided = (gone: readonly Environment[], name: string): Environment | undefined =>
  gone.find(environment => environment.name === findEnvironmentOfCluster(name))

function sinceRevision(
  project: Project,
  base: string | undefined,
  names: readonly string[],
  terminal: Terminal,
  limits: Limits,
): Compared {
  const repository = openRepository(project.root)
  const commit = findCommit(repository, base)
  const tree = readCommitTree(repository, commit, ['spec', 'out'])
  const workspace = openRevisionWorkspace(repository, commit, tree)
  const compile = makeCompiler(workspace, undefined, limits)
  const revision: Revision = { repository, commit, tree, workspace, compile }
  const were = listEnvironmentsAmong(workspace, tree.keys())
  const isSelected = ({ name }: Environment) =>
    names.length === 0 || names.some(each => isEnvironmentNamed(name, each))
  const isKnown = (name: string) => were.some(environment => environment.name === name)
  const here = listAll(project, were)
  const unknown = names.filter(
    name => ![...were, ...here].some(environment => isEnvironmentNamed(environment.name, name)),
  )
  // A name that neither side has is answered as any command answers it.
  if (unknown.length > 0) listEnvironments(project, unknown)
  const gone = were.filter(({ name }) => !here.some(environment => environment.name === name))
  // A removed environment may continue under another name, which no option names.
  const isLooked = (environment: Environment) =>
    isSelected(environment) || (gone.some(isSelected) && !isKnown(environment.name))
  const result = compileEnvironments(project.workspace, here.filter(isLooked), terminal, limits)
  const compared = { before: commit.words, after: workingTree, isRevision: true, result }
  if (result.failed.length > 0) return { ...compared, pairs: [] }
  const specs = once(() => new Map(were.map(({ name, entry }) => [name, readSpec(entry, workspace)])))
  const findSpec = ({ name }: Environment) => specs().get(name)
  const continued = matchContinuedEnvironments(
    gone.map(environment => ({ environment, spec: findSpec(environment)?.layers.value })),
    result.compiled
      .filter(({ environment }) => !isKnown(environment.name))
      .map(({ environment, compilation }) => ({ environment, spec: compilation.layers.value })),
  )
  const pairs = result.compiled
    .filter(
      ({ environment }) =>
        isSelected(environment) || isSelected(continued.get(environment.name) ?? environment),
    )
    .map((compiled): EnvironmentPair => {
      const { environment } = compiled
      terminal.progress(`comparing ${environment.name}`)
      const { name } = environment
      // A layer of the revision that is an environment now was never deployed, whatever its content.
      const former = continued.get(name) ?? findUndivided(gone, name)
      const deployed = former ?? (isKnown(name) ? environment : undefined)
      const sides = deployed && readSidesSince(project, revision, deployed, { name: workingTree, compiled })
      const unbuilt = () =>
        listUnbuiltFiles(project, compiled, tree.has(`${(former ?? environment).output}/${lockFileName}`))
      if (sides === undefined) {
        const after = makeCompiledSide(workingTree, compiled, project)
        const otherWaivers = were.map(otherFormer => listWaivers({ spec: findSpec(otherFormer) }))
        return {
          name,
          sides: { before: 'nothing', after },
          waivers: findWaiversOfNew(otherWaivers, after),
          unbuilt,
        }
      }
      const waivers = findWaiversSince(sides.before, sides.after)
      return { name, sides, waivers, unbuilt, ...(former !== undefined && { renamedFrom: former.name }) }
    })
  const kept = new Set([...continued.values()].map(({ name }) => name))
  const removed = gone
    .filter(environment => isSelected(environment) && !kept.has(environment.name))
    .map((environment): EnvironmentPair => {
      const waivers = listWaivers({ spec: findSpec(environment) })
      return {
        name: environment.name,
        sides: undefined,
        waivers: findWaiversOfRemoved(waivers, readToday()),
      }
    })
  return { ...compared, pairs: [...pairs, ...removed] }
}

/** The environments of the working tree, which may have none any more if the revision had some. */
function listAll(project: Project, were: readonly Environment[]): readonly Environment[] {
  try {
    return listEnvironments(project, [])
  } catch (error) {
    if (error instanceof Failure && were.length > 0) return []
    throw error
  }
}
