import { compile } from '../compile.ts'
import type { ForeignFile } from '../manifests/foreign-files.ts'
import type { Draft } from './draft.ts'
import type { ImportedMesh } from './import-mesh.ts'
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
 * Prints the specs of imported environments: one file each, and where there are several, a base that they extend.
 *
 * @throws {Error} where a printed spec does not compile to just what was proved
 */
export function printSpecs(environments: readonly ImportedEnvironment[]): readonly ForeignFile[] {
  const files = environments.length === 1 ? environments.map(printAlone) : printLayers(environments)
  for (const environment of environments) checkText(environment, files)
  return files
}

const printAlone = ({ name, imported, head }: ImportedEnvironment): ForeignFile => ({
  name: getEntry(name),
  text: printSpec(imported.settled.draft, head),
})

function printLayers(environments: readonly ImportedEnvironment[]): readonly ForeignFile[] {
  const drafts = environments.map(({ imported }) => imported.settled.draft)
  const { base, layers } = splitLayers(drafts.map(({ spec }) => spec))
  const comments = new Map(drafts.flatMap(draft => [...draft.comments]))
  const { meshc } = base
  return [
    { name: baseEntry, text: printSpec({ spec: base, comments }, baseHead) },
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
    list: () => [],
    listBelow: folder => [...all.keys()].filter(path => path.startsWith(`${folder}/`)),
  })
  const printed = result.ok ? [...result.value.manifests()].map(({ object }) => object) : []
  const proved = [...imported.settled.compilation.manifests()].map(({ object }) => object)
  if (JSON.stringify(printed) !== JSON.stringify(proved))
    throw new Error(`the spec of \`${name}\` does not say what was proved`)
}
