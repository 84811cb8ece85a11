import type { PageObjects, PagePicture } from '../../../../compiler/map/page-html.ts'
import type { PageEngine } from '../../page-engine.ts'
import type { SideName } from '../graph/graph.ts'
import { answerQuestion, type FromWorker, type MakeEngine, type ToWorker } from './questions.ts'

/** Answers the questions of the page, in its worker. Each engine is made when the first question needs it. */
export function serveAnswers(makeEngine: MakeEngine): void {
  let data: { picture: PagePicture; objects: PageObjects } | undefined
  const engines = new Map<SideName, PageEngine>()
  const getEngine = (side: SideName): PageEngine => {
    const known = engines.get(side)
    if (known !== undefined) return known
    if (data === undefined) throw new Error('the worker has no data')
    const picture = side === 'before' ? data.picture.change?.before : data.picture.mesh
    const objects = side === 'before' ? data.objects.before : data.objects.mesh
    if (picture === undefined || objects === undefined) throw new Error(`there is no mesh ${side} the change`)
    const engine = makeEngine({ ...picture, ...objects })
    engines.set(side, engine)
    return engine
  }
  const answer = (message: FromWorker) => self.postMessage(message)
  self.addEventListener('message', ({ data: message }: MessageEvent<ToWorker>) => {
    if (message.kind === 'data') {
      data = { picture: JSON.parse(message.picture), objects: JSON.parse(message.objects) }
      return
    }
    const { id, side, question } = message
    try {
      answer({ id, answer: JSON.stringify(answerQuestion(getEngine(side), question)) })
    } catch (error) {
      answer({ id, error: error instanceof Error ? error.message : String(error) })
    }
  })
}
