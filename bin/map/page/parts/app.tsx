import { useCallback, useEffect, useMemo, useState } from 'preact/hooks'
import type { FormRequest } from '../../../../compiler/map/answers.ts'
import type { PagePicture } from '../../../../compiler/map/page-html.ts'
import type { Ask } from '../engine/ask-worker.ts'
import { selectVisible } from '../graph/filters.ts'
import { type Graph, getSide } from '../graph/graph.ts'
import { makeLight } from '../graph/light.ts'
import { chooseFolded, makePainter } from '../picture/picture.ts'
import { readHash, writeHash } from '../state/hash.ts'
import { clearSelection, firstState, getSideName, type PageState } from '../state/page-state.ts'
import { type Page, PageProvider } from './context.ts'
import { FilterBar } from './filter-bar.tsx'
import { Header } from './header.tsx'
import { ListView } from './list-view.tsx'
import { MapView } from './map-view.tsx'
import { Panel } from './panel.tsx'

const emptyForm: FormRequest = {
  from: '',
  to: '',
  method: 'GET',
  path: '/',
  headers: [],
  claims: '',
  plaintext: false,
}

/** The page: its heading, its filters, the map or the list, and the panel beside it. */
export function App({
  picture,
  graph,
  ask,
}: {
  readonly picture: PagePicture
  readonly graph: Graph
  readonly ask: Ask
}) {
  const first = useMemo(
    (): PageState => (picture.change ? { ...firstState, panel: 'changes' } : firstState),
    [],
  )
  const [state, setState] = useState(() => readHash(location.hash, first))
  const [form, setForm] = useState(emptyForm)
  const [way, showWay] = useState<readonly string[]>([])
  const change = useCallback((update: (state: PageState) => PageState) => setState(update), [])
  const fillForm = useCallback((part: Partial<FormRequest>) => setForm(form => ({ ...form, ...part })), [])

  useAddress(state, first, setState)
  useEffect(() => {
    const { theme } = state
    document.documentElement.style.colorScheme = theme === 'system' ? '' : theme
  }, [state.theme])

  const foldedAtFirst = useMemo(() => chooseFolded(graph), [graph])
  const folded = useMemo(() => {
    const turned = new Set(state.turnedRooms)
    return new Set(
      graph.rooms.flatMap(({ id }, room) => (foldedAtFirst.has(room) !== turned.has(id) ? [room] : [])),
    )
  }, [state.turnedRooms])
  const visible = useMemo(() => selectVisible(graph, state.filters), [state.filters])
  const paint = useMemo(() => makePainter(graph), [graph])
  const drawing = useMemo(() => paint(visible, folded, state.filters.open), [visible, folded])
  const light = useMemo(
    () => makeLight(graph, folded, state, way),
    [folded, state.selection, state.trail, state.moment, way],
  )
  const sideName = getSideName(state)
  const page: Page = {
    picture,
    graph,
    side: getSide(graph, sideName),
    sideName,
    ask,
    state,
    change,
    folded,
    light,
    form,
    fillForm,
    showWay,
  }
  useEffect(() => {
    const close = (event: KeyboardEvent) => {
      if (event.key !== 'Escape' || event.defaultPrevented) return
      showWay([])
      change(clearSelection)
    }
    addEventListener('keydown', close)
    return () => removeEventListener('keydown', close)
  }, [])
  return (
    <PageProvider value={page}>
      <div class="page">
        <Header />
        <FilterBar drawing={drawing} />
        <main class="main">
          {state.view === 'map' ? <MapView drawing={drawing} /> : <ListView visible={visible} />}
          <Panel />
        </main>
      </div>
    </PageProvider>
  )
}

/** Keeps the address and the state the same. */
function useAddress(state: PageState, first: PageState, setState: (state: PageState) => void): void {
  useEffect(() => {
    const hash = writeHash(state, first)
    if (location.hash.replace(/^#/, '') !== hash) history.replaceState(null, '', `#${hash}`)
  }, [state])
  useEffect(() => {
    const follow = () => setState(readHash(location.hash, first))
    addEventListener('hashchange', follow)
    return () => removeEventListener('hashchange', follow)
  }, [])
}
