import type { CallDetails, FormAnswer, FormRequest, NodeDetails } from '../../../../compiler/map/answers.ts'
import type { PageMesh } from '../../../../compiler/map/page-data.ts'
import type { PageEngine } from '../../page-engine.ts'
import type { SideName } from '../graph/graph.ts'

/** A question of the page to the worker. The numbers are those of the map of the side. */
type Question =
  | { readonly kind: 'node'; readonly node: number }
  | { readonly kind: 'call'; readonly call: number; readonly caller: number }
  | { readonly kind: 'form'; readonly form: FormRequest }

export type QuestionOf<Kind extends Question['kind']> = Extract<Question, { readonly kind: Kind }>

/** The answers by the kinds of questions. */
export interface Answers {
  readonly node: NodeDetails
  readonly call: CallDetails
  readonly form: FormAnswer
}

/** A mesh of the page: the number of its environment, and the side of its change. */
export interface MeshName {
  readonly environment: number
  readonly side: SideName
}

/** A message of the page to the worker: first the texts of its data, then questions, each about a mesh. */
export type ToWorker =
  | { readonly kind: 'data'; readonly picture: string; readonly objects: string }
  /** Asks for nothing but the engine of the mesh. */
  | { readonly kind: 'warm'; readonly mesh: MeshName }
  | { readonly kind: 'question'; readonly id: number; readonly mesh: MeshName; readonly question: Question }

/** A message of the worker: the JSON of an answer, or the message of an error. */
export type FromWorker =
  | { readonly id: number; readonly answer: string }
  | { readonly id: number; readonly error: string }

export type MakeEngine = (mesh: PageMesh) => PageEngine

/** Asks an engine a question. */
export function answerQuestion(engine: PageEngine, question: Question): Answers[keyof Answers] {
  if (question.kind === 'node') return engine.describeNode(question.node)
  if (question.kind === 'call') return engine.describeCall(question.call, question.caller)
  return engine.answerForm(question.form)
}
