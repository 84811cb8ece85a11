import fc from 'fast-check'
import type { SpecPath } from '../../compiler/diagnostics/diagnostic.ts'
import { isMap } from '../../compiler/source/document.ts'
import { type Branch, getNodes, type Leaf, legalValues, missingFields, replaced } from './leaves.ts'
import type { Spec } from './mesh.ts'
import { pick } from './names.ts'

/** One edit of a spec, right or wrong, as a person or a tool might make it. */
interface Mutation {
  readonly spec: Spec
  /** The mutation and its place. */
  readonly description: string
}

const operations = [
  'another legal value',
  'a value of another leaf',
  'a strange value',
  'no value',
  'nothing in it',
  'another key',
  'a new field',
  'an entry twice',
  'entries swapped',
  'null',
] as const

/** Draws single edits of this spec. */
export function mutations(spec: Spec): fc.Arbitrary<Mutation> {
  const { leaves, branches } = getNodes(spec)
  return fc
    .record({
      operation: fc.constantFrom(...operations),
      at: fc.nat({ max: 100_000 }),
      choice: fc.nat({ max: 100_000 }),
    })
    .map(({ operation, at, choice }) => mutate(spec, leaves, branches, operation, at, choice))
}

function mutate(
  spec: Spec,
  leaves: readonly Leaf[],
  branches: readonly Branch[],
  operation: (typeof operations)[number],
  at: number,
  choice: number,
): Mutation {
  const leaf = pick(leaves, at)
  const branch = pick(branches, at)
  const change = (node: Leaf | Branch, value: unknown, path: SpecPath = node.path): Mutation => ({
    spec: replaced(spec, node.file, path, value),
    description: `${operation} at ${node.file} ${path.join('.')}: ${JSON.stringify(value)}`,
  })
  const lists = branches.filter(({ value }) => Array.isArray(value) && value.length > 0)
  switch (operation) {
    case 'another legal value': {
      const values = legalValues(leaf.path).filter(value => value !== leaf.value)
      return values.length > 0 ? change(leaf, pick(values, choice)) : change(leaf, pick(strange, choice))
    }
    case 'a value of another leaf': {
      const key = leaf.path.findLast(step => typeof step === 'string')
      const alike = leaves.filter(
        sameLeaf => sameLeaf.path.findLast(step => typeof step === 'string') === key,
      )
      return change(leaf, pick(alike, choice).value)
    }
    case 'a strange value':
      return change(leaf, pick(strange, choice))
    case 'no value':
      return change(choice % 2 === 0 ? leaf : branch, undefined)
    case 'nothing in it':
      return change(branch, Array.isArray(branch.value) ? [] : {})
    case 'null':
      return change(choice % 2 === 0 ? leaf : branch, null)
    case 'another key': {
      const keyed = branches.filter(({ value }) => isMap(value) && Object.keys(value).length > 0)
      const { file, path, value } = pick(keyed, at)
      const keys = Object.keys(value)
      const key = pick(keys, choice)
      const names = keyed.flatMap(otherLeaf => Object.keys(otherLeaf.value))
      const newKey = pick([...names, ...strangeKeys, `${key}s`, key.slice(1)], choice >> 3)
      const renamed = Object.entries(value).map(([name, entry]) => [name === key ? newKey : name, entry])
      return change({ file, path, value }, Object.fromEntries(renamed))
    }
    case 'a new field': {
      const fields = missingFields(branch)
      if (fields.length === 0) return change(leaf, pick(strange, choice))
      const [name, example] = pick(fields, choice)
      return change(branch, example, [...branch.path, name])
    }
    case 'an entry twice': {
      if (lists.length === 0) return change(leaf, pick(strange, choice))
      const list = pick(lists, at)
      const entries = [...Object.values(list.value)]
      return change(list, [...entries, pick(entries, choice)])
    }
    case 'entries swapped': {
      if (lists.length === 0) return change(leaf, pick(strange, choice))
      const list = pick(lists, at)
      return change(list, Object.values(list.value).toReversed())
    }
  }
}

const strange: readonly unknown[] = [
  0,
  -1,
  1.5,
  65_536,
  1e21,
  '',
  ' ',
  'true',
  true,
  false,
  '0',
  '*',
  '**',
  '*.*',
  '../..',
  '${HOME}',
  '{{ x }}',
  '30',
  '30 s',
  '1d',
  '-5s',
  '0s',
  '101%',
  '1e3',
  'é',
  '日本',
  '\u0000',
  '\u2028',
  '😀',
  'a\nb',
  '<<',
  '__proto__',
  [],
  {},
  [null],
  { a: 1 },
  'x'.repeat(5000),
]
const strangeKeys = [
  '',
  ' ',
  '__proto__',
  'constructor',
  'toString',
  '<<',
  '0',
  '-',
  'Cart',
  'cart.shop',
  'x'.repeat(300),
]
