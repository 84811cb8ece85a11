/** The paint of parts of a page. */
export interface Paint {
  heading(text: string): string
  code(text: string): string
}

/** Makes the paint: colours if the terminal supports them; otherwise the page stays readable by its Markdown signs. */
export const paintFor = (color: boolean): Paint =>
  color
    ? { heading: text => `\u001b[1m${text}\u001b[0m`, code: text => `\u001b[36m${text}\u001b[0m` }
    : { heading: text => text, code: text => text }

/** A page of Markdown for a terminal: headings without marks, code indented, links with their address. */
export function renderMarkdown(page: string, paint: Paint): string {
  const lines: string[] = []
  let isCode = false
  for (const line of page.trim().split(/\r?\n/)) {
    if (/^\s*```/.test(line)) isCode = !isCode
    else if (isCode) lines.push(line === '' ? '' : `    ${paint.code(line)}`)
    else lines.push(plainLine(line, paint))
  }
  return lines.join('\n').replace(/\n{3,}/g, '\n\n')
}

function plainLine(line: string, paint: Paint): string {
  const heading = /^#+\s+(.*)$/.exec(line)
  const text = (heading?.[1] ?? line)
    .replace(/\[([^\]]*)\]\(([^)]*)\)/g, (_, label: string, address: string) =>
      /^https?:/.test(address) && label !== address ? `${label} (${address})` : label,
    )
    .replace(/\*\*([^*]+)\*\*/g, '$1')
  if (heading !== null) return paint.heading(text)
  return text.replace(/`[^`]+`/g, code => paint.code(code))
}
