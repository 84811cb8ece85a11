import { groupBy } from '../basics/group-by.ts'
import { compile } from '../compile.ts'
import type { ForeignFile } from '../manifests/foreign-files.ts'
import { type Draft, sortFields } from './draft.ts'
import type { ImportedMesh } from './import-mesh.ts'
import type { Tree } from './read-object-spec.ts'
import { splitLayers } from './split-layers.ts'
import { printSpec } from './write-spec.ts'

/** An imported environment, and the comment that its spec begins with. */
export interface ImportedEnvironment {
  readonly name: string
  readonly imported: ImportedMesh
  readonly head: string
}

/** The name of the spec that several environments extend. */
const baseEntry = 'spec/base/mesh.yaml'
const baseHead =
  ' The part that all environments share. It names no `environment`, so nothing is built from it alone.'

export const getEntry = (name: string): string => `spec/${name}/mesh.yaml`

/**
 * Prints the specs of imported environments: one file each, and if there are several, a base that they extend. A large spec has a
 * file for the services of each namespace.
 *
 * @throws {Error} if a printed spec does not compile to exactly the proved output
 */
export function printSpecs(environments: readonly ImportedEnvironment[]): readonly ForeignFile[] {
  const files = environments.length === 1 ? environments.flatMap(printAlone) : printLayers(environments)
  for (const environment of environments) checkText(environment, files)
  return files
}

const printAlone = ({ name, imported, head }: ImportedEnvironment): readonly ForeignFile[] =>
  printFiles(getEntry(name), imported.settled.draft, head)

/** The largest number of services in one file, if they have several namespaces. */
const mostServices = 50

/** Prints a spec as one file. A large spec has the services of each namespace in a separate file. */
function printFiles(entry: string, { spec, comments }: Draft, head: string): readonly ForeignFile[] {
  const { services, meshc, ...rest } = spec
  const entries = Object.entries((services ?? {}) as Readonly<Record<string, Tree>>)
  const namespaces = groupBy(entries, ([, service]) => [String(service['namespace'])])
  if (entries.length <= mostServices || namespaces.size < 2)
    return [{ name: entry, text: printSpec({ spec, comments }, head) }]
  const folder = entry.slice(0, entry.lastIndexOf('/'))
  const main = sortFields({ meshc, ...rest, include: ['services/*.yaml'] }, []) as Tree
  return [
    {
      name: entry,
      text: printSpec({ spec: main, comments }, head),
    },
    ...[...namespaces].map(([namespace, members]) => ({
      name: `${folder}/services/${namespace}.yaml`,
      text: printSpec(
        { spec: { meshc, services: Object.fromEntries(members) }, comments },
        ` The services of the namespace ${namespace}.`,
      ),
    })),
  ]
}

function printLayers(environments: readonly ImportedEnvironment[]): readonly ForeignFile[] {
  const drafts = environments.map(({ imported }) => imported.settled.draft)
  const { base, layers } = splitLayers(drafts.map(({ spec }) => spec))
  const comments = new Map(drafts.flatMap(draft => [...draft.comments]))
  const { meshc } = base
  return [
    ...printFiles(baseEntry, { spec: base, comments }, baseHead),
    ...environments.map(({ name, head }, index) => {
      const { environment, ...rest } = layers[index]!
      const draft: Draft = { spec: { meshc, environment, extends: '../base/mesh.yaml', ...rest }, comments }
      return { name: getEntry(name), text: printSpec(draft, head) }
    }),
  ]
}

function checkText({ name, imported }: ImportedEnvironment, files: readonly ForeignFile[]): void {
  const all = new Map([...files, ...imported.surroundings].map(file => [file.name, file.text]))
  const result = compile(getEntry(name), {
    read: path => (all.has(path) ? { text: all.get(path)! } : { reason: 'there is no such file' }),
    list: folder => [...all.keys()].filter(path => path.slice(0, path.lastIndexOf('/')) === folder),
    listBelow: folder => [...all.keys()].filter(path => path.startsWith(`${folder}/`)),
  })
  const printed = result.ok ? [...result.value.manifests()].map(({ object }) => object) : []
  const proved = [...imported.settled.compilation.manifests()].map(({ object }) => object)
  if (JSON.stringify(printed) !== JSON.stringify(proved))
    throw new Error(`the spec of \`${name}\` does not say what was proved`)
}
