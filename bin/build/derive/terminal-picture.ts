/** The colours of terminal escape sequences. */
const colours: Readonly<Record<string, string>> = {
  '31': '#ff7b72',
  '32': '#7ee787',
  '33': '#e3b341',
  '34': '#79c0ff',
  '36': '#76e3ea',
}

const lineHeight = 20
const characterWidth = 8.43
const margin = 16
const bar = 34

/** A picture, as SVG, of a terminal with a command and its output, including escape sequences. */
export function drawTerminal(banner: string, command: string, output: string): string {
  const lines = [`\u001b[32m$\u001b[0m \u001b[1m${command}\u001b[0m`, ...output.trimEnd().split('\n')]
  const columns = Math.max(...lines.map(line => stripSequences(line).length))
  const width = Math.ceil(columns * characterWidth) + 2 * margin
  const height = lines.length * lineHeight + bar + margin
  const title = stripSequences(output).split('\n')[0] ?? ''
  return [
    `<!-- ${banner} -->`,
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img">`,
    `  <title>${escapeMarkup(title)}</title>`,
    `  <rect width="${width}" height="${height}" rx="8" fill="#0d1117"/>`,
    ...['#ff5f57', '#febc2e', '#28c840'].map(
      (colour, index) => `  <circle cx="${margin + 4 + index * 18}" cy="17" r="5.5" fill="${colour}"/>`,
    ),
    '  <g font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, \'DejaVu Sans Mono\', monospace" font-size="14" fill="#e6edf3">',
    ...lines.map((line, index) => {
      const y = bar + 14 + index * lineHeight
      return `    <text y="${y}" xml:space="preserve">${spans(line)}</text>`
    }),
    '  </g>',
    '</svg>',
    '',
  ].join('\n')
}

/** A line, each part at its column and as wide as its characters, so that any font lines up. */
function spans(line: string): string {
  let column = 0
  return splitAtSequences(line)
    .map(({ sequence, text }) => {
      const start = column + text.length - text.trimStart().length
      column += text.length
      const word = text.trim()
      if (word === '') return ''
      const place = `x="${at(start)}" textLength="${(word.length * characterWidth).toFixed(1)}"`
      return `<tspan ${place} lengthAdjust="spacingAndGlyphs"${getSequenceStyle(sequence)}>${escapeMarkup(word)}</tspan>`
    })
    .join('')
}

const at = (column: number) => (margin + column * characterWidth).toFixed(1)

/** The parts of a text, each with the numbers of the escape sequence before it. */
function splitAtSequences(text: string): readonly { readonly sequence: string; readonly text: string }[] {
  const [first = '', ...rest] = text.split('\u001b[')
  const parts = rest.map(part => ({
    sequence: part.slice(0, part.indexOf('m')),
    text: part.slice(part.indexOf('m') + 1),
  }))
  return [{ sequence: '', text: first }, ...parts]
}

function getSequenceStyle(sequence: string): string {
  const parts = sequence.split(';')
  const colour = parts.map(part => colours[part]).find(foundColour => foundColour !== undefined)
  const weight = parts.includes('1') ? ' font-weight="bold"' : ''
  return `${weight}${colour === undefined ? '' : ` fill="${colour}"`}`
}

function stripSequences(output: string): string {
  return splitAtSequences(output)
    .map(({ text }) => text)
    .join('')
}

/** Escapes a text for SVG. */
export const escapeMarkup = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
