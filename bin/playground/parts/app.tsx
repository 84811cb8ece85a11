import type { ComponentChildren } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import type { Example } from '../share/examples.ts'
import { encodeProject } from '../share/hash.ts'
import type { EnvironmentState } from '../share/messages.ts'
import { FileList } from './file-list.tsx'
import type { Playground } from './playground.ts'
import { ProblemList, Words } from './problem-list.tsx'
import { Reasons } from './reasons.tsx'
import { Splitter } from './splitter.tsx'

/** The playground: the spec at the left, and what it makes at the right. */
export function App({
  playground,
  examples,
  onExample,
}: {
  readonly playground: Playground
  readonly examples: readonly Example[]
  readonly onExample: (id: string) => void
}) {
  const [state, setState] = useState(playground.state)
  const spec = useRef<HTMLDivElement>(null)
  const built = useRef<HTMLDivElement>(null)
  useEffect(() => {
    playground.onChange = () => setState(playground.state)
    playground.mount(spec.current!, built.current!)
    setState(playground.state)
  }, [playground])
  const example = examples.find(({ id }) => id === state.example)
  const shared = findSharedFolder(state.files)
  const errors = state.problems.filter(({ severity }) => severity === 'error').length
  return (
    <>
      <h1 class="hidden">meshc playground</h1>
      <div class="toolbar">
        <ExampleChoice examples={examples} chosen={state.example} onChoose={onExample} />
        <p class="says" title={example?.says}>
          <Words text={example?.says ?? 'A project of your own.'} />
        </p>
        {example?.correction !== undefined && (
          <button type="button" onClick={() => playground.replace(example.correction!)}>
            Correct it
          </button>
        )}
        <EnvironmentChoice
          environments={state.environments}
          chosen={state.environment}
          onChoose={name => playground.chooseEnvironment(name)}
        />
        <label class="check">
          <input
            type="checkbox"
            checked={state.isFollowed}
            onChange={event => playground.follow(event.currentTarget.checked)}
          />
          Follow the cursor
        </label>
        <ShareButton playground={playground} />
      </div>
      {state.failure !== undefined && (
        <p class="failure" role="alert">
          {state.failure}
        </p>
      )}
      <Splitter
        first={
          <section class="pane" aria-label="Spec">
            <div class="tabs" role="tablist" aria-label="Files of the spec">
              {state.files.map(file => (
                <Tab
                  key={file}
                  isChosen={file === state.open}
                  panel="spec-panel"
                  onChoose={() => playground.showSpec(file)}
                >
                  {file.slice(shared.length)}
                  <Badge
                    count={
                      state.light?.kind === 'why' ? (state.light.answer?.files[file]?.near.length ?? 0) : 0
                    }
                    word="lit line"
                  />
                </Tab>
              ))}
            </div>
            <div class="editor stack" id="spec-panel" role="tabpanel" aria-label={state.open} ref={spec} />
            <section class="findings" aria-label="Findings" aria-live="polite">
              <div class="findings-head">
                <h2>
                  Findings{' '}
                  {state.problems.length > 0 && (
                    <span class={`count ${errors > 0 ? 'error' : 'warning'}`}>{state.problems.length}</span>
                  )}
                </h2>
                <p class="keys">
                  <kbd>Ctrl Space</kbd> completes, <kbd>F12</kbd> finds, <kbd>F2</kbd> renames, <kbd>Esc</kbd>{' '}
                  <kbd>Tab</kbd> leaves
                </p>
              </div>
              {/* A long list scrolls. */}
              {/* biome-ignore lint/a11y/noNoninteractiveTabindex: keys scroll it */}
              <div class="scroll" tabIndex={0}>
                <ProblemList
                  problems={state.problems}
                  isChecked={state.isChecked}
                  onShow={problem => playground.showProblem(problem)}
                  onFix={problem => playground.fix(problem)}
                />
              </div>
            </section>
          </section>
        }
        second={
          <section class="pane" aria-label="Result">
            <div class="tabs" role="tablist" aria-label="Results">
              <Tab
                isChosen={state.tab === 'manifests'}
                panel="manifests-panel"
                onChoose={() => playground.chooseTab('manifests')}
              >
                Manifests
              </Tab>
              <Tab
                isChosen={state.tab === 'map'}
                panel="map-panel"
                onChoose={() => playground.chooseTab('map')}
              >
                Map
              </Tab>
              {state.isStale && state.built.length > 0 && (
                <span class="stale">{errors > 0 ? 'from before the errors' : 'compiling…'}</span>
              )}
            </div>
            <div
              class="manifests"
              id="manifests-panel"
              role="tabpanel"
              aria-label="Manifests"
              hidden={state.tab !== 'manifests'}
              data-stale={state.isStale}
            >
              {state.built.length === 0 && state.isChecked && (
                <p class="calm empty">
                  {errors > 0 ? 'A spec with errors makes no manifests.' : 'Compiling…'}
                </p>
              )}
              <FileList
                files={state.built}
                shown={state.shown}
                lit={state.light?.kind === 'impact' ? state.light.answer.files : {}}
                onShow={path => playground.showBuilt(path)}
              />
              <div class="editor" ref={built} />
              <section class="reasons" aria-label="Why" aria-live="polite">
                {/* biome-ignore lint/a11y/noNoninteractiveTabindex: keys scroll it */}
                <div class="scroll" tabIndex={0}>
                  <Reasons light={state.light} onPlace={place => playground.showPlace(place)} />
                </div>
              </section>
            </div>
            <div class="map" id="map-panel" role="tabpanel" aria-label="Map" hidden={state.tab !== 'map'}>
              {state.map !== undefined ? (
                <MapFrame html={state.map.html} data={state.map.data} />
              ) : (
                <p class="calm">
                  {state.isStale && errors > 0
                    ? 'A spec with errors has no map.'
                    : 'Proving who gets through to whom…'}
                </p>
              )}
            </div>
          </section>
        }
      />
    </>
  )
}

