import { useEffect, useState } from 'preact/hooks'

type Waiting<Answer> =
  | { readonly state: 'waiting' }
  | { readonly state: 'answered'; readonly answer: Answer }
  | { readonly state: 'failed'; readonly message: string }

/** Asks when the key changes. An answer to an earlier key is dropped. */
export function useAnswer<Answer>(key: string, ask: () => Promise<Answer>): Waiting<Answer> {
  const [result, setResult] = useState<{ key: string; waiting: Waiting<Answer> }>({
    key: '',
    waiting: { state: 'waiting' },
  })
  useEffect(() => {
    let isCurrent = true
    ask().then(
      answer => isCurrent && setResult({ key, waiting: { state: 'answered', answer } }),
      (error: Error) => isCurrent && setResult({ key, waiting: { state: 'failed', message: error.message } }),
    )
    return () => {
      isCurrent = false
    }
  }, [key])
  return result.key === key ? result.waiting : { state: 'waiting' }
}
