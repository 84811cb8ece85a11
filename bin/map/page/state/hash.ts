import {
  emptyForm,
  firstState,
  type PageQuestion,
  type PageState,
  type Selection,
  type Trail,
} from './page-state.ts'

/** Writes a state as the part of the address after `#`. Initial values are omitted. */
export function writeHash(state: PageState, first: PageState = firstState): string {
  const words = new URLSearchParams()
  const { environment, selection, trail, filters } = state
  if (environment !== '') words.set('environment', environment)
  if (selection?.kind === 'node') words.set('node', selection.id)
  if (selection?.kind === 'link') {
    words.set('from', selection.from)
    words.set('to', selection.to)
  }
  if (selection?.kind === 'difference') words.set('difference', `${selection.number}`)
  if (trail !== undefined) words.set(trail.kind, trail.id)
  for (const namespace of filters.namespaces) words.append('namespace', namespace)
  if (filters.owner !== '') words.set('owner', filters.owner)
  if (filters.gateway !== '') words.set('gateway', filters.gateway)
  for (const name of ['plaintext', 'external', 'open', 'tight'] as const)
    if (filters[name]) words.set(name, '1')
  for (const room of state.turnedRooms) words.append('room', room)
  for (const name of ['view', 'panel', 'theme'] as const)
    if (state[name] !== first[name]) words.set(name, state[name])
  if (state.moment !== first.moment) words.set('moment', `${state.moment}`)
  writeQuestion(state.question, words)
  return words.toString()
}

/** Reads the output of `writeHash`. Other words are ignored. */
export function readHash(hash: string, first: PageState = firstState): PageState {
  const words = new URLSearchParams(hash.replace(/^#/, ''))
  const selection = readSelection(words)
  const trail = readTrail(words)
  return {
    environment: words.get('environment') ?? '',
    ...(selection === undefined ? {} : { selection }),
    ...(trail === undefined ? {} : { trail }),
    filters: {
      namespaces: words.getAll('namespace'),
      owner: words.get('owner') ?? '',
      gateway: words.get('gateway') ?? '',
      plaintext: words.has('plaintext'),
      external: words.has('external'),
      open: words.has('open'),
      tight: words.has('tight'),
    },
    turnedRooms: [...new Set(words.getAll('room'))],
    view: chooseWord(words.get('view'), ['map', 'list'], first.view),
    panel: chooseWord(words.get('panel'), ['none', 'details', 'ask', 'changes', 'about'], first.panel),
    moment: readNumber(words.get('moment'), 100) ?? first.moment,
    theme: chooseWord(words.get('theme'), ['system', 'light', 'dark'], first.theme),
    question: readQuestion(words),
  }
}

const textsOfForm = ['from', 'to', 'method', 'path', 'claims'] as const

function writeQuestion({ form, isAsked }: PageQuestion, words: URLSearchParams): void {
  for (const name of textsOfForm) if (form[name] !== emptyForm[name]) words.set(`ask-${name}`, form[name])
  for (const header of form.headers) words.append('ask-header', header)
  if (form.plaintext) words.set('ask-plaintext', '1')
  if (isAsked) words.set('asked', '1')
}

function readQuestion(words: URLSearchParams): PageQuestion {
  const texts = textsOfForm.map(name => [name, words.get(`ask-${name}`) ?? emptyForm[name]])
  return {
    form: {
      ...emptyForm,
      ...Object.fromEntries(texts),
      headers: words.getAll('ask-header'),
      plaintext: words.has('ask-plaintext'),
    },
    isAsked: words.has('asked'),
  }
}

function readSelection(words: URLSearchParams): Selection | undefined {
  const id = words.get('node')
  if (id !== null) return { kind: 'node', id }
  const from = words.get('from')
  const to = words.get('to')
  if (from !== null && to !== null) return { kind: 'link', from, to }
  const number = readNumber(words.get('difference'), Number.MAX_SAFE_INTEGER)
  return number === undefined ? undefined : { kind: 'difference', number }
}

function readTrail(words: URLSearchParams): Trail | undefined {
  for (const kind of ['forward', 'backward', 'way'] as const) {
    const id = words.get(kind)
    if (id !== null) return { kind, id }
  }
  return undefined
}

function chooseWord<Word extends string>(word: string | null, words: readonly Word[], absent: Word): Word {
  return words.find(known => known === word) ?? absent
}

function readNumber(text: string | null, most: number): number | undefined {
  if (text === null || !/^\d{1,15}$/.test(text)) return undefined
  return Math.min(Number(text), most)
}
