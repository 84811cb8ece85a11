import type { Workspace } from './load.ts'
import { type Parsed, parse } from './parse.ts'

/** A text that is parsed once, when a caller asks for its values. */
export class ParsedText {
  readonly text: string
  private readonly path: string
  private result: Parsed | undefined

  constructor(path: string, text: string) {
    this.path = path
    this.text = text
  }

  get parsed(): Parsed {
    this.result ??= parse({ name: this.path, text: this.text })
    return this.result
  }
}

/**
 * Makes a workspace that parses each text once, however many environments read it.
 *
 * @param texts keeps the last text of each path
 */
export const parseOnce = (
  workspace: Workspace,
  texts: Map<string, ParsedText> = new Map<string, ParsedText>(),
): Workspace => ({
  read(path) {
    const content = workspace.read(path)
    if (!('text' in content)) return content
    const before = texts.get(path)
    if (before?.text === content.text) return before
    const text = new ParsedText(path, content.text)
    texts.set(path, text)
    return text
  },
  list: folder => workspace.list(folder),
  listBelow: folder => workspace.listBelow(folder),
})
