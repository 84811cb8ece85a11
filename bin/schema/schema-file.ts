import { mkdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { SpecDocument } from '../../compiler/source/document.ts'
import { load, type Workspace } from '../../compiler/source/load.ts'
import { replaceFile } from '../files/replace-file.ts'
import { attempt } from '../files/system-error.ts'
import { mustBeFolders } from '../output/tree.ts'
import { locatePackageFile } from '../package.ts'
import { listEnvironments, type Project } from '../project/project.ts'
import { type ProjectNames, projectNames } from './project-names.ts'
import { schemaFile } from './schema-path.ts'
import { deriveWorkspaceSchema } from './workspace-schema.ts'

/** The mark, equal in every version, that distinguishes the schema with the names of a project from that of the package. */
const workspaceMark = 'Written by `meshc schema --workspace`'

/** The schema with the names of a project: the text on the disk, and the current text. */
interface WorkspaceSchema {
  readonly text: string
  readonly names: ProjectNames
}

/** The files of a spec that were read already, by its mesh.yaml. */
type ReadSpecs = ReadonlyMap<string, readonly SpecDocument[]>

/**
 * The schema with the names that specs have, as far as they can be read.
 *
 * @param entries the mesh.yaml of each environment
 */
export function makeWorkspaceSchema(
  workspace: Workspace,
  entries: readonly string[],
  read: ReadSpecs = new Map(),
): WorkspaceSchema {
  const specs = new Map<string, unknown>()
  for (const entry of entries)
    for (const { source, value } of read.get(entry) ?? listDocuments(entry, workspace))
      specs.set(source.name, value)
  const names = projectNames([...specs.values()])
  const schema = deriveWorkspaceSchema(JSON.parse(readPackageSchema()), names)
  const $comment = `${workspaceMark}, and by every \`meshc build\` that changes it. Do not edit.`
  return { names, text: `${JSON.stringify({ ...schema, $comment }, null, 2)}\n` }
}

const listDocuments = (entry: string, workspace: Workspace): readonly SpecDocument[] =>
  load(entry, workspace).layers.flatMap(({ document, included }) => [document, ...included])

/** The schema of the language, without names. */
export const readPackageSchema = (): string =>
  attempt('the schema cannot be read', () => readFileSync(locatePackageFile(schemaFile), 'utf8'))

/** The schema of the file beside manifests. */
export const readManifestsSchema = (): string =>
  attempt('the schema cannot be read', () =>
    readFileSync(locatePackageFile('schema/manifests.schema.json'), 'utf8'),
  )

/** The schema of a project, and whether it is current; undefined if the project has no schema with names. */
export function findSchemaState(
  project: Project,
  specs?: ReadSpecs,
): (WorkspaceSchema & { readonly isFresh: boolean }) | undefined {
  const there = project.workspace.read(schemaFile)
  if (!('text' in there) || !isWorkspaceSchema(there.text)) return undefined
  const schema = findCurrentSchema(project, specs)
  return { ...schema, isFresh: there.text === schema.text }
}

/** Finds the schema that a project should have. */
export const findCurrentSchema = (project: Project, specs?: ReadSpecs): WorkspaceSchema =>
  makeWorkspaceSchema(
    project.workspace,
    listEnvironments(project, []).map(({ entry }) => entry),
    specs,
  )

/**
 * Tells whether a text is a schema with the names of a project: by its first lines, so that one with the marks of a merge is
 * known as well.
 */
const isWorkspaceSchema = (text: string): boolean => text.slice(0, 500).includes(workspaceMark)

/** Puts the schema into a project in one step, so that an editor reads the old or the new. */
export function writeSchema({ root }: Project, { text }: WorkspaceSchema): void {
  mustBeFolders(root, dirname(schemaFile))
  const file = join(root, schemaFile)
  attempt(`\`${schemaFile}\` cannot be written`, () => {
    mkdirSync(dirname(file), { recursive: true })
    replaceFile(file, text)
  })
}

/** Updates the schema of a project, if it has one; returns the action, or undefined without a schema. */
export function refreshSchema(project: Project, specs?: ReadSpecs): 'written' | 'unchanged' | undefined {
  const state = findSchemaState(project, specs)
  if (state === undefined || state.isFresh) return state && 'unchanged'
  writeSchema(project, state)
  return 'written'
}
