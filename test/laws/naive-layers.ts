import type { SpecPath } from '../../compiler/diagnostics/diagnostic.ts'
import { isMap } from '../../compiler/source/document.ts'
import type { Spec } from '../arbitraries/mesh.ts'

/**
 * A value of a spec, with the file and path that set it. Lists of included files are joined, so an index can
 * differ.
 */
interface Said {
  readonly file: string
  readonly path: SpecPath
  readonly value: unknown
}

/**
 * Lists the layers of a spec, the lowest first. Each layer is its own file, followed by its included files.
 */
export function listLayers({ entry, documents }: Spec): readonly (readonly string[])[] {
  const layers: string[][] = []
  for (let file: string | undefined = entry; file !== undefined; ) {
    const { include = [], extends: base } = documents[file] as { include?: string[]; extends?: string }
    const folder = file.slice(0, file.lastIndexOf('/'))
    const included = include.flatMap(pattern => {
      const form = new RegExp(`^${folder}/${pattern.replaceAll('.', '\\.').replaceAll('*', '[^/]*')}$`)
      return Object.keys(documents)
        .filter(path => form.test(path))
        .sort()
    })
    layers.unshift([file, ...included])
    file = base?.replace(/^\.\./, folder.slice(0, folder.lastIndexOf('/')))
  }
  return layers
}

/** Merges the layers of a spec into one value. */
export const naiveMerge = (spec: Spec): unknown => joinLayers(spec).map(plain).reduce(merge)

function merge(base: unknown, over: unknown): unknown {
  if (!isMap(over)) return over
  const both = new Map(Object.entries(isMap(base) ? base : {}))
  for (const [key, entry] of Object.entries(over)) {
    if (entry === null) both.delete(key)
    else both.set(key, merge(both.get(key), entry))
  }
  return Object.fromEntries(both)
}

/** Lists the definitions of a path of a spec, the highest layer first, down to the one that replaces the whole value. */
export function naiveDefinitions(spec: Spec, path: SpecPath): readonly Said[] {
  const statements: Said[] = []
  for (const layer of joinLayers(spec).toReversed()) {
    let node: Node | undefined = layer
    let isWhole = false
    for (const step of path) {
      if (node === undefined) break
      // A value that is not a map replaces all values of lower layers below it.
      isWhole ||= !isMap(node.value)
      node = node.children.get(step)
      if (node === undefined && isWhole) return statements
    }
    if (node !== undefined) statements.push({ file: node.file, path: node.path, value: node.value })
  }
  return statements
}

/** A value whose parts have their definitions. */
interface Node extends Said {
  readonly children: ReadonlyMap<string | number, Node>
}

function getNode(value: unknown, file: string, path: SpecPath): Node {
  const entries: (readonly [string | number, unknown])[] = Array.isArray(value)
    ? [...value.entries()]
    : isMap(value)
      ? Object.entries(value)
      : []
  const children = entries.map(([key, entry]) => [key, getNode(entry, file, [...path, key])] as const)
  return { value, file, path, children: new Map(children) }
}

const layersOfSpecs = new WeakMap<Spec, readonly Node[]>()

/**
 * Joins the files of each layer, the lowest first. The result is cached, since a law uses it for each path of
 * a spec.
 */
function joinLayers(spec: Spec): readonly Node[] {
  const layers = layersOfSpecs.get(spec) ?? listLayers(spec).map(files => joined(spec, files))
  layersOfSpecs.set(spec, layers)
  return layers
}

/** Returns one layer: the sections of its included files, joined to the layer's own sections. */
function joined({ documents }: Spec, files: readonly string[]): Node {
  const [node, ...included] = files.map(file => getNode(documents[file], file, []))
  if (node === undefined) throw new Error('a layer has a file')
  const sections = new Map(node.children)
  for (const { children } of included) {
    for (const [name, section] of children) {
      const before = sections.get(name)
      if (before === undefined) sections.set(name, section)
      else {
        const offset = Array.isArray(section.value) ? before.children.size : 0
        const entries = [...section.children].map(([key, entry]) => [later(key, offset), entry] as const)
        sections.set(name, { ...before, children: new Map([...before.children, ...entries]) })
      }
    }
  }
  return { ...node, children: sections }
}

const later = (key: string | number, offset: number) => (typeof key === 'number' ? key + offset : key)

/** Returns the value of a node. */
function plain({ value, children }: Node): unknown {
  const parts = [...children].map(([key, child]) => [key, plain(child)] as const)
  if (Array.isArray(value)) return parts.map(([, part]) => part)
  return isMap(value) ? Object.fromEntries(parts) : value
}
