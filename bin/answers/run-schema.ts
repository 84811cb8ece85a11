import { lstatSync, realpathSync, writeFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { printCount } from '../../compiler/diagnostics/counted.ts'
import type { Context, ExitCode } from '../cli/command.ts'
import { Failure } from '../cli/failure.ts'
import type { Terminal } from '../cli/terminal.ts'
import { isInFolder } from '../files/is-in-folder.ts'
import { replaceFile } from '../files/replace-file.ts'
import { attempt } from '../files/system-error.ts'
import { openProject } from '../project/project.ts'
import {
  findCurrentSchema,
  findSchemaState,
  readManifestsSchema,
  readPackageSchema,
  writeSchema,
} from '../schema/schema-file.ts'
import { schemaFile } from '../schema/schema-path.ts'

/** Prints the JSON Schema of mesh.yaml, for an editor; or writes one that has the names of a project. */
export function runSchema({ options, terminal }: Context): ExitCode {
  const file = options.word('output')
  if (options.has('workspace')) return writeWorkspaceSchema(options.word('project'), file, terminal)
  const text = options.has('manifests') ? readManifestsSchema() : readPackageSchema()
  if (file === undefined) terminal.printDocument(text.trimEnd())
  else writeSchemaFile(file, text)
  return 0
}

/** Writes a file; a link below the current folder may have come with a commit, so it is not followed. */
function writeSchemaFile(file: string, text: string): void {
  const path = resolve(file)
  attempt(`\`${file}\` cannot be written`, () => {
    const here = process.cwd()
    if (!isInFolder(path, here)) return writeFileSync(path, text)
    if (!isInFolder(realpathSync.native(dirname(path)), realpathSync.native(here)))
      throw new Failure(
        `\`${file}\` lies behind a symbolic link that leaves this folder`,
        'name the folder that it leads to',
      )
    const stat = lstatSync(path, { throwIfNoEntry: false })
    if (stat === undefined || stat.isFile() || stat.isSymbolicLink()) replaceFile(path, text)
    else writeFileSync(path, text)
  })
}

function writeWorkspaceSchema(folder: string | undefined, file: string | undefined, terminal: Terminal): 0 {
  if (file !== undefined)
    throw new Failure(
      '`--workspace` and `--output` are given both',
      `\`--workspace\` writes ${schemaFile}, where \`meshc build\` finds it and keeps it fresh`,
    )
  const project = openProject(folder)
  const there = findSchemaState(project)
  if (there?.isFresh === true) {
    terminal.print(`${schemaFile} is up to date`)
    return 0
  }
  const current = there ?? findCurrentSchema(project)
  writeSchema(project, current)
  const { services, gateways, externals } = current.names
  const counts = [
    printCount(services.size, 'service'),
    printCount(gateways.size, 'gateway'),
    printCount(externals.size, 'external system'),
  ]
  terminal.print(`wrote ${schemaFile} with the names of ${counts.join(', ')}`)
  return 0
}
