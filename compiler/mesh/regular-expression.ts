/**
 * What is wrong with a regular expression in the syntax of RE2, which Istio and Envoy compile; undefined where nothing
 * is. Read here, since a whole engine takes longer to load than a small mesh takes to compile.
 * See https://github.com/google/re2/wiki/Syntax
 */
export function syntaxErrorOf(expression: string): string | undefined {
  try {
    new Reader(expression).read()
    return undefined
  } catch (problem) {
    if (problem instanceof SyntaxProblem) return problem.message
    throw problem
  }
}

class SyntaxProblem extends Error {}

/** RE2 refuses what it would have to write out more often than this. */
const mostRepeats = 1000

class Reader {
  private readonly text: readonly string[]
  private at = 0
  private readonly names = new Set<string>()

  constructor(expression: string) {
    // By code points: to RE2, a letter outside the basic plane is one letter.
    this.text = [...expression]
  }

  read(): void {
    this.alternatives(false)
  }

  /** Reads up to the end, or to the parenthesis that closes a group; gives how often its busiest part is repeated. */
  private alternatives(isGroup: boolean): number {
    let most = 1
    /** How often the last piece is written out; undefined where there is none to repeat. */
    let piece: number | undefined
    let isRepeated = false
    for (;;) {
      const start = this.at
      const char = this.text[this.at]
      if (char === undefined) {
        if (isGroup) fail('a parenthesis is not closed')
        return most
      }
      const bounds = this.repetition()
      if (bounds !== undefined) {
        const operator = this.text.slice(start, this.at).join('')
        if (piece === undefined) fail(`there is nothing that \`${operator}\` repeats`)
        if (isRepeated) fail(`\`${operator}\` repeats a repetition`)
        piece = repeatedTimes(piece, bounds)
        isRepeated = true
      } else {
        isRepeated = false
        this.at++
        if (char === ')') {
          if (!isGroup) fail('a parenthesis is closed that is not open')
          return most
        }
        if (char === '|') piece = undefined
        else if (char === '(') piece = this.group() ?? piece
        else if (char === '[') piece = this.characterClass()
        else if (char === '\\') piece = this.escape() ?? piece
        else piece = 1
      }
      if (piece !== undefined) most = Math.max(most, piece)
    }
  }

  /** `*`, `+`, `?` or `{2,5}`, with the `?` that makes it lazy; undefined, and nothing read, where there is none. */
  private repetition(): Bounds | undefined {
    const char = this.text[this.at]
    let bounds: Bounds | undefined
    if (char === '*' || char === '+' || char === '?') {
      bounds = { min: char === '+' ? 1 : 0, max: char === '?' ? 1 : undefined }
      this.at++
    } else if (char === '{') {
      const [braces, min, comma, max] = /^\{(0|[1-9]\d*)(,(0|[1-9]\d*)?)?\}/.exec(this.rest()) ?? []
      if (braces === undefined) return undefined
      const least = Number(min)
      bounds = { min: least, max: comma === undefined ? least : max === undefined ? undefined : Number(max) }
      if (least > mostRepeats || (bounds.max ?? 0) > mostRepeats || least > (bounds.max ?? least))
        fail(`\`${braces}\` does not say how often`)
      this.at += braces.length
    } else return undefined
    if (this.text[this.at] === '?') this.at++
    return bounds
  }

