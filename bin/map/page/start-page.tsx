import { render } from 'preact'
import type { PagePicture } from '../../../compiler/map/page-html.ts'
import { startWorker } from './engine/ask-worker.ts'
import type { MakeEngine } from './engine/questions.ts'
import { readJson } from './engine/read-json.ts'
import { serveAnswers } from './engine/worker.ts'
import { App } from './parts/app.tsx'

/** Starts the script of the page: in the page it draws the map, in the worker of the page it answers questions. */
export function startPage(makeEngine: MakeEngine): void {
  if (typeof document === 'undefined') serveAnswers(makeEngine)
  else drawPage(document)
}

function drawPage(page: Document): void {
  const script = page.currentScript?.textContent ?? ''
  const getText = (id: string) => page.getElementById(id)?.textContent ?? ''
  const pictureText = getText('picture')
  const picture = readJson<PagePicture>(pictureText)
  const ask = startWorker(script, pictureText, getText('objects'))
  const root = page.getElementById('page')!
  root.replaceChildren()
  render(<App picture={picture} ask={ask} />, root)
}
