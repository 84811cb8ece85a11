import { useEffect, useRef, useState } from 'preact/hooks'
import { searchNodes } from '../graph/search.ts'
import { nameKind } from '../graph/words.ts'
import { selectPart } from '../state/page-state.ts'
import { usePage } from './context.ts'

const mostResults = 12

/** The search for nodes: a field with a list of what it finds. `/` moves the focus to it. */
export function Search() {
  const { graph, change } = usePage()
  const [text, setText] = useState('')
  const [active, setActive] = useState(0)
  const [isOpen, setIsOpen] = useState(false)
  const field = useRef<HTMLInputElement>(null)
  const results = isOpen ? searchNodes(graph, text, mostResults) : []

  useEffect(() => {
    const focus = (event: KeyboardEvent) => {
      const target = event.target as HTMLElement
      if (
        event.key !== '/' ||
        event.ctrlKey ||
        event.metaKey ||
        /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName)
      )
        return
      event.preventDefault()
      field.current?.focus()
      field.current?.select()
    }
    addEventListener('keydown', focus)
    return () => removeEventListener('keydown', focus)
  }, [])

  const choose = (node: number | undefined) => {
    if (node === undefined) return
    setIsOpen(false)
    change(state => selectPart(state, { kind: 'node', id: graph.nodes[node]!.id }))
  }
  const press = (event: KeyboardEvent) => {
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault()
      const step = event.key === 'ArrowDown' ? 1 : -1
      setActive((active + step + results.length) % Math.max(1, results.length))
    }
    if (event.key === 'Enter') choose(results[active])
    if (event.key === 'Escape' && isOpen) {
      event.preventDefault()
      setIsOpen(false)
    }
  }
  return (
    <div class="search">
      <input
        ref={field}
        type="text"
        role="combobox"
        aria-label="Search nodes by name, namespace, host or owner"
        aria-expanded={results.length > 0}
        aria-controls="found"
        aria-autocomplete="list"
        aria-activedescendant={results.length > 0 ? `found-${active}` : undefined}
        placeholder="Search name, namespace, host, owner   /"
        autocomplete="off"
        spellcheck={false}
        value={text}
        onInput={event => {
          setText(event.currentTarget.value)
          setActive(0)
          setIsOpen(true)
        }}
        onKeyDown={press}
        onBlur={() => setIsOpen(false)}
      />
      <div id="found" role="listbox" aria-label="Found nodes" class="found" hidden={results.length === 0}>
        {results.map((node, position) => {
          const { name, namespace, kind, owner } = graph.nodes[node]!
          return (
            // The field keeps the focus: the keys of a list of options are those of its combobox.
            // biome-ignore lint/a11y/useFocusableInteractive: see above
            <div
              id={`found-${position}`}
              role="option"
              aria-selected={position === active}
              onMouseDown={event => {
                event.preventDefault()
                choose(node)
              }}
            >
              <bdi>{name}</bdi>
              <span>{[nameKind(kind), namespace, owner].filter(Boolean).join(' · ')}</span>
            </div>
          )
        })}
      </div>
      <p class="hidden" role="status">
        {isOpen && text !== '' ? `${results.length} found` : ''}
      </p>
    </div>
  )
}
