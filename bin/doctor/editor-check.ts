import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { printCount } from '../../compiler/diagnostics/counted.ts'
import { readIfThere } from '../files/read-file.ts'
import type { Project } from '../project/project.ts'
import { findSchemaState, readPackageSchema } from '../schema/schema-file.ts'
import { schemaFile } from '../schema/schema-path.ts'
import { type Check, type Examined, type Installation, reportDoubtful, reportGood } from './check.ts'

/** Checks that editors complete specs, from the schema of this version of meshc. */
export const editorCheck: Check = {
  name: 'editor',
  examine(installation) {
    const { root } = installation.project
    const files = specFiles(installation)
    const named = new Map(files.map(({ name, text }) => [name, schemaNamedBy(name, text)]))
    const settings = schemasOfSettings(root)
    const schemas = [...new Set([...named.values(), ...settings].filter(path => path !== undefined))]
    const without = files.filter(({ name }) => named.get(name) === undefined)
    if (schemas.length === 0)
      return [
        reportDoubtful(
          'no editor has the schema of the specs',
          'begin each spec with `# yaml-language-server: $schema=…`, or set `yaml.schemas` in .vscode/settings.json; `meshc schema --workspace` writes it',
        ),
      ]
    const covered =
      settings.length > 0 || without.length === 0
        ? reportGood('editors complete the specs')
        : reportDoubtful(
            `${printCount(without.length, 'spec')} of ${files.length} ${without.length === 1 ? 'does' : 'do'} not name the schema`,
            `begin ${without[0]!.name} with \`# yaml-language-server: $schema=…\``,
          )
    return [covered, ...schemas.map(path => examineSchema(installation.project, path))]
  },
}

function specFiles({ result }: Installation) {
  return [...result.sources.values()].filter(({ name }) => name.startsWith('spec/'))
}

/** The schema that the first lines of a spec name for the language server of YAML, from the root of the project. */
function schemaNamedBy(file: string, text: string): string | undefined {
  const path = /^# yaml-language-server:\s*\$schema=(\S+)/m.exec(text.slice(0, 1000))?.[1]
  return path === undefined || /^\w+:/.test(path) ? path : join(dirname(file), path).replaceAll('\\', '/')
}

/** Settings of a person have some kilobytes. */
const largestSettings = 2 ** 20

/** The schemas that VS Code's settings give to specs. */
function schemasOfSettings(root: string): readonly string[] {
  const text = readIfThere(join(root, '.vscode/settings.json'), largestSettings)
  if (text === undefined) return []
  try {
    // Settings may have comments, and commas at the end.
    const plain = text.replace(/^[ \t]*\/\/.*$/gm, '').replace(/,(\s*[}\]])/g, '$1')
    const settings: unknown = JSON.parse(plain)
    const schemas: unknown =
      typeof settings === 'object' && settings !== null && 'yaml.schemas' in settings
        ? settings['yaml.schemas']
        : {}
    const entries = Object.entries(typeof schemas === 'object' && schemas !== null ? schemas : {})
    return entries
      .filter(([, patterns]) => JSON.stringify(patterns).includes('spec/'))
      .map(([path]) => path.replace(/^\.\//, ''))
  } catch {
    return []
  }
}

function examineSchema(project: Project, path: string): Examined {
  if (/^\w+:/.test(path)) return reportGood(`their schema is ${path}`)
  const isUsual = path === schemaFile
  const write = isUsual
    ? '`meshc schema --workspace` writes it'
    : `\`meshc schema --output ${path}\` writes it`
  if (!existsSync(join(project.root, path)))
    return reportDoubtful(`\`${path}\`, which the settings of editors name, does not exist`, write)
  const state = isUsual ? findSchemaState(project) : undefined
  if (state !== undefined)
    return state.isFresh
      ? reportGood(`\`${path}\` is the schema of this meshc, with the names of the specs`)
      : reportDoubtful(`\`${path}\` does not have the names of the specs`, '`meshc build` brings them')
  return readIfThere(join(project.root, path)) === readPackageSchema()
    ? reportGood(`\`${path}\` is the schema of this meshc`)
    : reportDoubtful(`\`${path}\` is the schema of another meshc`, write)
}