/** The folder that all files are in, which need not stand on each tab; of a lone file, the one above its own. */
function findSharedFolder(files: readonly string[]): string {
  const folders = files.map(file => file.split('/').slice(0, files.length === 1 ? -2 : -1))
  const [first = [], ...others] = folders
  const end = first.findIndex((step, index) => others.some(folder => folder[index] !== step))
  const steps = end === -1 ? first : first.slice(0, end)
  return steps.map(step => `${step}/`).join('')
}

/**
 * The page of a map, which runs its own script and reaches nothing of this page.
 *
 * @param data what the page shows after an edit; it keeps its state
 */
function MapFrame({ html, data }: { readonly html: string; readonly data: string | undefined }) {
  const frame = useRef<HTMLIFrameElement>(null)
  const [isLoaded, setLoaded] = useState(false)
  useEffect(() => {
    setLoaded(false)
    const address = URL.createObjectURL(new Blob([html], { type: 'text/html' }))
    const { theme } = document.documentElement.dataset
    frame.current!.src = theme === 'light' || theme === 'dark' ? `${address}#theme=${theme}` : address
    return () => URL.revokeObjectURL(address)
  }, [html])
  useEffect(() => {
    // The origin of the frame is its own, which has no name.
    if (isLoaded && data !== undefined) frame.current!.contentWindow!.postMessage(data, '*')
  }, [isLoaded, data])
  return (
    <iframe
      title="Map of the mesh"
      sandbox="allow-scripts"
      ref={frame}
      onLoad={({ currentTarget }) => setLoaded(currentTarget.src !== '')}
    />
  )
}

function Tab({
  isChosen,
  panel,
  onChoose,
  children,
}: {
  readonly isChosen: boolean
  readonly panel: string
  readonly onChoose: () => void
  readonly children: ComponentChildren
}) {
  const step = (event: KeyboardEvent) => {
    const ahead = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0
    const tab = event.currentTarget
    if (ahead === 0 || !(tab instanceof HTMLElement)) return
    const tabs = [...(tab.parentElement?.querySelectorAll<HTMLElement>('[role=tab]') ?? [])]
    const next = tabs[(tabs.indexOf(tab) + ahead + tabs.length) % tabs.length]
    next?.click()
    next?.focus()
  }
  const tab = useRef<HTMLButtonElement>(null)
  useEffect(() => {
    const list = tab.current?.parentElement
    if (!isChosen || list == null) return
    // Only the list scrolls, and not the page.
    const { offsetLeft, offsetWidth } = tab.current!
    const start = offsetLeft - list.offsetLeft
    if (start < list.scrollLeft) list.scrollLeft = start
    else if (start + offsetWidth > list.scrollLeft + list.clientWidth)
      list.scrollLeft = start + offsetWidth - list.clientWidth
  }, [isChosen])
  return (
    <button
      type="button"
      role="tab"
      ref={tab}
      aria-selected={isChosen}
      aria-controls={panel}
      tabIndex={isChosen ? 0 : -1}
      onClick={onChoose}
      onKeyDown={step}
    >
      {children}
    </button>
  )
}

function Badge({ count, word }: { readonly count: number; readonly word: string }) {
  if (count === 0) return null
  return (
    <>
      {' '}
      <span class="badge">
        {count}
        <span class="hidden"> {count === 1 ? word : `${word}s`}</span>
      </span>
    </>
  )
}

function ExampleChoice({
  examples,
  chosen,
  onChoose,
}: {
  readonly examples: readonly Example[]
  readonly chosen: string | undefined
  readonly onChoose: (id: string) => void
}) {
  const groups = [...new Set(examples.map(({ group }) => group))]
  return (
    <div class="choice">
      <label for="example">Example</label>
      <select id="example" value={chosen ?? ''} onChange={event => onChoose(event.currentTarget.value)}>
        {chosen === undefined && <option value="">(your own)</option>}
        {groups.map(group => (
          <optgroup key={group} label={group}>
            {examples
              .filter(example => example.group === group)
              .map(({ id, title }) => (
                <option key={id} value={id}>
                  {title}
                </option>
              ))}
          </optgroup>
        ))}
      </select>
    </div>
  )
}

function EnvironmentChoice({
  environments,
  chosen,
  onChoose,
}: {
  readonly environments: readonly EnvironmentState[]
  readonly chosen: string | undefined
  readonly onChoose: (name: string) => void
}) {
  if (environments.length < 2) return null
  return (
    <div class="choice">
      <label for="environment">Environment</label>
      <select id="environment" value={chosen ?? ''} onChange={event => onChoose(event.currentTarget.value)}>
        {environments.map(({ name, errors }) => (
          <option key={name} value={name}>
            {errors > 0 ? `${name} (${errors === 1 ? '1 error' : `${errors} errors`})` : name}
          </option>
        ))}
      </select>
    </div>
  )
}

function ShareButton({ playground }: { readonly playground: Playground }) {
  const [words, setWords] = useState('Share')
  const share = async () => {
    const hash = `#spec=${await encodeProject(playground.readProject())}`
    history.replaceState(undefined, '', hash)
    try {
      await navigator.clipboard.writeText(location.href)
      setWords('Address copied')
    } catch {
      setWords('Copy the address of this page')
    }
    setTimeout(() => setWords('Share'), 4000)
  }
  return (
    <button
      type="button"
      class="share"
      title="The address holds the whole spec; nothing is sent."
      onClick={() => void share()}
    >
      <span aria-live="polite">{words}</span>
    </button>
  )
}
