/** A function that is asked for each answer once, by the identity of the question. */
export function memo<Question, Answer>(
  answer: (question: Question) => Answer,
): (question: Question) => Answer {
  const known = new Map<Question, Answer>()
  return question => {
    const found = known.get(question)
    if (found !== undefined || known.has(question)) return found as Answer
    const given = answer(question)
    known.set(question, given)
    return given
  }
}
