import { listQuoted } from '../../compiler/diagnostics/suggest.ts'
import { Failure } from '../cli/failure.ts'

/**
 * The first of the answers that the workloads of one word get, which must be one and the same.
 *
 * @param word what was typed, with what stands before it, such as `--from`
 * @param answers at least one, each with the name of its caller and with what is told of it, but for that name
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
