import { LSPPlugin } from '@codemirror/lsp-client'
import { ViewPlugin, type ViewUpdate } from '@codemirror/view'

/** The time without typing before the worker gets the text, in milliseconds. */
const syncPause = 100

/** Sends the text to the worker a moment after each change. */
export const autoSync = ViewPlugin.fromClass(
  class {
    private pending: ReturnType<typeof setTimeout> | undefined

    update({ docChanged, view }: ViewUpdate): void {
      if (!docChanged) return
      clearTimeout(this.pending)
      this.pending = setTimeout(() => LSPPlugin.get(view)?.client.sync(), syncPause)
    }

    destroy(): void {
      clearTimeout(this.pending)
    }
  },
)
