import type { ComponentChild } from 'preact'
import { useRef, useState } from 'preact/hooks'

/** Two panes side by side, and a bar between them that pointers and arrow keys move. */
export function Splitter({
  first,
  second,
}: {
  readonly first: ComponentChild
  readonly second: ComponentChild
}) {
  const [share, setShare] = useState(44)
  const box = useRef<HTMLDivElement>(null)
  const limit = (value: number) => setShare(Math.min(80, Math.max(20, Math.round(value))))
  const drag = (event: PointerEvent) => {
    if (event.buttons !== 1 || box.current === null) return
    const { left, width } = box.current.getBoundingClientRect()
    limit(((event.clientX - left) / width) * 100)
  }
  return (
    <div class="panes" ref={box} style={{ '--share': `${share}%` }}>
      {first}
      <div
        class="splitter"
        role="separator"
        aria-label="Width of the spec"
        aria-orientation="vertical"
        aria-valuemin={20}
        aria-valuemax={80}
        aria-valuenow={share}
        tabIndex={0}
        onPointerDown={event => {
          event.preventDefault()
          event.currentTarget.setPointerCapture(event.pointerId)
        }}
        onPointerMove={drag}
        onKeyDown={event => {
          if (event.key === 'ArrowLeft') limit(share - 2)
          if (event.key === 'ArrowRight') limit(share + 2)
        }}
      />
      {second}
    </div>
  )
}
