import type { Refusal } from '../../compiler/behavior/model.ts'
import { printCount } from '../../compiler/diagnostics/counted.ts'
import { makeTextVisible } from '../../compiler/diagnostics/visible.ts'
import type { Terminal } from '../cli/terminal.ts'
import type { MeshAtHand } from './mesh.ts'
import { describeConstruct, describePlaceOfPart } from './trace-text.ts'

/** More objects than these are counted. */
const mostNotes = 20

/** Prints on stderr the objects that an answer leaves out, since a cluster refuses them. */
export function noteRefusals({ model, placeOf }: MeshAtHand, terminal: Terminal): void {
  for (const refusal of model.refused.slice(0, mostNotes)) {
    const place = placeOf(refusal)
    const where = place === undefined ? '' : ` (${describePlaceOfPart(place)})`
    terminal.note(
      `note: a cluster refuses ${makeTextVisible(`${describeConstruct(refusal)}${where}`)}; it is left out`,
    )
  }
  const rest = model.refused.length - mostNotes
  if (rest > 0) terminal.note(`note: ${printCount(rest, 'more object')} left out: \`meshc lint\` lists all`)
}

/** An object that a cluster refuses, for a program. */
export const convertRefusal = (refusal: Refusal, { placeOf }: MeshAtHand) => ({
  object: `${refusal.object.kind}/${refusal.object.namespace}/${refusal.object.name}`,
  reason: refusal.reason,
  ...placeOf(refusal),
})
