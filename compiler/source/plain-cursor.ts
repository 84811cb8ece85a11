/** A position in a plain text, which moves from its start to its end. It moves behind the text as soon as the text is not plain. */
export abstract class PlainCursor {
  protected readonly text: string
  /** The next character to read. It is behind the text if there is none, or the rest is not needed. */
  protected at = 0
  protected isPlain = true
  /** The column in which the line at hand begins, or -1 behind the last one. */
  protected indent = -1
  /** The column that all lines of the brackets at hand must be indented deeper than. */
  protected outside = 0

  /** @param text ends with a line feed */
  constructor(text: string) {
    this.text = text
  }

  /** Ends all loops: none continues behind the text. */
  protected giveUp(): undefined {
    this.isPlain = false
    this.at = this.text.length
    this.indent = -1
  }

  /** Moves from the start of a line to the first line with content. */
  protected findLine(): void {
    const { text } = this
    let { at } = this
    for (;;) {
      const start = at
      let code = text.charCodeAt(at)
      while (code === space) code = text.charCodeAt(++at)
      if (code === hash) at = text.indexOf('\n', at)
      else if (code !== newline) {
        this.at = at
        this.indent = at < text.length ? at - start : -1
        return
      }
      at++
    }
  }

  /** Moves from the end of a value to the next line; only a comment may be between. */
  protected endLine(): void {
    const { text, at } = this
    if (text.charCodeAt(at) === newline) this.at = at + 1
    else {
      lineEnd.lastIndex = at
      if (lineEnd.test(text)) this.at = lineEnd.lastIndex
      else this.giveUp()
    }
    this.findLine()
  }

  protected isDash(): boolean {
    const { text, at } = this
    return text.charCodeAt(at) === dash && text.charCodeAt(at + 1) === space
  }

  /** Spaces and line ends in brackets. */
  protected skipSpace(): void {
    const { text } = this
    for (;;) {
      let { at } = this
      let code = text.charCodeAt(at)
      while (code === space) code = text.charCodeAt(++at)
      this.at = at
      if (code !== newline) return
      const start = ++at
      while (text.charCodeAt(at) === space) at++
      this.at = at
      if (at - start <= this.outside) this.giveUp()
    }
  }
}

export const [newline, space, hash] = [0x0a, 0x20, 0x23]
const dash = 0x2d

const lineEnd = / *(?: #[^\n]*)?\n/y
