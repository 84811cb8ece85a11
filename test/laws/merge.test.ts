import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { Document, isMap as isMapNode, isScalar, parse, visit } from 'yaml'
import { mergeTrees } from '../../compiler/import/merge-trees.ts'
import { rewriteText } from '../../compiler/import/rewrite-text.ts'
import { isMap, type SpecMap } from '../../compiler/source/document.ts'
import { isEqual } from '../../compiler/source/is-equal.ts'
import { holds } from '../holds.ts'

const laws = suite('laws: merge')

const key = fc.constantFrom('services', 'cart', 'web', 'timeout', 'allow')
const scalar = fc.constantFrom<unknown>('3s', '5s', 80, true, 'on', 'a: b', '# no comment')
const entry = fc.oneof(
  scalar,
  fc.record({ from: fc.constantFrom('web', 'batch'), methods: fc.constant('GET') }),
)

/** Small trees that share most of their keys. */
const { tree } = fc.letrec<{ value: unknown; tree: SpecMap }>(tie => ({
  value: fc.oneof(
    { maxDepth: 4 },
    scalar,
    fc.uniqueArray(entry, { maxLength: 3, comparator: isEqual }),
    tie('tree'),
  ),
  tree: fc.dictionary(key, tie('value'), { maxKeys: 4 }),
}))

const triples = fc.tuple(tree, tree, tree)

laws('a value that only one side changes has the value of that side', () => {
  holds(
    fc.property(tree, tree, (before, changed) => {
      for (const [after, spec] of [
        [changed, before],
        [before, changed],
        [changed, changed],
      ] as const) {
        const merged = mergeTrees(before, after, spec)
        assert.equal(merged.conflicts, [])
        assert.ok(isEqual(merged.spec, changed))
      }
    }),
  )
})

laws('a merge of what is merged changes nothing', () => {
  holds(
    fc.property(triples, ([before, after, spec]) => {
      const first = mergeTrees(before, after, spec)
      assert.ok(isEqual(mergeTrees(after, after, first.spec).spec, first.spec))
      if (first.conflicts.length === 0)
        assert.ok(isEqual(mergeTrees(before, after, first.spec).spec, first.spec))
    }),
  )
})

laws('a rewritten text has the new values, and keeps the comments of unchanged values', () => {
  holds(
    fc.property(tree, tree, fc.constantFrom(2, 4), fc.boolean(), (before, after, indent, isPadded) => {
      const document = new Document(before)
      const comments = new Set<string>()
      visit(document, {
        Scalar(part, node) {
          if (part === 'key') return
          node.comment = ` comment ${comments.size} `
          comments.add(`comment ${comments.size}`)
        },
      })
      const text = document.toString({ indent, flowCollectionPadding: isPadded })
      assert.is(rewriteText(text, before, new Map()), text)
      const rewritten = rewriteText(text, after, new Map())
      assert.ok(rewritten !== undefined, text)
      assert.ok(isEqual(parse(rewritten), after))
      for (const comment of listStaying(document.contents, before, after))
        assert.match(rewritten, comment, text)
    }),
  )
})

/** Lists the comments of the scalars that both trees have at the same path of maps. */
function listStaying(node: unknown, before: unknown, after: unknown): readonly string[] {
  if (isScalar(node)) return isEqual(before, after) && node.comment ? [node.comment.trim()] : []
  if (!isMapNode(node) || !isMap(before) || !isMap(after)) return []
  return node.items.flatMap(({ key, value }) => {
    const name = String(isScalar(key) ? key.value : key)
    return Object.hasOwn(after, name) ? listStaying(value, before[name], after[name]) : []
  })
}

laws.run()
