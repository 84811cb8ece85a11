import { usualLimits } from '../../compiler/behavior/budget.ts'
import type { CallDetails, FormAnswer, FormRequest, NodeDetails } from '../../compiler/map/answers.ts'
import type { PageMesh } from '../../compiler/map/page-data.ts'
import { answerForm } from './answer-form.ts'
import { makeCallDescriber } from './describe-call.ts'
import { makeNodeDescriber } from './describe-node.ts'
import { restoreMesh } from './restore-mesh.ts'

/** The engine of a page: it answers questions about the picture. */
export interface PageEngine {
  /** Does beforehand the work that the first answers share. */
  warm(): void
  /** Describes a node of the map by its number. */
  describeNode(node: number): NodeDetails
  /** Describes a call of the map, by its number and that of the caller in `callers`. */
  describeCall(call: number, caller: number): CallDetails
  /** Follows the request of the form, as `meshc trace` does. */
  answerForm(form: FormRequest): FormAnswer
}

/** Makes the engine of a mesh. It needs no module of Node. */
export function makePageEngine(page: PageMesh): PageEngine {
  const mesh = restoreMesh(page)
  return {
    ...makeNodeDescriber(page, mesh, usualLimits),
    describeCall: makeCallDescriber(page, mesh, usualLimits),
    answerForm: form => answerForm(form, page, mesh, usualLimits),
  }
}
