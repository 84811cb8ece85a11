import { EditorState } from '@codemirror/state'
import { EditorView } from '@codemirror/view'
import { connect, type Server } from '../editor/connect.ts'
import { type Problem, Problems } from '../editor/diagnostics.ts'
import { manifestExtensions, specExtensions } from '../editor/extensions.ts'
import { lightLines } from '../editor/lit-lines.ts'
import type { Example } from '../share/examples.ts'
import type { SharedProject } from '../share/hash.ts'
import type {
  BuildAnswer,
  BuiltFile,
  Checked,
  EnvironmentState,
  ImpactAnswer,
  ImpactQuestion,
  LitLines,
  MapAnswer,
  MapQuestion,
  SpecPlace,
  WhyAnswer,
  WhyQuestion,
} from '../share/messages.ts'
import { makeUri } from '../share/uri.ts'
import type { Light } from './reasons.tsx'

/** The state that the parts of the page show. */
interface PlaygroundState {
  /** The example that is open; undefined for a project of an address. */
  readonly example: string | undefined
  readonly files: readonly string[]
  /** The file of the spec in the editor. */
  readonly open: string
  readonly environments: readonly EnvironmentState[]
  readonly environment: string | undefined
  readonly problems: readonly Problem[]
  readonly isChecked: boolean
  /** The built files; those of the last spec without errors if the current one has errors. */
  readonly built: readonly BuiltFile[]
  /** True while the built files are older than the spec. */
  readonly isStale: boolean
  /** The built file in the view. */
  readonly shown: string | undefined
  readonly light: Light | undefined
  readonly tab: 'manifests' | 'map'
  readonly map: DrawnMap | undefined
  readonly isFollowed: boolean
  readonly failure: string | undefined
}

/** The map as it was last drawn. */
interface DrawnMap {
  /** The page, which keeps the reader's selection while it is open. */
  readonly html: string
  /** The data that the page has to show in place of its own. */
  readonly data: string | undefined
  /** True if the spec has changed since. */
  readonly isOld: boolean
}

const initialState: PlaygroundState = {
  example: undefined,
  files: [],
  open: '',
  environments: [],
  environment: undefined,
  problems: [],
  isChecked: false,
  built: [],
  isStale: true,
  shown: undefined,
  light: undefined,
  tab: 'manifests',
  map: undefined,
  isFollowed: true,
  failure: undefined,
}

/** The time without moving the cursor before lines are lit, in milliseconds. */
const cursorPause = 80

/** The playground behind its page: the project, both editors, and the reports of the worker. */
export class Playground {
  state = initialState
  /** Called after each change of the state. */
  onChange: (() => void) | undefined
  /** Called when the text of the spec changes. */
  onEdit: (() => void) | undefined
  private readonly server: Server
  private readonly problems: Problems
  private readonly specPlace = document.createElement('div')
  private readonly builtView: EditorView
  /** The editors of files that were shown, each with its history. */
  private readonly specViews = new Map<string, EditorView>()
  private root = 'p0'
  private projects = 0
  /** The number of the last question for each purpose, which identifies late answers. */
  private readonly asked = new Map<string, number>()
  private timer: ReturnType<typeof setTimeout> | undefined

  constructor() {
    this.server = connect({
      onDiagnostics: (uri, version, diagnostics) => void this.problems.take(uri, version, diagnostics),
      onChecked: checked => void this.takeCheck(checked),
      onFailure: failure => this.set({ failure }),
    })
    const { client, workspace } = this.server
    this.problems = new Problems(
      () => client,
      () => workspace,
      () => this.set({ problems: this.problems.list(this.root) }),
    )
    workspace.show = file => {
      this.showSpec(file)
      return this.specViews.get(file)
    }
    this.specPlace.className = 'editor'
    this.builtView = new EditorView({
      state: EditorState.create({ extensions: manifestExtensions('manifest') }),
    })
  }

  /** Puts the editors into the page. */
  mount(spec: Element, built: Element): void {
    spec.append(this.specPlace)
    built.append(this.builtView.dom)
  }

  /** Opens a project, which replaces the open one. */
  openProject(project: SharedProject, example?: Example['id']): void {
    const { workspace } = this.server
    this.projects += 1
    const before = this.root
    this.root = `p${this.projects}`
    for (const view of this.specViews.values()) view.destroy()
    this.specViews.clear()
    const files = Object.keys(project.files)
    this.set({
      ...initialState,
      tab: this.state.tab,
      isFollowed: this.state.isFollowed,
      example,
      files,
      environment: project.environment,
      open: project.open,
    })
    workspace.openProject(this.root, project.files)
    this.showSpec(project.open)
    workspace.closeProject(before)
    this.showBuilt(undefined)
  }

  /** The project as it is, for an address. */
  readProject(): SharedProject {
    const { open, environment } = this.state
    const files = this.server.workspace.readTexts(this.root)
    return environment === undefined ? { files, open } : { files, open, environment }
  }

