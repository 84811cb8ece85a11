import {
  type PageObjects,
  type PagePicture,
  unpackObjects,
  unpackPicture,
} from '../../../../compiler/map/page-html.ts'
import type { PageEngine } from '../../page-engine.ts'
import {
  answerQuestion,
  type FromWorker,
  type MakeEngine,
  type MeshName,
  type ToWorker,
} from './questions.ts'

/** Answers the questions of the page, in its worker. Each engine is made once: when the page has time, or when a question needs it. */
export function serveAnswers(makeEngine: MakeEngine): void {
  let data: PageTexts | undefined
  const engines = new Map<string, PageEngine>()
  const getEngine = (name: MeshName): PageEngine => {
    const key = `${name.environment} ${name.side}`
    const known = engines.get(key)
    if (known !== undefined) return known
    if (data === undefined) throw new Error('the worker has no data')
    const engine = makeEngine(joinMesh(data, name))
    engines.set(key, engine)
    return engine
  }
  const warm = (mesh: MeshName) => {
    try {
      getEngine(mesh).warm()
    } catch {
      // The first question meets the same error, and the page shows it there.
    }
  }
  const answer = (message: FromWorker) => self.postMessage(message)
  self.addEventListener('message', ({ data: message }: MessageEvent<ToWorker>) => {
    if (message.kind === 'data') {
      data = {
        picture: unpackPicture(JSON.parse(message.picture)),
        objects: unpackObjects(JSON.parse(message.objects)),
      }
      engines.clear()
      return
    }
    if (message.kind === 'warm') {
      warm(message.mesh)
      return
    }
    const { id, mesh, question } = message
    try {
      answer({ id, answer: JSON.stringify(answerQuestion(getEngine(mesh), question)) })
    } catch (error) {
      answer({ id, error: error instanceof Error ? error.message : String(error) })
    }
  })
}

interface PageTexts {
  readonly picture: PagePicture
  readonly objects: PageObjects
}

/** Joins the picture and the objects of a mesh. */
function joinMesh({ picture, objects }: PageTexts, { environment, side }: MeshName) {
  const { mesh, change } = picture.environments[environment] ?? {}
  const drawn = side === 'before' ? change?.before : mesh
  const read = objects.environments[environment]?.[side]
  if (drawn === undefined || read === undefined) throw new Error(`there is no mesh ${side} the change`)
  return { ...drawn, ...read }
}
