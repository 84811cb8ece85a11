/** A function that computes each answer once, by the identity of its argument. */
export function memo<Question, Answer>(
  answer: (question: Question) => Answer,
): (question: Question) => Answer {
  const answers = new Map<Question, Answer>()
  return question => {
    const foundAnswer = answers.get(question)
    if (foundAnswer !== undefined || answers.has(question)) return foundAnswer as Answer
    const given = answer(question)
    answers.set(question, given)
    return given
  }
}