  /** Shows a file of the spec in the editor. */
  showSpec(file: string): void {
    const view = this.specViews.get(file) ?? this.openSpec(file)
    if (view === undefined) return
    if (view.dom.parentElement !== this.specPlace) this.specPlace.replaceChildren(view.dom)
    this.set({ open: file })
    const { environments, environment } = this.state
    const reads = ({ sources }: EnvironmentState) => sources.includes(file)
    const isRead = environments.some(state => state.name === environment && reads(state))
    const reading = environments.find(reads)
    if (!isRead && reading !== undefined) this.chooseEnvironment(reading.name)
    else this.light()
  }

  /** Opens the editor of a file. */
  private openSpec(file: string): EditorView | undefined {
    const { client, workspace } = this.server
    const uri = makeUri(this.root, file)
    const doc = workspace.getFile(uri)?.current
    if (doc === undefined) return undefined
    const view = new EditorView({
      state: EditorState.create({
        doc,
        extensions: [
          specExtensions(file),
          client.plugin(uri, 'yaml'),
          EditorView.updateListener.of(({ docChanged, selectionSet, focusChanged, view }) => {
            if (docChanged) {
              this.set({ isStale: true })
              this.onEdit?.()
            }
            if ((selectionSet || focusChanged) && view.hasFocus) this.lightSoon('impact')
          }),
        ],
      }),
    })
    this.specViews.set(file, view)
    this.problems.underline(view)
    return view
  }

  /** The editor that is shown. */
  private get specView(): EditorView | undefined {
    return this.specViews.get(this.state.open)
  }

  /** Shows a finding in the editor, and moves the cursor there. */
  showProblem({ file, diagnostic: { range } }: Problem): void {
    this.showSpec(file)
    const view = this.specView
    if (view === undefined) return
    const { doc } = view.state
    const line = doc.line(Math.min(range.start.line + 1, doc.lines))
    view.dispatch({
      selection: { anchor: Math.min(line.from + range.start.character, line.to) },
      scrollIntoView: true,
    })
    view.focus()
  }

  fix(problem: Problem): void {
    void this.problems.fix(problem)
  }

  /** Replaces the text of the file in the editor, which can be undone. */
  replace(text: string): void {
    const view = this.specView
    if (view === undefined) return
    replaceText(view, text)
    view.focus()
  }

  /** Shows a place of the spec, and leaves the light as it is. */
  showPlace({ file, line }: SpecPlace): void {
    if (this.state.open !== file) this.showSpec(file)
    const view = this.specView
    if (view === undefined) return
    const { doc } = view.state
    view.dispatch({
      effects: EditorView.scrollIntoView(doc.line(Math.min(line, doc.lines)).from, { y: 'center' }),
    })
  }

  /** Shows a built file. */
  showBuilt(path: string | undefined): void {
    const file = this.state.built.find(file => file.path === path)
    this.builtView.setState(
      EditorState.create({
        doc: file?.text ?? '',
        extensions: [
          manifestExtensions(file?.path ?? 'manifest'),
          EditorView.updateListener.of(update => {
            const isMoved = update.selectionSet || update.focusChanged
            if (isMoved && update.view.hasFocus) this.lightSoon('why')
          }),
        ],
      }),
    )
    this.set({ shown: file?.path })
    this.light()
  }

  chooseEnvironment(environment: string): void {
    this.set({ environment, map: undefined, light: undefined })
    void this.build()
  }

  chooseTab(tab: PlaygroundState['tab']): void {
    this.set({ tab })
    if (tab === 'map') void this.drawMap()
  }

  follow(isFollowed: boolean): void {
    this.set({ isFollowed })
  }

  /** Shows a failure. */
  fail(failure: string): void {
    this.set({ failure })
  }

  private set(change: Partial<PlaygroundState>): void {
    this.state = { ...this.state, ...change }
    this.onChange?.()
  }

  /** Shows the result of a check, and builds again. */
  private async takeCheck({ root, environments }: Checked): Promise<void> {
    if (root !== this.root) return
    const names = environments.map(({ name }) => name)
    const { environment, open } = this.state
    const reading = environments.find(({ sources }) => sources.includes(open))
    const chosen =
      environment !== undefined && names.includes(environment) ? environment : (reading?.name ?? names[0])
    this.set({ environments, environment: chosen, isChecked: true })
    await this.build()
  }

  private async build(): Promise<void> {
    const answer = await this.ask<BuildAnswer>('meshc/build', {})
    if (answer?.files === undefined) {
      this.set({ isStale: true })
      return
    }
    const { shown, map } = this.state
    this.set({ built: answer.files, isStale: false, map: map && { ...map, isOld: true } })
    const next = answer.files.some(({ path }) => path === shown) ? shown : chooseFile(answer.files)
    const text = answer.files.find(({ path }) => path === next)?.text
    if (next !== shown) this.showBuilt(next)
    else if (text !== undefined) replaceText(this.builtView, text)
    if (this.state.tab === 'map') void this.drawMap()
    if (this.specView?.hasFocus === true) void this.askImpact()
  }

