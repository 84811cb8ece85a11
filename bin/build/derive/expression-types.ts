import { expressionTypes } from '../../../compiler/policies/types.ts'

/** The heading of the table, in `docs/guides/policies.md`. */
const heading = '| type | fields |\n| --- | --- |\n'

/** docs/guides/policies.md, with the types of expressions in its table. Throws an error if the page has no such table. */
export function updateExpressionTypes(page: string): string {
  const start = page.indexOf(heading)
  if (start === -1) throw new Error('docs/guides/policies.md has no table of types')
  const end = page.indexOf('\n\n', start)
  const rows = Object.entries(expressionTypes).map(([name, fields]) => {
    const cells = Object.entries(fields).map(([field, type]) => `\`${field}: ${type}\``)
    return `| \`${name}\` | ${cells.join(', ')} |`
  })
  return `${page.slice(0, start)}${heading}${rows.join('\n')}${page.slice(end)}`
}
