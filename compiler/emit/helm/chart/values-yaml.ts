import { printYaml } from '../../yaml.ts'
import { isSaid, isSection, type Section, type Setting } from './settings.ts'

/** The values that a chart comes with, each under a comment as helm-docs reads it. */
export const valuesYaml = ({ entries }: Section): string =>
  Object.entries(entries)
    .map(([key, entry]) => entryText(key, entry, ''))
    .join('\n')

function entryText(key: string, entry: Setting | Section, indent: string): string {
  if (!isSaid(entry)) return ''
  if (!isSection(entry))
    return `${indent}# -- ${entry.description}\n${indent}${printYaml({ [key]: entry.value })}`
  const inner = Object.entries(entry.entries)
    .map(([name, one]) => entryText(name, one, `${indent}  `))
    .join('')
  // helm-docs takes a map with nothing in it for a value, which has a description.
  const lead = inner === '' ? '-- ' : ''
  const comment = entry.comment === undefined ? '' : `${indent}# ${lead}${entry.comment}\n`
  const empty = `${indent}${printYaml({ [key]: {} })}`
  return inner === '' ? `${comment}${empty}` : `${comment}${empty.replace(/ \{\}\n$/, '\n')}${inner}`
}