  private async drawMap(): Promise<void> {
    const { map, isStale, built, environment } = this.state
    if (isStale || map?.isOld === false) return
    const answer = await this.ask<MapAnswer, Pick<MapQuestion, 'isOpen'>>('meshc/map', {
      isOpen: map !== undefined,
    })
    if (this.state.environment !== environment) return
    const html = map?.html ?? answer?.html
    if (html === undefined || answer === undefined || Object.keys(answer).length === 0) return
    // The spec may have changed while the map was drawn.
    this.set({ map: { html, data: answer.data, isOld: this.state.built !== built } })
  }

  private lightSoon(kind: Light['kind']): void {
    clearTimeout(this.timer)
    this.timer = setTimeout(() => void (kind === 'impact' ? this.askImpact() : this.askWhy()), cursorPause)
  }

  /** Highlights the built lines that the spec line of the cursor decides. */
  private async askImpact(): Promise<void> {
    const { open, isStale } = this.state
    const view = this.specView
    if (isStale || view === undefined) return
    const line = getCursorLine(view)
    const answer = await this.ask<ImpactAnswer, Pick<ImpactQuestion, 'line'>>(
      'meshc/impact',
      { line },
      'light',
    )
    if (answer === undefined) return
    this.set({ light: { kind: 'impact', file: open, line, answer } })
    const { shown, isFollowed } = this.state
    if (isFollowed && shown !== undefined && !(shown in answer.files)) {
      const brightest = chooseBrightest(answer.files)
      if (brightest !== undefined) this.showBuilt(brightest)
    }
    this.light()
  }

  /** Highlights the spec lines that decide the built line of the cursor. */
  private async askWhy(): Promise<void> {
    const { shown, isStale } = this.state
    if (shown === undefined || isStale) return
    const line = getCursorLine(this.builtView)
    const asked = await this.ask<
      { readonly answer: WhyAnswer | undefined },
      Pick<WhyQuestion, 'path' | 'line'>
    >('meshc/why', { path: shown, line }, 'light')
    if (asked === undefined) return
    const { answer } = asked
    this.set({ light: { kind: 'why', path: shown, line, answer } })
    const { open, isFollowed } = this.state
    if (isFollowed && answer !== undefined && !(answer.files[open]?.near.length ?? 0)) {
      const brightest = chooseBrightest(answer.files)
      if (brightest !== undefined && brightest !== open) this.showSpec(brightest)
    }
    this.light()
  }

  /** Lights the lines of both editors that the light is on. */
  private light(): void {
    const { light, open, shown, isFollowed } = this.state
    const view = this.specView
    if (view === undefined) return
    const files = light?.answer?.files ?? {}
    const line: LitLines | undefined = light && { near: [light.line], far: [] }
    if (light?.kind === 'impact') {
      lightLines(view, light.file === open ? line : undefined, false)
      lightLines(this.builtView, shown === undefined ? undefined : files[shown], isFollowed)
    } else {
      lightLines(view, files[open], isFollowed)
      lightLines(this.builtView, light?.path === shown ? line : undefined, false)
    }
  }

  /** Asks the worker; undefined if a later question for the same purpose or another project made the answer obsolete. */
  private async ask<Answer, Question extends object = object>(
    method: string,
    question: Question,
    purpose = method,
  ): Promise<Answer | undefined> {
    const { environment, open } = this.state
    if (environment === undefined) return undefined
    const number = (this.asked.get(purpose) ?? 0) + 1
    this.asked.set(purpose, number)
    const { root } = this
    const { client } = this.server
    client.sync()
    const params = { textDocument: { uri: makeUri(root, open) }, environment, ...question }
    try {
      const answer = await client.request<typeof params, Answer | null>(method, params)
      return root === this.root && this.asked.get(purpose) === number ? (answer ?? undefined) : undefined
    } catch (error) {
      this.set({ failure: getErrorMessage(error) })
      return undefined
    }
  }
}

const getCursorLine = ({ state }: EditorView): number => state.doc.lineAt(state.selection.main.head).number

/** The file to show first: the first manifest of a service, if there is one. */
const chooseFile = (files: readonly BuiltFile[]): string | undefined =>
  (files.find(({ path }) => /^manifests\/[^/]+\/[\w-]+\.yaml$/.test(path)) ?? files[0])?.path

/** The file with the most lines that are lit near, or else far. */
function chooseBrightest(files: Readonly<Record<string, LitLines>>): string | undefined {
  const rank = ({ near, far }: LitLines) => near.length * 1000 + far.length
  const sorted = Object.entries(files).toSorted(([, a], [, b]) => rank(b) - rank(a))
  return sorted[0]?.[0]
}

/** Replaces the part of a text that differs, so that the view keeps its place. */
function replaceText(view: EditorView, text: string): void {
  const before = view.state.doc.toString()
  if (before === text) return
  const shorter = Math.min(before.length, text.length)
  let from = 0
  while (from < shorter && before[from] === text[from]) from++
  let behind = 0
  while (behind < shorter - from && before.at(-1 - behind) === text.at(-1 - behind)) behind++
  view.dispatch({
    changes: { from, to: before.length - behind, insert: text.slice(from, text.length - behind) },
  })
}

/** The words of an error, or of an answer that is one. */
const getErrorMessage = (error: unknown): string =>
  typeof error === 'object' && error !== null && 'message' in error ? String(error.message) : String(error)
