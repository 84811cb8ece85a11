import { EditorState } from '@codemirror/state'
import { EditorView } from '@codemirror/view'
import { render } from 'preact'
import { connect, type Server } from '../editor/connect.ts'
import { Problems } from '../editor/diagnostics.ts'
import { specExtensions } from '../editor/extensions.ts'
import { ProblemList } from '../parts/problem-list.tsx'
import { decodeProject, encodeProject } from '../share/hash.ts'
import { makeUri } from '../share/uri.ts'

interface Shared {
  readonly server: Server
  readonly problems: Problems
}

let shared: Shared | undefined
let projects = 0
const checked = new Set<string>()
const draw = new Set<() => void>()
const drawAll = () => {
  for (const each of draw) each()
}

/** Puts an editor in the place of an example of a page. Its project is in the link to the playground. */
export async function openInlineEditor(link: HTMLAnchorElement): Promise<void> {
  const project = await decodeProject(new URLSearchParams(new URL(link.href).hash.slice(1)).get('spec') ?? '')
  const block = link.closest('.block')
  if (project === undefined || block === null) return
  shared ??= startShared()
  const { server, problems } = shared
  const { client, workspace } = server
  projects += 1
  const root = `i${projects}`
  const uri = makeUri(root, project.open)
  workspace.openProject(root, project.files)
  const findings = document.createElement('div')
  findings.className = 'findings'
  findings.setAttribute('aria-live', 'polite')
  const view = new EditorView({
    state: EditorState.create({
      doc: project.files[project.open]!,
      extensions: [
        specExtensions(project.open),
        client.plugin(uri, 'yaml'),
        EditorView.updateListener.of(({ docChanged }) => {
          if (docChanged) void share()
        }),
      ],
    }),
  })
  const drawFindings = () =>
    render(
      <ProblemList
        problems={problems.list(root)}
        isChecked={checked.has(root)}
        onShow={({ file, line }) => {
          if (file !== project.open) return
          view.dispatch({
            selection: { anchor: view.state.doc.line(Math.min(line, view.state.doc.lines)).from },
            scrollIntoView: true,
          })
          view.focus()
        }}
        onFix={problem => void problems.fix(problem)}
      />,
      findings,
    )
  draw.add(drawFindings)
  const frame = document.createElement('div')
  frame.className = 'editor inline'
  frame.append(view.dom)
  block.querySelector('pre')?.replaceWith(frame, findings)
  drawFindings()
  view.focus()

  /** Keeps the link up to date: it opens what the editor shows. */
  async function share(): Promise<void> {
    const files = workspace.readTexts(root)
    const url = new URL(link.href)
    url.hash = `spec=${await encodeProject({ ...project!, files })}`
    link.href = url.href
  }
}

function startShared(): Shared {
  const server: Server = connect({
    onDiagnostics: (uri, version, diagnostics) => void problems.take(uri, version, diagnostics),
    onChecked: ({ root }) => {
      checked.add(root)
      drawAll()
    },
    onFailure: message => {
      throw new Error(message)
    },
  })
  const problems = new Problems(
    () => server.client,
    () => server.workspace,
    drawAll,
  )
  return { server, problems }
}
