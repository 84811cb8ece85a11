import * as assert from 'uvu/assert'
import { expandSnippet, indented } from './expand-snippet.ts'
import { type CompletionItem, getEnd, type LanguageServer } from './language-server.ts'

/**
 * A person who writes a spec with the proposals of the editor: the text up to the cursor, and a record of the
 * steps.
 */
export class Session {
  /** The steps of the session, one line each. */
  readonly steps: string[] = []
  text: string
  private readonly server: LanguageServer
  private readonly file: string

  /** @param text the existing text of the file */
  constructor(server: LanguageServer, file: string, text: string) {
    this.server = server
    this.file = file
    this.text = text
  }

  /** Starts a new line, with this depth of indentation. */
  enter(depth: number): void {
    this.text = `${this.text.trimEnd()}\n${'  '.repeat(depth)}`
    this.steps.push('', `Enter, ${depth === 0 ? 'at the margin' : `indented by ${2 * depth}`}`)
  }

  /** Types characters without a proposal, such as the dash of a list. */
  type(text: string): void {
    this.text += text
    this.steps.push(`type   ${text}`)
  }

  /**
   * Accepts the proposal with a label.
   *
   * @param typed the texts for its tab stops, in order; undefined keeps the proposed text
   */
  async accept(label: string, ...typed: readonly (string | undefined)[]): Promise<void> {
    const items = await this.offered()
    const item = items.find(item => item.label === label)
    assert.ok(
      item,
      `\`${label}\` is not offered at the end of:\n${this.text}\nbut ${items.map(({ label }) => label).join(', ')}`,
    )
    const { start, end } = item.range
    const lines = this.text.split('\n')
    assert.equal(end, getEnd(this.text), 'what is taken replaces nothing behind the cursor')
    const line = lines[start.line] ?? ''
    const stops: string[] = []
    const inserted = expandSnippet(item.insertText, ({ number, proposal }) => {
      const text = typed[number - 1]
      stops.push(text ?? proposal)
      return text
    })
    this.text = [
      ...lines.slice(0, start.line),
      line.slice(0, start.character) + indented(inserted, line),
    ].join('\n')
    this.steps.push(
      `accept ${label}${stops.length === 0 ? '' : `, Tab: ${stops.map(stop => stop || '…').join(', ')}`}`,
    )
  }

  async offered(): Promise<readonly CompletionItem[]> {
    await this.server.write(this.file, this.text)
    return this.server.complete(this.file, getEnd(this.text))
  }
}
