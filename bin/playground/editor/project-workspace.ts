import { LSPPlugin, Workspace, type WorkspaceFile } from '@codemirror/lsp-client'
import { ChangeSet, EditorState, Text, type TransactionSpec } from '@codemirror/state'
import type { EditorView } from '@codemirror/view'
import { makeUri, readUri } from '../share/uri.ts'

/** A file of a project: the worker knows it also while no editor shows it. */
class ProjectFile implements WorkspaceFile {
  readonly languageId = 'yaml'
  readonly uri: string
  version = 0
  doc: Text
  view: EditorView | undefined
  /** The changes that the worker has not got, of a file that no editor shows. */
  pending: ChangeSet

  constructor(uri: string, text: string) {
    this.uri = uri
    this.doc = Text.of(text.split(/\r\n?|\n/))
    this.pending = ChangeSet.empty(this.doc.length)
  }

  getView(): EditorView | null {
    return this.view ?? null
  }

  /** The text as it is, whether the worker has it or not. */
  get current(): Text {
    return this.view?.state.doc ?? this.pending.apply(this.doc)
  }
}

/** The files of all projects of a page. */
export class ProjectWorkspace extends Workspace {
  files: ProjectFile[] = []
  /** Shows a file in an editor. */
  show: ((file: string) => EditorView | undefined) | undefined

  /** Opens a project of its own root. */
  openProject(root: string, texts: Readonly<Record<string, string>>): void {
    for (const [path, text] of Object.entries(texts)) {
      const file = new ProjectFile(makeUri(root, path), text)
      this.files.push(file)
      this.client.didOpen(file)
    }
  }

  closeProject(root: string): void {
    for (const { uri } of this.files.filter(({ uri }) => readUri(uri)?.root === root))
      this.client.didClose(uri)
    this.files = this.files.filter(({ uri }) => readUri(uri)?.root !== root)
  }

  /** The texts of a project as they are. */
  readTexts(root: string): Readonly<Record<string, string>> {
    return Object.fromEntries(
      this.files.flatMap(file => {
        const place = readUri(file.uri)
        return place?.root === root ? [[place.file, file.current.toString()]] : []
      }),
    )
  }

  override getFile(uri: string): ProjectFile | null {
    return this.files.find(file => file.uri === uri) ?? null
  }

  syncFiles(): ReturnType<Workspace['syncFiles']> {
    return this.files.flatMap(file => {
      const plugin = file.view && LSPPlugin.get(file.view)
      const changes = plugin?.unsyncedChanges ?? file.pending
      if (changes.empty) return []
      const prevDoc = file.doc
      file.doc = plugin == null ? changes.apply(prevDoc) : plugin.view.state.doc
      file.pending = ChangeSet.empty(file.doc.length)
      file.version += 1
      plugin?.clear()
      return [{ file, prevDoc, changes }]
    })
  }

  openFile(uri: string, _: string, view: EditorView): void {
    const file = this.getFile(uri)
    if (file !== null) file.view = view
  }

  closeFile(uri: string, view: EditorView): void {
    const file = this.getFile(uri)
    if (file?.view === view) file.view = undefined
  }

  override updateFile(uri: string, update: TransactionSpec): void {
    const file = this.getFile(uri)
    if (file?.view !== undefined) file.view.dispatch(update)
    else if (file !== null) {
      const { changes } = EditorState.create({ doc: file.current }).update(update)
      file.pending = file.pending.compose(changes)
      this.client.sync()
    }
  }

  override displayFile(uri: string): Promise<EditorView | null> {
    const place = readUri(uri)
    return Promise.resolve((place && this.show?.(place.file)) ?? null)
  }
}
