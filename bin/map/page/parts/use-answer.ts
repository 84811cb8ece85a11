import { useEffect, useState } from 'preact/hooks'
import type { Answers, QuestionOf } from '../engine/questions.ts'
import { usePage } from './context.ts'

type Waiting<Answer> =
  | { readonly state: 'none' }
  | { readonly state: 'waiting' }
  | { readonly state: 'answered'; readonly answer: Answer }
  | { readonly state: 'failed'; readonly message: string }

/** Asks a question when it changes, and when the mesh does. An answer to an earlier question is dropped. */
export function useAnswer<Kind extends keyof Answers>(
  question: QuestionOf<Kind> | undefined,
): Waiting<Answers[Kind]> {
  const { ask } = usePage()
  const key = JSON.stringify(question)
  const [result, setResult] = useState<{ key: unknown; ask: unknown; waiting: Waiting<Answers[Kind]> }>()
  useEffect(() => {
    if (question === undefined) return
    let isCurrent = true
    const show = (waiting: Waiting<Answers[Kind]>) => isCurrent && setResult({ key, ask, waiting })
    ask(question).then(
      answer => show({ state: 'answered', answer }),
      (error: Error) => show({ state: 'failed', message: error.message }),
    )
    return () => {
      isCurrent = false
    }
  }, [key, ask])
  if (question === undefined) return { state: 'none' }
  return result?.key === key && result.ask === ask ? result.waiting : { state: 'waiting' }
}
