import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { unwrapTree } from '../../compiler/emit/plain-tree.ts'
import { decided } from '../../compiler/mesh/sourced.ts'

const test = suite('plain trees')

test('a key is a key, whatever its name', () => {
  const tree: unknown = JSON.parse('{ "labels": { "__proto__": { "team": "cart" }, "constructor": "b" } }')
  const plain = unwrapTree(decided('policy:chart', tree))
  assert.is(JSON.stringify(plain), JSON.stringify(tree))
  assert.is(Object.getPrototypeOf((plain as { readonly labels: object }).labels), Object.prototype)
})

test.run()
