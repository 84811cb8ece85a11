/** A function that computes each answer once, by the identity of its argument, for as long as the argument lives. */
export function weakMemo<Question extends object, Answer>(
  answer: (question: Question) => Answer,
): (question: Question) => Answer {
  const answers = new WeakMap<Question, { readonly answer: Answer }>()
  return question => {
    const existing = answers.get(question)
    if (existing !== undefined) return existing.answer
    const given = answer(question)
    answers.set(question, { answer: given })
    return given
  }
}

/** The same for a function of two arguments. */
export function weakMemoOfPair<First extends object, Second extends object, Answer>(
  answer: (first: First, second: Second) => Answer,
): (first: First, second: Second) => Answer {
  const answers = weakMemo((first: First) => weakMemo((second: Second) => answer(first, second)))
  return (first, second) => answers(first)(second)
}
