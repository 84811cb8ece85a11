import type { Answers, FromWorker, MeshName, QuestionOf, ToWorker } from './questions.ts'
import { readJson } from './read-json.ts'

/** The worker of the page, with the engines in it. */
export interface EngineWorker {
  /** Gives it the JSON of the picture and of the objects, which replaces the previous data. */
  readonly load: (picture: string, objects: string) => void
  /** Makes the engine of a mesh, so that its first answer does not wait for that. */
  readonly warm: (mesh: MeshName) => void
  /** Asks the engine of a mesh, and gives its answer. It fails with the message of the engine's error. */
  readonly ask: <Kind extends keyof Answers>(
    mesh: MeshName,
    question: QuestionOf<Kind>,
  ) => Promise<Answers[Kind]>
}

/**
 * Starts the worker of the page.
 *
 * @param script the script of the page, which answers questions if it runs in a worker
 */
export function startWorker(script: string): EngineWorker {
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
  return {
    load: (picture, objects) => send({ kind: 'data', picture, objects }),
    warm: mesh => send({ kind: 'warm', mesh }),
    ask: (mesh, question) =>
      new Promise((resolve, reject) => {
        last += 1
        waiting.set(last, { resolve, reject })
        send({ kind: 'question', id: last, mesh, question })
      }),
  }
}