  /** After `(`: a group, or flags for what follows, which are no piece. */
  private group(): number | undefined {
    if (this.text[this.at] !== '?') return this.alternatives(true)
    const rest = this.rest()
    const [named, name] = /^\?P?<([^>]*)>/.exec(rest) ?? []
    if (named !== undefined) {
      if (!/^\w+$/.test(name!)) fail(`\`(${named}\` is not a group of RE2`)
      if (this.names.has(name!)) fail(`two groups are called \`${name}\``)
      this.names.add(name!)
      this.at += named.length
      return this.alternatives(true)
    }
    const [flags, close] = /^\?[imsU]*(?:-[imsU]+)?([:)])/.exec(rest) ?? []
    if (flags === undefined) fail(`\`(${rest.slice(0, 2)}\` is not a group of RE2`)
    this.at += flags.length
    return close === ':' ? this.alternatives(true) : undefined
  }

  /** After `[`: one of some characters. */
  private characterClass(): number {
    if (this.text[this.at] === '^') this.at++
    for (let isFirst = true; isFirst || this.text[this.at] !== ']'; isFirst = false) {
      const [posix] = /^\[:.*?:\]/s.exec(this.rest()) ?? []
      if (posix !== undefined) {
        if (!posixClasses.test(posix)) fail(`\`${posix}\` is not a class of characters`)
        this.at += posix.length
      } else if (!this.namedClass()) {
        const low = this.classCharacter()
        if (
          this.text[this.at] !== '-' ||
          this.text[this.at + 1] === undefined ||
          this.text[this.at + 1] === ']'
        )
          continue
        this.at++
        const high = this.classCharacter()
        if (high < low) fail('a range of characters ends before it begins')
      }
    }
    this.at++
    return 1
  }

  /** One character of a class, as its code point. */
  private classCharacter(): number {
    const char = this.text[this.at++]
    if (char === undefined) fail('a bracket is not closed')
    return char === '\\' ? this.escapedCharacter() : char.codePointAt(0)!
  }

  /** `\d` or `\p{Greek}`; false, and nothing read, where there is none. */
  private namedClass(): boolean {
    const [perl] = /^\\[dswDSW]/.exec(this.rest()) ?? []
    const [unicode, braced, letter] = /^\\[pP](?:\{\^?([^}]*)\}|([^{]))/su.exec(this.rest()) ?? []
    if (perl === undefined && unicode === undefined) return false
    if (unicode !== undefined && !isUnicodeClass(braced ?? letter!))
      fail(`\`${unicode}\` is not a class of characters`)
    this.at += [...(perl ?? unicode!)].length
    return true
  }

  /** After `\`: what stands for something else. A quotation may be empty, and then is no piece. */
  private escape(): number | undefined {
    const char = this.text[this.at]
    if (char !== undefined && 'AzbB'.includes(char)) {
      this.at++
      return 1
    }
    if (char === 'Q') {
      const end = this.rest().indexOf('\\E')
      const quoted = end === -1 ? this.rest().slice(1) : this.rest().slice(1, end)
      this.at += 1 + [...quoted].length + (end === -1 ? 0 : 2)
      return quoted === '' ? undefined : 1
    }
    this.at--
    if (this.namedClass()) return 1
    this.at++
    this.escapedCharacter()
    return 1
  }

  /** After `\`: one character, as its code point. */
  private escapedCharacter(): number {
    const rest = this.rest()
    const [octal] = /^(?:0[0-7]{0,2}|[1-7][0-7]{1,2})/.exec(rest) ?? []
    const [hex, braced, two] = /^x(?:\{([0-9A-Fa-f]+)\}|([0-9A-Fa-f]{2}))/.exec(rest) ?? []
    const read = (text: string, code: number) => {
      this.at += text.length
      return code
    }
    if (octal !== undefined) return read(octal, Number.parseInt(octal, 8))
    if (hex !== undefined) {
      const code = Number.parseInt(braced ?? two!, 16)
      if (code > 0x10ffff) fail(`\`\\${hex}\` is not a character`)
      return read(hex, code)
    }
    const char = this.text[this.at]
    if (char === undefined) fail('it ends in a backslash')
    if (Object.hasOwn(controls, char)) return read(char, controls[char]!)
    if (char > '~' || /[A-Za-z0-9]/.test(char)) fail(`\`\\${char}\` means nothing to RE2`)
    return read(char, char.codePointAt(0)!)
  }

  private rest(): string {
    return this.text.slice(this.at).join('')
  }
}

interface Bounds {
  readonly min: number
  /** Undefined for any number of times. */
  readonly max: number | undefined
}

const controls: Readonly<Record<string, number>> = { a: 7, f: 12, n: 10, r: 13, t: 9, v: 11 }

const posixClasses =
  /^\[:\^?(alnum|alpha|ascii|blank|cntrl|digit|graph|lower|print|punct|space|upper|word|xdigit):\]$/

function repeatedTimes(piece: number, { min, max }: Bounds): number {
  const times = max ?? min
  if (max === 0) return 1
  const total = Math.max(1, times) * piece
  if (times >= 2 && total > mostRepeats) fail(`it would repeat something more than ${mostRepeats} times`)
  return total
}

/** Scripts whose names are so short that they could be taken for their codes, which RE2 does not know. */
const shortScripts = /^(Yi|Lao|Mro|Nko|Vai|Ahom|Cham|Kawi|Lisu|Modi|Newa|Thai|Toto)$/

/** Whether there is a general category or script of this name. */
function isUnicodeClass(name: string): boolean {
  if (name === 'Any') return true
  if (!/^[A-Z][A-Za-z_]*$/.test(name)) return false
  const isScript = name.length > 4 || shortScripts.test(name)
  if (!isScript && !/^[A-Z][a-z]?$/.test(name)) return false
  try {
    new RegExp(`\\p{${isScript ? 'Script=' : ''}${name}}`, 'u')
    return true
  } catch {
    return false
  }
}

function fail(problem: string): never {
  throw new SyntaxProblem(problem)
}
