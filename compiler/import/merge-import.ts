import type { SpecPath } from '../diagnostics/diagnostic.ts'
import type { ForeignFile } from '../manifests/foreign-files.ts'
import { getValue, isMap } from '../source/document.ts'
import { isEqual } from '../source/is-equal.ts'
import { mergeLayers } from '../source/layers.ts'
import { load, type Workspace } from '../source/load.ts'
import { assembleDraft, sortFields } from './draft.ts'
import { type Conflict, mergeOrder, mergeTrees, nameEntry } from './merge-trees.ts'
import type { Tree } from './read-object-spec.ts'
import { rewriteText } from './rewrite-text.ts'
import type { Settled } from './settle.ts'

/** A value of a spec that changes with the manifests; undefined: the value is absent. */
interface Change {
  readonly path: SpecPath
  readonly before: unknown
  readonly after: unknown
  /** The file with the value. */
  readonly file: string
}

/** A later change of the manifests as edits of a spec. */
export interface MergedSpec {
  readonly changes: readonly Change[]
  readonly conflicts: readonly Conflict[]
  /** The files that change, with their new texts. */
  readonly files: readonly ForeignFile[]
}

/** An error about a file that cannot be edited without a loss. */
export class UneditableError extends Error {}

/**
 * Applies the changes between two imports to the files of a spec. An edit is in the file that sets the value: the entry or a file
 * that it includes. The entry overrides a value of a base, since other environments share the base.
 *
 * @param head the fields that no manifest has, equal in both imports
 * @throws {UneditableError} if a file's style cannot be edited
 */
export function mergeImport(
  entry: string,
  workspace: Workspace,
  head: Tree,
  before: Settled,
  after: Settled,
): MergedSpec {
  const loaded = load(entry, workspace)
  const { layers } = mergeLayers(loaded.layers)
  const spec = layers.value
  const [draftBefore, draftAfter] = [before, after].map(({ claims }) =>
    assembleDraft(head, claims, new Set(), isMap(spec['defaults']) ? spec['defaults'] : {}),
  )
  const merged = mergeTrees(draftBefore!.spec, draftAfter!.spec, spec)
  const { document, included } = loaded.layers.at(-1)!
  const documents = [document, ...included]
  const names = new Set(documents.map(({ source }) => source.name))
  const changes = listChangedValues(spec, merged.spec, []).map(change => {
    const place = findPlace(change.path)
    const isInherited =
      change.after === undefined && layers.definitionsOf(change.path).some(({ file }) => !names.has(file))
    return { ...change, ...place, written: isInherited ? null : change.after }
  })
  const order = sortFields(merged.spec, [])
  const comments = nameEntries(draftAfter!.comments, draftAfter!.spec)
  const files = documents.flatMap(({ source: { name, text }, value }) => {
    const edits = changes.filter(({ file }) => file === name)
    if (edits.length === 0) return []
    const target = edits.reduce(
      (tree, { placedPath, written }) => setValue(tree, placedPath, written, order),
      value as Tree,
    )
    const rewritten = rewriteText(text, target, comments)
    if (rewritten === undefined) throw new UneditableError(name)
    return [{ name, text: rewritten }]
  })
  return { changes, conflicts: merged.conflicts, files }

  function findPlace(path: SpecPath): { readonly file: string; readonly placedPath: SpecPath } {
    const neighbor = findNeighbor(path)
    if (neighbor !== undefined) return { file: neighbor, placedPath: path }
    for (let length = path.length; length > 0; length--) {
      const definition = layers.definitionsOf(path.slice(0, length)).find(({ file }) => names.has(file))
      if (definition !== undefined)
        return { file: definition.file, placedPath: [...definition.path, ...path.slice(length)] }
    }
    return { file: entry, placedPath: path }
  }

  /** Finds the file of the services of a namespace, for a new service of it. */
  function findNeighbor(path: SpecPath): string | undefined {
    const [section, name, ...rest] = path
    const services = [spec['services'], merged.spec['services']].map(value => (isMap(value) ? value : {}))
    if (section !== 'services' || rest.length > 0 || services[0]![name!] !== undefined) return undefined
    const namespace = getValue(services[1], [name!, 'namespace'])
    const neighbor = Object.keys(services[0]!).find(
      key => getValue(services[0], [key, 'namespace']) === namespace,
    )
    if (neighbor === undefined) return undefined
    return layers.definitionsOf(['services', neighbor]).find(({ file }) => names.has(file))?.file
  }
}

/** Lists the values that two specs do not share, map by map; a list is one value. */
function listChangedValues(
  before: unknown,
  after: unknown,
  path: SpecPath,
): readonly Pick<Change, 'path' | 'before' | 'after'>[] {
  if (isEqual(before, after)) return []
  if (!isMap(before) || !isMap(after)) return [{ path, before, after }]
  const keys = new Set([...Object.keys(before), ...Object.keys(after)])
  return [...keys].flatMap(key => listChangedValues(before[key], after[key], [...path, key]))
}

/** Sets a value in a tree, or removes it. Parts that the tree shares with others do not change; a new field gets its place by the order. */
function setValue(tree: Tree, [step, ...rest]: SpecPath, value: unknown, order: unknown): Tree {
  const key = String(step)
  const inner = tree[key]
  const part =
    rest.length === 0 ? value : setValue(isMap(inner) ? inner : {}, rest, value, getValue(order, [key]))
  const keys = mergeOrder(mergeOrder(Object.keys(tree), isMap(order) ? Object.keys(order) : []), [key])
  return Object.fromEntries(
    keys.flatMap(each => {
      const entry = each === key ? part : tree[each]
      return entry === undefined ? [] : [[each, entry]]
    }),
  )
}

/** Finds the comments of a draft by the names of the entries of lists, instead of their indices. */
const nameEntries = (comments: ReadonlyMap<string, string>, spec: Tree): ReadonlyMap<string, string> =>
  new Map(
    [...comments].flatMap(([key, comment]): [string, string][] => {
      const path = JSON.parse(key) as SpecPath
      const named = path.map((step, index) =>
        typeof step === 'number' ? nameEntry(getValue(spec, path.slice(0, index + 1))) : step,
      )
      return [
        [key, comment],
        [JSON.stringify(named), comment],
      ]
    }),
  )
