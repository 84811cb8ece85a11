import { useLayoutEffect, useRef, useState } from 'preact/hooks'
import { findEnd, getEndId } from '../graph/light.ts'
import type { End } from '../graph/links.ts'
import type { Box } from '../picture/geometry.ts'
import { usePage } from './context.ts'

/** The part of the map with the focus, or that gets it by the key Tab, and its handlers. */
interface MapFocus {
  readonly current: End | undefined
  /** Notes the part that has the focus; `isMoved`: it does not have it yet. */
  readonly focus: (end: End, isMoved?: boolean) => void
}

/** Keeps the focus of the map on a part that is drawn. */
export function useFocus(items: ReadonlyMap<End, Box>): MapFocus {
  const { graph, folded } = usePage()
  const [focused, setFocused] = useState('')
  const end = findEnd(graph, folded, focused)
  const current = end !== undefined && items.has(end) ? end : items.keys().next().value
  const isDue = useRef(false)
  useLayoutEffect(() => {
    if (isDue.current) document.getElementById(`end-${current}`)?.focus({ preventScroll: true })
    isDue.current = false
  }, [current])
  return {
    current,
    focus: (next, isMoved = false) => {
      isDue.current = isMoved
      setFocused(getEndId(graph, next))
    },
  }
}
