import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { attempt } from '../files/system-error.ts'
import { makeTextWorkspace } from '../files/text-workspace.ts'
import type { NewFile } from '../files/write-new-files.ts'
import { isPublished, locatePackageFile, packageName, version } from '../package.ts'
import { makeWorkspaceSchema } from '../schema/schema-file.ts'
import { schemaFile } from '../schema/schema-path.ts'
import { exampleNames, type Names } from './example-names.ts'

/** The package and the version of meshc in the templates. */
const examplePackage = '@OWNER/meshc'
const exampleVersion = '0.0.0'

/** The specs that it has of environments. */
export const scaffoldedSpecs = ['spec/dev/mesh.yaml', 'spec/prod/mesh.yaml'] as const

/**
 * Makes every file of a new project: templates/init with other names in it, and the schema that its specs are edited
 * by.
 */
export function scaffold(names: Names): readonly NewFile[] {
  const folder = locatePackageFile('templates/init')
  const paths = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(entry =>
      join(entry.parentPath, entry.name)
        .slice(folder.length + 1)
        .replaceAll('\\', '/'),
    )
  const files = paths.map(path => {
    const text = renamed(readTemplateText(join(folder, path)), names)
    return getFile(
      getProjectPath(path),
      path === packageJson && !isPublished ? withoutDependencies(text) : text,
    )
  })
  const { text } = makeWorkspaceSchema(makeTextWorkspace(files), scaffoldedSpecs)
  return [...files, getFile(schemaFile, text)].sort((a, b) => (a.path < b.path ? -1 : 1))
}

const getFile = (path: string, text: string): NewFile => ({
  path,
  text,
  isExecutable: path.endsWith('.sh'),
})

const packageJson = 'package.json'

/** Removes dependencies that no registry has, which npm cannot install by name: `init` prints how to install them from a file. */
function withoutDependencies(text: string): string {
  const { devDependencies: _, ...rest } = JSON.parse(text)
  return `${JSON.stringify(rest, undefined, 2)}\n`
}

/** npm leaves a .gitignore out of a package, and takes it for its own. */
const getProjectPath = (path: string) => (path === 'gitignore' ? '.gitignore' : path)

/** Renames all at once, so that a name which looks like an example is not replaced in turn. */
function renamed(text: string, names: Names): string {
  const words: Readonly<Record<string, string>> = {
    [exampleNames.mesh]: names.mesh,
    [exampleNames.namespace]: names.namespace,
    [exampleNames.host]: names.host,
    [exampleNames.repository]: names.repository,
    [examplePackage]: packageName,
    [exampleVersion]: version,
  }
  const anyOf = Object.keys(words).map(word => word.replaceAll('.', '\\.'))
  return text.replace(new RegExp(anyOf.join('|'), 'g'), word => words[word] ?? word)
}

function readTemplateText(path: string): string {
  return attempt(`\`${path}\` cannot be read`, () => readFileSync(path, 'utf8'))
}
