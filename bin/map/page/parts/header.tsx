import { getShownMesh } from '../../../../compiler/map/page-data.ts'
import { countWord } from '../graph/words.ts'
import type { PageState } from '../state/page-state.ts'
import { countChanges } from '../state/shown.ts'
import { usePage } from './context.ts'
import { Search } from './search.tsx'

const themes = { system: 'light', light: 'dark', dark: 'system' } as const
const themeWords = { system: 'as the system', light: 'light', dark: 'dark' } as const

/** The heading: the name of the mesh, the search, and what else the page can show. */
export function Header() {
  const { picture, environment, graph, state, change } = usePage()
  const { name } = getShownMesh(environment)
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
        {picture.environments.length === 1 ? (
          <h1 title={name}>{name}</h1>
        ) : (
          <>
            <h1 class="hidden">{name}</h1>
            <EnvironmentSelect />
          </>
        )}
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
        {picture.environments.some(({ change }) => change !== undefined) && (
          <PanelButton panel="changes" words={`Changes ${countChanges(environment)}`} />
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

/** The environments, each with the number of its changes. */
function EnvironmentSelect() {
  const { picture, environment, change } = usePage()
  return (
    <select
      class="environment"
      aria-label="Environment"
      value={getShownMesh(environment).name}
      onChange={({ currentTarget: { value } }) => change(state => ({ ...state, environment: value }))}
    >
      {picture.environments.map(each => {
        const { name } = getShownMesh(each)
        const count = countChanges(each)
        const notes = [
          ...(each.mesh === undefined ? ['removed'] : []),
          ...(count > 0 ? [countWord(count, 'change')] : []),
        ]
        return <option value={name}>{[name, ...notes].join(' · ')}</option>
      })}
    </select>
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
