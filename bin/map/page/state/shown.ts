import { weakMemo } from '../../../../compiler/basics/weak-memo.ts'
import { getShownMesh } from '../../../../compiler/map/page-data.ts'
import type { EnvironmentPicture, PagePicture } from '../../../../compiler/map/page-html.ts'
import { type Graph, makeGraph } from '../graph/graph.ts'
import { readHash, writeHash } from './hash.ts'
import { moveState } from './move-state.ts'
import { firstState, type PageState } from './page-state.ts'

/** All that the page shows: its data, the environment of them, and the state that a person has brought it to. */
export interface Shown {
  readonly picture: PagePicture
  /** The number of the environment. */
  readonly number: number
  readonly environment: EnvironmentPicture
  readonly graph: Graph
  readonly state: PageState
}

/** Shows a picture in the state of the address. */
export function openPicture(picture: PagePicture, hash: string): Shown {
  const state = readHash(hash, getFirstState(picture))
  return { ...openEnvironment(picture, state.environment), state }
}

/** Updates the state. If it names another environment, the graph changes to that environment's. */
export function updateShown(shown: Shown, update: (state: PageState) => PageState): Shown {
  const state = update(shown.state)
  if (state === shown.state) return shown
  if (state.environment === shown.state.environment) return { ...shown, state }
  const next = openEnvironment(shown.picture, state.environment)
  return { ...next, state: moveState(state, shown.graph, next.graph) }
}

/** Shows another picture of the same environments, after an edit. */
export function replacePicture({ state, graph }: Shown, picture: PagePicture): Shown {
  const next = openEnvironment(picture, state.environment)
  return { ...next, state: moveState(state, graph, next.graph) }
}

/** Writes the state as the part of the address after `#`. */
export const writeShown = ({ picture, state }: Shown): string => writeHash(state, getFirstState(picture))

/** Counts the differences and notices of an environment. */
export const countChanges = ({ change }: EnvironmentPicture): number =>
  change === undefined ? 0 : change.differences.length + change.notices.length

/** The state of a page without a state in its address: a page of changes opens with their list. */
export const getFirstState = ({ environments }: PagePicture): PageState =>
  environments.some(({ change }) => change !== undefined) ? { ...firstState, panel: 'changes' } : firstState

/** Opens the environment of a name. Without such a name, it is the first one with changes, or the first one. */
function openEnvironment(picture: PagePicture, name: string): Omit<Shown, 'state'> {
  const { environments } = picture
  const named = environments.findIndex(environment => getShownMesh(environment).name === name)
  const number =
    named >= 0
      ? named
      : Math.max(
          0,
          environments.findIndex(each => countChanges(each) > 0),
        )
  const environment = environments[number]!
  return { picture, number, environment, graph: getGraph(environment) }
}

/** The graph of an environment. It is kept, so that a second visit is instant. */
const getGraph = weakMemo(
  ({ mesh, change }: EnvironmentPicture): Graph =>
    makeGraph({
      after: mesh?.map,
      before: change?.before.map,
      differences: change?.differences,
    }),
)
