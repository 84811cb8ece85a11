import fc from 'fast-check'
import { getValue } from '../../compiler/source/document.ts'
import type { MeshFile } from '../../schema/spec/mesh.ts'
import { MeshSpec } from '../../schema/spec/mesh.ts'
import { type Branch, getNodes, type Leaf, legalValues, missingFields, replaced } from './leaves.ts'
import { intern, type Spec } from './mesh.ts'
import { pick } from './names.ts'

const choices = fc.array(fc.record({ at: fc.nat({ max: 100_000 }), choice: fc.nat({ max: 100_000 }) }), {
  maxLength: 12,
})

/**
 * Adds one or two layers to the same mesh. The layers above override or remove all values of the new layers.
 */
export const layerings = (spec: Spec): fc.Arbitrary<Spec> =>
  fc
    .record({ overridden: choices, replaced: choices, removed: choices, more: fc.option(choices) })
    .map(({ more, ...drafts }) => {
      const layered = addLayer(spec, 'spec/common/mesh.yaml', drafts)
      const lowest = { overridden: more ?? [], replaced: [], removed: [] }
      return intern(more === null ? layered : addLayer(layered, 'spec/origin/mesh.yaml', lowest))
    })

type Choices = typeof choices extends fc.Arbitrary<infer Value> ? Value : never

/** Adds a layer below the lowest. */
function addLayer(
  spec: Spec,
  file: string,
  drafts: Readonly<Record<'overridden' | 'replaced' | 'removed', Choices>>,
): Spec {
  const { leaves, branches } = getNodes(spec)
  const foundLeaves = leaves.filter(leaf => isOfMesh(leaf) && leaf.value !== null)
  const maps = branches.filter(branch => isOfMesh(branch) && !branch.path.some(isIndex))
  let layered: Spec = { ...spec, documents: { ...spec.documents, [file]: { meshc: 'v1' } } }
  for (const { at, choice } of drafts.overridden) {
    const leaf = pick(foundLeaves, at)
    layered = put(layered, file, spec, leaf, pick([leaf.value, ...legalValues(leaf.path)], choice))
  }
  for (const { at, choice } of drafts.replaced) {
    // A word replaces a map of a layer above: `retries: none`.
    const words = maps.flatMap(map => legalValues(map.path).map(word => [map, word] as const))
    const [map, word] = words[at % Math.max(words.length, 1)] ?? []
    if (map !== undefined && choice % 2 === 0) layered = replaced(layered, file, map.path, word)
  }
  for (const { at, choice } of drafts.removed) {
    const map = pick(maps, at)
    const fields = missingFields(map).filter(([name]) => !structural.includes(name))
    const [name, example] = fields[choice % Math.max(fields.length, 1)] ?? []
    if (name !== undefined) layered = putRemoved(layered, file, map, name, example)
  }
  return extending(layered, file)
}

const structural: readonly (string | number)[] = ['meshc', 'extends', 'include']
const isIndex = (step: string | number) => typeof step === 'number'
const isOfMesh = ({ path: [section] }: Leaf | Branch) =>
  section !== undefined && !structural.includes(section)

/** Puts another value for a leaf of a higher layer; for a list, the whole list. */
function put(layered: Spec, file: string, spec: Spec, leaf: Leaf, value: unknown): Spec {
  const index = leaf.path.findIndex(isIndex)
  if (index === -1) return replaced(layered, file, leaf.path, value)
  const list = leaf.path.slice(0, index)
  const changed = replaced(spec, leaf.file, leaf.path, value).documents[leaf.file]
  return replaced(layered, file, list, getValue(changed, list))
}

/** Puts a field that a higher layer removes, unless its place does not allow a removal. */
function putRemoved(layered: Spec, file: string, map: Branch, name: string, example: unknown): Spec {
  const path = [...map.path, name]
  const removing = replaced(layered, map.file, path, null)
  if (!MeshSpec.safeParse(removing.documents[map.file]).success) return layered
  return replaced(removing, file, path, example)
}

/** Makes the document without `extends` extend the new document. */
function extending(layered: Spec, file: string): Spec {
  const isIncluded = (path: string) => path.includes('/teams/')
  const lowest = Object.entries(layered.documents).find(
    ([path, document]) => path !== file && !isIncluded(path) && document.extends === undefined,
  )
  if (lowest === undefined) throw new Error('a chain of layers has an end')
  const document: MeshFile = { ...lowest[1], extends: `../${file.slice('spec/'.length)}` }
  return { ...layered, documents: { ...layered.documents, [lowest[0]]: document } }
}
