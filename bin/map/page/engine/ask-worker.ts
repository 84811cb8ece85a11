import type { Answers, FromWorker, MeshName, QuestionOf, ToWorker } from './questions.ts'
import { readJson } from './read-json.ts'

/** Asks the engine of a mesh, and gives its answer. It fails with the message of the engine's error. */
export type Ask = <Kind extends keyof Answers>(
  mesh: MeshName,
  question: QuestionOf<Kind>,
) => Promise<Answers[Kind]>

/**
 * Starts the worker of the page, and makes the function that asks it.
 *
 * @param script the script of the page, which answers questions where it runs in a worker
 * @param picture the JSON of what is drawn
 * @param objects the JSON of the objects
 */
export function startWorker(script: string, picture: string, objects: string): Ask {
  const address = URL.createObjectURL(new Blob([script], { type: 'text/javascript' }))
  const worker = new Worker(address)
  const waiting = new Map<number, { resolve: (answer: never) => void; reject: (error: Error) => void }>()
  let last = 0
  const send = (message: ToWorker) => worker.postMessage(message)
  worker.addEventListener('message', ({ data }: MessageEvent<FromWorker>) => {
    const question = waiting.get(data.id)
    waiting.delete(data.id)
    if ('error' in data) question?.reject(new Error(data.error))
    else question?.resolve(readJson<never>(data.answer))
  })
  worker.addEventListener('error', ({ message }) => {
    for (const { reject } of waiting.values()) reject(new Error(message || 'the engine did not start'))
    waiting.clear()
  })
  send({ kind: 'data', picture, objects })
  return (mesh, question) =>
    new Promise((resolve, reject) => {
      last += 1
      waiting.set(last, { resolve, reject })
      send({ kind: 'question', id: last, mesh, question })
    })
}
