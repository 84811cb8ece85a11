import fc from 'fast-check'
import type { SpecPath } from '../../compiler/diagnostics/diagnostic.ts'
import { isLegal, type Leaf, legalValues, nodesOf, replaced } from './leaves.ts'
import type { Spec } from './mesh.ts'
import { pick } from './names.ts'

/** One leaf of a spec, changed to another value of the same kind. */
export interface LeafEdit {
  readonly file: string
  readonly path: SpecPath
  readonly before: unknown
  readonly after: unknown
  readonly spec: Spec
}

/** Changes of one leaf each. Most leave the spec valid; shares that must add up with others are left alone. */
export function leafEdits(spec: Spec): fc.Arbitrary<LeafEdit> {
  const { leaves } = nodesOf(spec)
  const editable = leaves.flatMap(leaf => {
    const [section] = leaf.path
    if (section === 'meshc' || section === 'extends' || section === 'include') return []
    if (leaf.value === null || leaf.path.includes('traffic')) return []
    const values = alternatives(leaf, leaves)
    return values.length === 0 ? [] : [{ leaf, values }]
  })
  return fc
    .record({ at: fc.nat({ max: 100_000 }), choice: fc.nat({ max: 100_000 }) })
    .map(({ at, choice }) => {
      const { leaf, values } = pick(editable, at)
      const after = pick(values, choice)
      return {
        file: leaf.file,
        path: leaf.path,
        before: leaf.value,
        after,
        spec: replaced(spec, leaf.file, leaf.path, after),
      }
    })
}

/** Other values that could stand here: a duration a little longer, another reference, another legal word. */
function alternatives(leaf: Leaf, leaves: readonly Leaf[]): readonly unknown[] {
  const key = leaf.path.findLast(step => typeof step === 'string')
  const near: unknown[] =
    typeof leaf.value === 'number'
      ? [leaf.value + 1, leaf.value + 1000]
      : typeof leaf.value === 'string'
        ? [leaf.value.replace(/^[0-9]+/, digits => String(Number(digits) + 1))]
        : []
  const alike = leaves
    .filter(other => other.path.findLast(step => typeof step === 'string') === key)
    .map(other => other.value)
  const values = new Set([...near, ...alike, ...legalValues(leaf.path)])
  values.delete(leaf.value)
  values.delete(null)
  return [...values].filter(value => isLegal(leaf.path, value))
}
