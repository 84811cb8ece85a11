import type { ChartMetadata } from './chart-metadata.ts'
import { isSaid, isSection, type Section, type Setting } from './settings.ts'

/** The README of a chart, as helm-docs makes it from Chart.yaml and values.yaml. */
export function readme(
  { name, description, type, version, appVersion }: ChartMetadata,
  settings: Section,
): string {
  const badges = [
    badge('Version', version.value),
    badge('Type', type.value),
    badge('AppVersion', appVersion.value),
  ].join(' ')
  const rows = [...rowsOf(settings, '')].toSorted((a, b) => (a.path < b.path ? -1 : 1))
  const table = rows.map(
    ({ path, type, value, description }) => `| ${path} | ${type} | ${value} | ${description} |\n`,
  )
  return `# ${name.value}

${badges}

${description.value}

## Values

| Key | Type | Default | Description |
|-----|------|---------|-------------|
${table.join('')}`
}

const badge = (label: string, text: string) =>
  `![${label}: ${text}](https://img.shields.io/badge/${label}-${text.replaceAll('-', '--')}-informational?style=flat-square)`

interface Row {
  readonly path: string
  readonly type: string
  readonly value: string
  readonly description: string
}

function* rowsOf({ entries }: Section, prefix: string): Iterable<Row> {
  for (const [key, entry] of Object.entries(entries)) {
    const path = `${prefix}${key}`
    if (!isSaid(entry)) continue
    if (!isSection(entry)) yield settingRow(path, entry)
    else if (Object.values(entry.entries).some(isSaid)) yield* rowsOf(entry, `${path}.`)
    else yield { path, type: 'object', value: '`{}`', description: entry.comment ?? '' }
  }
}

function settingRow(path: string, { value: said, description }: Setting): Row {
  // A row is of what is said.
  const value = said!.value
  return {
    path,
    type: types[typeof value as keyof typeof types],
    value: `\`${JSON.stringify(value)}\``,
    description,
  }
}

/** The types of values, in the words of helm-docs. */
const types = { boolean: 'bool', string: 'string', number: 'int' }
