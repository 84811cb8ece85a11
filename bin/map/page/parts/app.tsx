import { useCallback, useEffect, useMemo, useState } from 'preact/hooks'
import type { PagePicture } from '../../../../compiler/map/page-html.ts'
import type { EngineWorker } from '../engine/ask-worker.ts'
import type { LiveStatus } from '../engine/follow-server.ts'
import { selectVisible } from '../graph/filters.ts'
import { getSide } from '../graph/graph.ts'
import { makeLight } from '../graph/light.ts'
import { makeGraphPainter } from '../picture/picture.ts'
import { readHash } from '../state/hash.ts'
import { listFolded } from '../state/move-state.ts'
import { clearSelection, getSideName, type PageState } from '../state/page-state.ts'
import {
  getFirstState,
  openPicture,
  replacePicture,
  type Shown,
  updateShown,
  writeShown,
} from '../state/shown.ts'
import { type Page, PageProvider } from './context.ts'
import { FilterBar } from './filter-bar.tsx'
import { Header } from './header.tsx'
import { ListView } from './list-view.tsx'
import { LiveBanner } from './live-banner.tsx'
import { MapView } from './map-view.tsx'
import { Panel } from './panel.tsx'

/** The page: its heading, its filters, the map or the list, and the panel beside it. */
export function App({
  picture,
  engine,
  live,
}: {
  readonly picture: PagePicture
  readonly engine: EngineWorker
  /** The news of the server; undefined for a page that has none. */
  readonly live: LiveStatus | undefined
}) {
  const [shown, setShown] = useState(() => openPicture(picture, location.hash))
  if (shown.picture !== picture) setShown(replacePicture(shown, picture))
  const { number, environment, graph, state } = shown
  const [way, showWay] = useState<readonly string[]>([])
  const change = useCallback(
    (update: (state: PageState) => PageState) => setShown(shown => updateShown(shown, update)),
    [],
  )

  useAddress(shown, change)
  useEffect(() => {
    const { theme } = state
    document.documentElement.style.colorScheme = theme === 'system' ? '' : theme
  }, [state.theme])

  const folded = useMemo(() => listFolded(graph, state), [graph, state.turnedRooms])
  const visible = useMemo(() => selectVisible(graph, state.filters), [graph, state.filters])
  const paint = useMemo(() => makeGraphPainter(graph), [graph])
  const drawing = useMemo(
    () => paint(visible, folded, state.filters.open, state.filters.tight),
    [visible, folded],
  )
  const light = useMemo(
    () => makeLight(graph, folded, state, way),
    [folded, state.selection, state.trail, state.moment, way],
  )
  const side = getSide(graph, getSideName(state))
  const mesh = useMemo(() => ({ environment: number, side: side.name }), [number, environment, side.name])
  useEffect(() => whenIdle(() => engine.warm(mesh)), [mesh])
  const page: Page = {
    picture: shown.picture,
    isLive: live !== undefined,
    environment,
    graph,
    side,
    ask: useCallback(question => engine.ask(mesh, question), [mesh]),
    state,
    change,
    folded,
    light,
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
        {live !== undefined && <LiveBanner status={live} />}
        <main class="main">
          {state.view === 'map' ? <MapView drawing={drawing} /> : <ListView visible={visible} />}
          <Panel />
        </main>
      </div>
    </PageProvider>
  )
}

/** Does something when the page has time; gives what calls it off. */
function whenIdle(act: () => void): () => void {
  // Safari has no idle callback.
  if (typeof requestIdleCallback === 'undefined') {
    const timer = setTimeout(act, 200)
    return () => clearTimeout(timer)
  }
  const request = requestIdleCallback(act, { timeout: 2_000 })
  return () => cancelIdleCallback(request)
}

/** Keeps the address and the state the same. */
function useAddress(shown: Shown, change: Page['change']): void {
  useEffect(() => {
    const hash = writeShown(shown)
    if (location.hash.replace(/^#/, '') !== hash) history.replaceState(null, '', `#${hash}`)
  }, [shown])
  useEffect(() => {
    const follow = () => change(() => readHash(location.hash, getFirstState(shown.picture)))
    addEventListener('hashchange', follow)
    return () => removeEventListener('hashchange', follow)
  }, [shown.picture])
}
