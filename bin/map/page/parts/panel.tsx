import { useEffect, useRef } from 'preact/hooks'
import { clearSelection } from '../state/page-state.ts'
import { AboutPanel } from './about-panel.tsx'
import { AskPanel } from './ask-panel.tsx'
import { ChangesPanel } from './changes-panel.tsx'
import { usePage } from './context.ts'
import { LinkPanel } from './link-panel.tsx'
import { NodePanel } from './node-panel.tsx'

/** The panel beside the map: details, the form of questions, the changes, or what the map is made of. */
export function Panel() {
  const { state, change, showWay } = usePage()
  const scroll = useRef<HTMLDivElement>(null)
  useEffect(() => {
    scroll.current?.scrollTo(0, 0)
  }, [state.panel, state.selection])
  const content = choosePanel(state.panel)
  if (content === undefined) return null
  const close = () => {
    showWay([])
    change(clearSelection)
  }
  return (
    <aside class="panel" aria-label="Details">
      <button type="button" class="close" aria-label="Close the panel" onClick={close}>
        ×
      </button>
      <div class="scroll" ref={scroll} tabindex={0} role="region" aria-label="Content of the panel">
        {content}
      </div>
    </aside>
  )

  function choosePanel(panel: typeof state.panel) {
    const { selection } = state
    if (panel === 'ask') return <AskPanel />
    if (panel === 'changes') return <ChangesPanel />
    if (panel === 'about') return <AboutPanel />
    if (panel === 'none' || selection === undefined) return undefined
    if (selection.kind === 'node') return <NodePanel key={selection.id} id={selection.id} />
    if (selection.kind === 'link') return <LinkPanel from={selection.from} to={selection.to} />
    return <ChangesPanel />
  }
}
