import { render } from 'preact'
import { type PackedPicture, unpackPicture } from '../../../compiler/map/page-html.ts'
import { startWorker } from './engine/ask-worker.ts'
import { followFrame } from './engine/follow-frame.ts'
import { followServer, type LiveStatus } from './engine/follow-server.ts'
import type { MakeEngine } from './engine/questions.ts'
import { readJson } from './engine/read-json.ts'
import { serveAnswers } from './engine/worker.ts'
import { App } from './parts/app.tsx'

/** Starts the script of the page: in the page it draws the map, in the worker of the page it answers questions. */
export function startPage(makeEngine: MakeEngine): void {
  if (typeof document === 'undefined') serveAnswers(makeEngine)
  else drawPage(document)
}

const readPicture = (text: string) => unpackPicture(readJson<PackedPicture>(text))

function drawPage(page: Document): void {
  const script = page.currentScript?.textContent ?? ''
  const getText = (id: string) => page.getElementById(id)?.textContent ?? ''
  const [pictureText, objectsText] = [getText('picture'), getText('objects')]
  const engine = startWorker(script)
  engine.load(pictureText, objectsText)
  const root = page.getElementById('page')!
  root.replaceChildren()
  let picture = readPicture(pictureText)
  let live: LiveStatus | undefined
  const draw = () => render(<App picture={picture} engine={engine} live={live} />, root)
  draw()
  const load = (text: string) => {
    const parts = JSON.parse(text) as Record<'picture' | 'objects', unknown>
    const next = JSON.stringify(parts.picture)
    engine.load(next, JSON.stringify(parts.objects))
    picture = readPicture(next)
    draw()
  }
  const follows = page.querySelector<HTMLMetaElement>('meta[name="meshc-follows"]')?.content
  if (follows === 'frame') followFrame(load)
  if (follows !== 'server') return
  // As the server writes it, without what keeps the text in its element of HTML.
  const current = `{"picture":${pictureText},"objects":${objectsText}}`.replaceAll('\\u003c', '<')
  followServer(current, load, status => {
    live = status
    draw()
  })
}
