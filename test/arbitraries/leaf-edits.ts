import fc from 'fast-check'
import type { SpecPath } from '../../compiler/diagnostics/diagnostic.ts'
import { getNodes, isLegal, type Leaf, legalValues, replaced } from './leaves.ts'
import type { Spec } from './mesh.ts'
import { pick } from './names.ts'

/** One leaf of a spec, changed to another value of the same kind, or removed. */
export interface LeafEdit {
  readonly file: string
  readonly path: SpecPath
  /** Every path at which the spec now has another value: entries after a removed one move up. */
  readonly paths: readonly SpecPath[]
  readonly before: unknown
  readonly after: unknown
  readonly spec: Spec
}

/** Changes of one leaf each. Most leave the spec valid; shares with a fixed sum do not change. */
export function leafEdits(spec: Spec): fc.Arbitrary<LeafEdit> {
  const editable = choicesBySpec.get(spec) ?? listChoices(spec)
  choicesBySpec.set(spec, editable)
  return fc
    .record({ at: fc.nat({ max: 100_000 }), choice: fc.nat({ max: 100_000 }) })
    .map(({ at, choice }) => {
      const { leaf, values } = pick(editable, at)
      return edited(spec, leaf, pick(values, choice), [leaf.path])
    })
}

/** A leaf, and the other values that it may have. */
interface Choice {
  readonly leaf: Leaf
  readonly values: readonly unknown[]
}

const choicesBySpec = new WeakMap<Spec, readonly Choice[]>()

function listChoices(spec: Spec): readonly Choice[] {
  const { leaves } = getNodes(spec)
  return leaves.flatMap(leaf => {
    if (!isEditable(leaf) || leaf.path.includes('traffic')) return []
    const values = alternatives(leaf, leaves)
    return values.length === 0 ? [] : [{ leaf, values }]
  })
}

/** Removals of one leaf each. Most leave the spec valid. */
export function leafRemovals(spec: Spec): fc.Arbitrary<LeafEdit> {
  const { leaves } = getNodes(spec)
  const removable = leaves.filter(isEditable)
  return fc.nat({ max: 100_000 }).map(at => {
    const leaf = pick(removable, at)
    const list = leaf.path.slice(0, -1).join('\n')
    const index = leaf.path.at(-1)!
    const behind = leaves.filter(
      ({ file, path }) =>
        file === leaf.file && path.slice(0, -1).join('\n') === list && Number(path.at(-1)) > Number(index),
    )
    return edited(spec, leaf, undefined, [leaf.path, ...behind.map(({ path }) => path)])
  })
}

/** Moves one percent of the traffic from one version to another; undefined if there are no shares. */
export function shareMoves(spec: Spec): fc.Arbitrary<LeafEdit> | undefined {
  const shared = getNodes(spec).branches.flatMap(({ file, path, value }) => {
    const shares = Object.entries(value).filter(([, share]) => typeof share === 'string')
    const giver = shares.find(([, share]) => Number.parseFloat(String(share)) >= 1)
    const taker = shares.find(share => share !== giver)
    return path.at(-1) !== 'traffic' || giver === undefined || taker === undefined
      ? []
      : [{ file, giver: getLeaf(file, path, giver), taker: getLeaf(file, path, taker) }]
  })
  if (shared.length === 0) return undefined
  return fc.constantFrom(...shared).map(({ file, giver, taker }) => {
    const moved = (leaf: Leaf, by: number) =>
      `${Number((Number.parseFloat(String(leaf.value)) + by).toFixed(2))}%`
    const less = replaced(spec, file, giver.path, moved(giver, -1))
    return edited(less, taker, moved(taker, 1), [giver.path, taker.path])
  })
}

const getLeaf = (file: string, path: SpecPath, [name, value]: readonly [string, unknown]): Leaf => ({
  file,
  path: [...path, name],
  value,
})

const edited = (spec: Spec, { file, path, value }: Leaf, after: unknown, paths: LeafEdit['paths']) => ({
  file,
  path,
  paths,
  before: value,
  after,
  spec: replaced(spec, file, path, after),
})

/** Checks whether a leaf describes the mesh, and not its files. */
const isEditable = ({ path: [section], value }: Leaf) =>
  section !== 'meshc' && section !== 'extends' && section !== 'include' && value !== null

/**
 * Lists other possible values of a leaf: a slightly longer duration, another reference, another legal word.
 */
function alternatives(leaf: Leaf, leaves: readonly Leaf[]): readonly unknown[] {
  const key = leaf.path.findLast(step => typeof step === 'string')
  const near: unknown[] =
    typeof leaf.value === 'number'
      ? [leaf.value + 1, leaf.value + 1000]
      : typeof leaf.value === 'string'
        ? [leaf.value.replace(/^[0-9]+/, digits => String(Number(digits) + 1))]
        : []
  const alike = leaves
    .filter(sameLeaf => sameLeaf.path.findLast(step => typeof step === 'string') === key)
    .map(sameLeaf => sameLeaf.value)
  const values = new Set([...near, ...alike, ...legalValues(leaf.path)])
  values.delete(leaf.value)
  values.delete(null)
  return [...values].filter(value => isLegal(leaf.path, value))
}
