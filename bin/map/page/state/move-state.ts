import { noFilters } from '../graph/filters.ts'
import type { Graph } from '../graph/graph.ts'
import { chooseFolded } from '../picture/choose-folded.ts'
import type { PageState, Selection } from './page-state.ts'

/** Moves a state to another graph: of another environment, or of the same one after an edit. Keeps the parts that both graphs have. */
export function moveState(state: PageState, from: Graph, to: Graph): PageState {
  const { selection, trail, ...rest } = state
  const kept = selection && moveSelection(selection, from, to)
  return {
    ...rest,
    ...(kept === undefined ? {} : { selection: kept }),
    ...(trail !== undefined && to.numbers.has(trail.id) ? { trail } : {}),
    filters: moveFilters(state, to),
    turnedRooms: moveFolding(state, from, to),
    panel: kept === undefined && state.panel === 'details' ? 'none' : state.panel,
  }
}

/** Lists the numbers of the folded rooms. */
export function listFolded(graph: Graph, { turnedRooms }: PageState): ReadonlySet<number> {
  const first = chooseFolded(graph)
  const turned = new Set(turnedRooms)
  return new Set(graph.rooms.flatMap(({ id }, room) => (first.has(room) !== turned.has(id) ? [room] : [])))
}

function moveSelection(selection: Selection, from: Graph, to: Graph): Selection | undefined {
  if (selection.kind === 'difference') {
    const selected = from.differences[selection.number]
    const number = to.differences.findIndex(
      ({ kind, title }) => kind === selected?.kind && title === selected.title,
    )
    return number < 0 ? undefined : { kind: 'difference', number }
  }
  const ids = selection.kind === 'node' ? [selection.id] : [selection.from, selection.to]
  const hasEnd = (id: string) => to.numbers.has(id) || to.rooms.some(room => room.id === id)
  return ids.every(hasEnd) ? selection : undefined
}

function moveFilters({ filters }: PageState, { nodes, numbers }: Graph): PageState['filters'] {
  const namespaces = new Set(nodes.map(({ namespace }) => namespace))
  return {
    ...filters,
    namespaces: filters.namespaces.filter(name => namespaces.has(name)),
    owner: nodes.some(({ owner }) => owner === filters.owner) ? filters.owner : noFilters.owner,
    gateway: numbers.has(filters.gateway) ? filters.gateway : noFilters.gateway,
  }
}

/** Keeps rooms of both graphs as they are. A new room is as at first. */
function moveFolding(state: PageState, from: Graph, to: Graph): readonly string[] {
  const folded = listFolded(from, state)
  const earlier = new Map(from.rooms.map(({ id }, room) => [id, folded.has(room)]))
  const first = chooseFolded(to)
  return to.rooms.flatMap(({ id }, room) => {
    const isFolded = earlier.get(id)
    return isFolded === undefined || isFolded === first.has(room) ? [] : [id]
  })
}
