import { type Diagnostic as LintDiagnostic, setDiagnostics } from '@codemirror/lint'
import { type LSPClient, LSPPlugin } from '@codemirror/lsp-client'
import type { EditorView } from '@codemirror/view'
import type { CodeAction, Diagnostic, Range } from 'vscode-languageserver-protocol'
import { readUri } from '../share/uri.ts'
import type { ProjectWorkspace } from './project-workspace.ts'

/** A finding of meshc as the page shows it. */
export interface Problem {
  readonly root: string
  readonly file: string
  readonly uri: string
  /** The line, counted from 1. */
  readonly line: number
  readonly severity: 'error' | 'warning'
  readonly code: string
  /** The address of the page of its code. */
  readonly page: string
  readonly message: string
  readonly help: string | undefined
  readonly diagnostic: Diagnostic
  /** The words of its fix; undefined without one. */
  readonly fix: string | undefined
}

/** The findings of all files in the worker's last report. */
export class Problems {
  private readonly client: () => LSPClient
  private readonly workspace: () => ProjectWorkspace
  private readonly changed: () => void
  private readonly problems = new Map<string, readonly Problem[]>()

  /** @param changed is called after each change */
  constructor(client: () => LSPClient, workspace: () => ProjectWorkspace, changed: () => void) {
    this.client = client
    this.workspace = workspace
    this.changed = changed
  }

  /** The findings of a project, errors first, in the order of its files. */
  list(root: string): readonly Problem[] {
    const rank = ({ severity }: Problem) => (severity === 'error' ? 0 : 1)
    return [...this.problems.values()]
      .flat()
      .filter(problem => problem.root === root)
      .toSorted((a, b) => rank(a) - rank(b))
  }

  /** Takes the findings of a file, then the fixes that they have. */
  async take(uri: string, version: number | undefined, diagnostics: readonly Diagnostic[]): Promise<void> {
    const isCurrent = () => version === undefined || this.workspace().getFile(uri)?.version === version
    if (!isCurrent()) return
    this.set(uri, diagnostics, [])
    if (diagnostics.length === 0) return
    const actions = await this.listActions(uri, diagnostics)
    if (actions.length > 0 && isCurrent()) this.set(uri, diagnostics, actions)
  }

  /** Underlines the findings of the file that an editor shows. */
  underline(view: EditorView): void {
    const plugin = LSPPlugin.get(view)
    if (plugin === null) return
    const { syncedDoc, unsyncedChanges } = plugin
    const offset = (position: Range['start']) => {
      const line = syncedDoc.line(Math.min(position.line + 1, syncedDoc.lines))
      return unsyncedChanges.mapPos(Math.min(line.from + position.character, line.to))
    }
    const shown = (this.problems.get(plugin.uri) ?? []).map((problem): LintDiagnostic => {
      const { diagnostic, severity, fix } = problem
      return {
        from: offset(diagnostic.range.start),
        to: offset(diagnostic.range.end),
        severity,
        message: problem.message,
        renderMessage: () => renderProblem(problem),
        actions: fix === undefined ? [] : [{ name: fix, apply: () => void this.fix(problem) }],
      }
    })
    view.dispatch(setDiagnostics(view.state, shown))
  }

  /** Makes the edits of the fix of a finding. */
  async fix({ uri, diagnostic }: Problem): Promise<void> {
    this.client().sync()
    const [action] = (await this.listActions(uri, [diagnostic])).filter(action => isFixOf(action, diagnostic))
    const { changes = {} } = action?.edit ?? {}
    for (const [file, edits] of Object.entries(changes)) {
      const doc = this.workspace().getFile(file)?.current
      if (doc === undefined) continue
      const offset = ({ line, character }: Range['start']) => doc.line(line + 1).from + character
      this.workspace().updateFile(file, {
        changes: edits.map(({ range, newText }) => ({
          from: offset(range.start),
          to: offset(range.end),
          insert: newText,
        })),
        userEvent: 'input.fix',
      })
    }
  }

  private set(uri: string, diagnostics: readonly Diagnostic[], actions: readonly CodeAction[]): void {
    const place = readUri(uri)
    if (place === undefined) return
    this.problems.set(
      uri,
      diagnostics.map(diagnostic => {
        const [message = '', ...help] = getMessageText(diagnostic).split('\n')
        return {
          ...place,
          uri,
          line: diagnostic.range.start.line + 1,
          severity: diagnostic.severity === 1 ? 'error' : 'warning',
          code: String(diagnostic.code),
          page: diagnostic.codeDescription?.href ?? '',
          message,
          help: help.length === 0 ? undefined : help.join('\n'),
          diagnostic,
          fix: actions.find(action => isFixOf(action, diagnostic))?.title,
        }
      }),
    )
    const view = this.workspace().getFile(uri)?.getView()
    if (view != null) this.underline(view)
    this.changed()
  }

  private async listActions(uri: string, diagnostics: readonly Diagnostic[]): Promise<readonly CodeAction[]> {
    const doc = this.workspace().getFile(uri)?.doc
    if (doc === undefined) return []
    const range = {
      start: { line: 0, character: 0 },
      end: { line: doc.lines - 1, character: doc.line(doc.lines).length },
    }
    const params = { textDocument: { uri }, range, context: { diagnostics } }
    return (
      (await this.client().request<typeof params, CodeAction[] | null>('textDocument/codeAction', params)) ??
      []
    )
  }
}

const getMessageText = ({ message }: Diagnostic) => (typeof message === 'string' ? message : message.value)

const isFixOf = ({ diagnostics = [] }: CodeAction, { code, range }: Diagnostic) =>
  diagnostics.some(
    diagnostic => diagnostic.code === code && JSON.stringify(diagnostic.range) === JSON.stringify(range),
  )

/** Makes the text of a finding in an editor, with a link to the page of its code. */
function renderProblem({ code, page, message, help, severity }: Problem): Node {
  const box = document.createElement('div')
  const head = document.createElement('strong')
  const link = document.createElement('a')
  link.href = page
  link.target = '_blank'
  link.textContent = code
  head.append(`${severity} `, link)
  box.append(head, ` ${message}`)
  if (help !== undefined) {
    const advice = document.createElement('div')
    advice.className = 'help'
    advice.textContent = help
    box.append(advice)
  }
  return box
}
