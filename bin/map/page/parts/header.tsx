import { countWord } from '../graph/words.ts'
import type { PageState } from '../state/page-state.ts'
import { usePage } from './context.ts'
import { Search } from './search.tsx'

const themes = { system: 'light', light: 'dark', dark: 'system' } as const
const themeWords = { system: 'as the system', light: 'light', dark: 'dark' } as const

/** The heading: the name of the mesh, the search, and what else the page can show. */
export function Header() {
  const { picture, graph, state, change } = usePage()
  const count = (kind: string) => graph.nodes.filter(node => node.kind === kind).length
  const namespaces = graph.rooms.filter(({ kind }) => kind === 'namespace').length
  const numbers = [
    countWord(count('service'), 'service'),
    countWord(namespaces, 'namespace'),
    ...(count('gateway') > 0 ? [countWord(count('gateway'), 'gateway')] : []),
    ...(count('external') > 0 ? [countWord(count('external'), 'external system')] : []),
  ]
  return (
    <header class="header">
      <div class="title">
        <h1 title={picture.mesh.name}>{picture.mesh.name}</h1>
        <p>{numbers.join(' · ')}</p>
      </div>
      <Search />
      <div class="tools">
        <fieldset class="segments">
          <legend class="hidden">View</legend>
          {(['map', 'list'] as const).map(view => (
            <button
              type="button"
              aria-pressed={state.view === view}
              onClick={() => change(state => ({ ...state, view }))}
            >
              {view === 'map' ? 'Map' : 'List'}
            </button>
          ))}
        </fieldset>
        <PanelButton panel="ask" words="Ask" />
        {picture.change !== undefined && (
          <PanelButton panel="changes" words={`Changes ${picture.change.differences.length}`} />
        )}
        <PanelButton panel="about" words="About" />
        <button
          type="button"
          class="theme"
          aria-label={`Colors: ${themeWords[state.theme]}`}
          title={`Colors: ${themeWords[state.theme]}`}
          onClick={() => change(state => ({ ...state, theme: themes[state.theme] }))}
        >
          {state.theme === 'system' ? '◐' : state.theme === 'light' ? '☀' : '☾'}
        </button>
      </div>
    </header>
  )
}

function PanelButton({ panel, words }: { readonly panel: PageState['panel']; readonly words: string }) {
  const { state, change } = usePage()
  const isShown = state.panel === panel
  return (
    <button
      type="button"
      aria-pressed={isShown}
      onClick={() => change(state => ({ ...state, panel: isShown ? 'none' : panel }))}
    >
      {words}
    </button>
  )
}
