import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { translateFromIstio, wordsOfIstio } from '../../compiler/source/words-of-istio.ts'
import schema from '../../schema/generated/mesh-shape.json' with { type: 'json' }

const test = suite('source: words of Istio')

/** The field names of each map in the language. */
function fieldsOfMaps(part: unknown): readonly (readonly string[])[] {
  if (typeof part !== 'object' || part === null) return []
  const properties = 'properties' in part ? [Object.keys(part.properties as object)] : []
  return [...properties, ...Object.values(part).flatMap(fieldsOfMaps)]
}
const maps = fieldsOfMaps(schema)

for (const [word, here] of Object.entries(wordsOfIstio)) {
  test(`${word} is ${here.join(' or ')}`, () => {
    for (const field of here) {
      const fields = maps.find(fields => fields.includes(field) && !fields.includes(word))
      assert.ok(fields, `${field} is a field beside which ${word} is none`)
      assert.match(translateFromIstio(word, [field]) ?? '', `\`${field}\` here`)
    }
  })
}

test('a field that is compared word by word is no map', () => {
  assert.match(translateFromIstio('exact', ['regex']) ?? '', 'the value itself')
  assert.match(translateFromIstio('prefix', ['regex']) ?? '', 'any end')
  assert.is(translateFromIstio('exact', ['from']), undefined)
})

test('other words and other places get no hint', () => {
  assert.is(translateFromIstio('timeuot', ['timeout']), undefined)
  assert.is(translateFromIstio('subsets', ['hosts']), undefined)
  assert.is(translateFromIstio('constructor', ['hosts']), undefined)
})

test.run()
