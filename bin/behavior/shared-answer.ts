import { listQuoted } from '../../compiler/diagnostics/suggest.ts'
import { Failure } from '../cli/failure.ts'

/**
 * The first of the answers for the workloads of one word. All answers must be equal.
 *
 * @param word the word of the user; `what`: the text before it, such as `--from`
 * @param answers at least one, each with the name of its caller, and with the answer without that name
 */
export function shareAnswer<Answer extends { readonly name: string; readonly comparable: unknown }>(
  { word, what }: { readonly word: string; readonly what: string },
  answers: readonly Answer[],
): Answer {
  const [first, ...otherAnswers] = answers
  if (first === undefined) throw new Error(`\`${word}\` has no answer`)
  const firstText = JSON.stringify(first.comparable)
  if (otherAnswers.every(answer => JSON.stringify(answer.comparable) === firstText)) return first
  const names = answers.map(({ name }) => name)
  throw new Failure(
    `\`${word}\` is ${listQuoted(names)}, and they get different answers`,
    `say which, as in \`${what} ${first.name}\``,
  )
}
