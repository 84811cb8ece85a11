/** A command as a shell reads it: a list of words without quotes. */
export type Command = readonly string[]

/**
 * Lists the commands of a script without variables, loops and substitutions, in order. Throws an error if a
 * quote has no end.
 */
export function commandsIn(script: string): readonly Command[] {
  const commands: string[][] = [[]]
  let word: string | undefined
  const end = () => {
    if (word !== undefined) commands.at(-1)!.push(word)
    word = undefined
  }
  for (let at = 0; at < script.length; at++) {
    const sign = script[at]!
    if (sign === "'" || sign === '"') {
      const close = script.indexOf(sign, at + 1)
      if (close < 0) throw new Error(`a quote is open: ${script.slice(at, at + 40)}`)
      word = (word ?? '') + script.slice(at + 1, close)
      at = close
    } else if (sign === '\\') word = (word ?? '') + (script[++at] ?? '')
    else if (sign === '\n' || sign === '|' || sign === ';' || sign === '&') {
      end()
      commands.push([])
    } else if (sign === ' ') end()
    else if (sign === '#' && word === undefined) {
      while (at + 1 < script.length && script[at + 1] !== '\n') at++
    } else word = (word ?? '') + sign
  }
  end()
  return commands.filter(words => words.length > 0)
}
