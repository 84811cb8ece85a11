import type { FormRequest } from '../../../../compiler/map/answers.ts'
import { type Filters, noFilters } from '../graph/filters.ts'
import type { SideName } from '../graph/graph.ts'

/** All that a person has chosen. The address of the page holds it, see `hash.ts`. */
export interface PageState {
  /** The name of the environment; empty: the first one. */
  readonly environment: string
  readonly selection?: Selection
  readonly trail?: Trail
  readonly filters: Filters
  /** The ids of the rooms that a reader has folded or unfolded against the default. */
  readonly turnedRooms: readonly string[]
  readonly view: 'map' | 'list'
  readonly panel: 'none' | 'details' | 'ask' | 'changes' | 'about'
  /** From 0, before the change, to 100, after it. */
  readonly moment: number
  readonly theme: 'system' | 'light' | 'dark'
  readonly question: PageQuestion
}

/** The form of questions. */
export interface PageQuestion {
  readonly form: FormRequest
  /** True if its answer is shown; false: a person is still writing. */
  readonly isAsked: boolean
}

export const emptyForm: FormRequest = {
  from: '',
  to: '',
  method: 'GET',
  path: '/',
  headers: [],
  claims: '',
  plaintext: false,
}

export type Selection =
  | { readonly kind: 'node'; readonly id: string }
  /** The ids of two nodes or folded rooms. */
  | { readonly kind: 'link'; readonly from: string; readonly to: string }
  /** The number of a difference. */
  | { readonly kind: 'difference'; readonly number: number }

/**
 * Nodes that are lit: those that a node can reach (`forward`), those that can reach it (`backward`), and the shortest way from
 * the internet to it (`way`).
 */
export interface Trail {
  readonly kind: 'forward' | 'backward' | 'way'
  readonly id: string
}

export const firstState: PageState = {
  environment: '',
  filters: noFilters,
  turnedRooms: [],
  view: 'map',
  panel: 'none',
  moment: 100,
  theme: 'system',
  question: { form: emptyForm, isAsked: false },
}

/** Gives the side of a change that questions are about. */
export const getSideName = ({ moment }: PageState): SideName => (moment < 50 ? 'before' : 'after')

/** Selects something, and shows its details. A trail stays only with the node that it belongs to. */
export function selectPart(state: PageState, selection: Selection): PageState {
  const { trail, ...rest } = state
  const keepsTrail = trail !== undefined && selection.kind === 'node' && selection.id === trail.id
  return {
    ...rest,
    ...(keepsTrail ? { trail } : {}),
    selection,
    panel: selection.kind === 'difference' ? 'changes' : 'details',
  }
}

/** Selects nothing, and closes the panel of the selection. */
export function clearSelection({ selection: _, trail: __, ...state }: PageState): PageState {
  return { ...state, panel: 'none' }
}

/** Fills in parts of the form, which clears its answer. */
export const fillForm = (state: PageState, part: Partial<FormRequest>): PageState => ({
  ...state,
  question: { form: { ...state.question.form, ...part }, isAsked: false },
})

export const showTrail = (state: PageState, trail: Trail): PageState => ({
  ...selectPart(state, { kind: 'node', id: trail.id }),
  trail,
})

export function hideTrail({ trail: _, ...state }: PageState): PageState {
  return state
}

export function turnRoom(state: PageState, id: string): PageState {
  const { turnedRooms } = state
  const isTurned = turnedRooms.includes(id)
  return { ...state, turnedRooms: isTurned ? turnedRooms.filter(room => room !== id) : [...turnedRooms, id] }
}
