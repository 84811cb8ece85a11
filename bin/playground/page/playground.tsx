import { render } from 'preact'
import { App } from '../parts/app.tsx'
import { Playground } from '../parts/playground.ts'
import type { Example } from '../share/examples.ts'
import { decodeProject } from '../share/hash.ts'
import { startThemeButton } from './theme-button.ts'

startThemeButton()
void startPlayground()

/** Starts the playground with the project of the address, or the first example. */
async function startPlayground(): Promise<void> {
  const playground = new Playground()
  const response = await fetch(new URL('examples.json', import.meta.url))
  // Written by the build of the site.
  const examples = (await response.json()) as readonly Example[]
  const main = document.getElementById('main')!
  main.replaceChildren()
  render(<App playground={playground} examples={examples} onExample={choose} />, main)
  playground.onEdit = () => {
    // The text is no longer that of the address.
    if (location.hash !== '') history.replaceState(undefined, '', location.pathname + location.search)
  }
  window.addEventListener('hashchange', () => void open())
  await open()

  function choose(id: string): void {
    history.pushState(undefined, '', `#example=${id}`)
    void open()
  }

  async function open(): Promise<void> {
    const hash = new URLSearchParams(location.hash.slice(1))
    const shared = hash.get('spec')
    const project = shared === null ? undefined : await decodeProject(shared)
    if (project !== undefined) {
      playground.openProject(project)
      return
    }
    const example = examples.find(({ id }) => id === hash.get('example')) ?? examples[0]!
    playground.openProject(example, example.id)
    if (shared !== null) playground.fail('the address holds no project, or only a part of it')
  }
}
