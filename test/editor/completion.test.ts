import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { parse } from 'yaml'
import { printFlowYaml } from '../../bin/build/derive/flow-yaml.ts'
import { type JsonSchema, readList, readRecord } from '../../schema/json-schema.ts'
import schema from '../../schema/mesh.schema.json' with { type: 'json' }
import { at } from '../support/at.ts'
import { project } from '../support/project.ts'
import { getEnd, type LanguageServer, startLanguageServer } from './language-server.ts'
import { fieldAt, listFields, listPlaces, listWords, textUpTo } from './place.ts'
import { Session } from './session.ts'
import { modeline, schemaFile, specFile } from './workspace.ts'

const test = suite<{ server: LanguageServer }>('editor: completion and hover')

test.before(async context => {
  context.server = await startLanguageServer(project({ [schemaFile]: JSON.stringify(schema) }))
})
test.after(({ server }) => server.stop())

const places = listPlaces(schema)

test('every field is offered in its place, with its colon and its words', async ({ server }) => {
  let count = 0
  for (const place of places.filter(place => listFields(place).length > 0)) {
    const text = modeline + textUpTo(place.path)
    await server.write(specFile, text)
    const items = await server.complete(specFile, getEnd(text))
    for (const field of listFields(place)) {
      const where = [...place.path, field].join('.')
      const item = items.find(({ label }) => label === field)
      assert.ok(item, `${where} is not offered`)
      assert.match(item.insertText, new RegExp(`^(${field}|"${field}"):`), where)
      assert.is(item.documentation, fieldAt(place.schema, field)['markdownDescription'], where)
      count++
    }
  }
  assert.ok(count > 300)
})

test('every field that is taken stands where it was offered, and is YAML', async ({ server }) => {
  for (const place of places.filter(place => listFields(place).length > 0)) {
    for (const field of listFields(place)) {
      const session = new Session(server, specFile, modeline + textUpTo(place.path))
      await session.accept(field)
      const path = place.path.map(step => (step === '*' ? 'cart' : step === '[]' ? 0 : step))
      assert.equal(Object.keys(readRecord(at(parse(session.text), ...path))), [field], session.text)
    }
  }
})

test('every value that has a name is offered in its place, with what it means', async ({ server }) => {
  let count = 0
  for (const place of places.filter(place => listWords(place).length > 0)) {
    const text = `${modeline}${textUpTo(place.path).trimEnd()} `
    await server.write(specFile, text)
    const items = await server.complete(specFile, getEnd(text))
    for (const [word, meaning] of listWords(place)) {
      const where = `${place.path.join('.')}: ${word}`
      const item = items.find(({ label }) => label.replaceAll('"', '') === word)
      assert.ok(item, `${where} is not offered`)
      assert.is(item.insertText.replaceAll('"', ''), word, where)
      assert.is(item.documentation, meaning, where)
      count++
    }
  }
  assert.ok(count > 150)
})

test('every field has a description in its hover', async ({ server }) => {
  let count = 0
  for (const place of places.filter(place => listFields(place).length > 0)) {
    for (const field of listFields(place)) {
      const where = [...place.path, field].join('.')
      const before = modeline + textUpTo(place.path)
      const schema = fieldAt(place.schema, field)
      await server.write(specFile, `${before}${field}: ${getExample(schema)}\n`)
      assert.match(await server.hover(specFile, getEnd(before)), String(schema['markdownDescription']), where)
      count++
    }
  }
  assert.ok(count > 300)
})

test('settings that pass through are offered at any depth, but for those that a field sets', async ({
  server,
}) => {
  const listOffered = async (text: string) => {
    await server.write(specFile, modeline + text)
    return (await server.complete(specFile, getEnd(modeline + text))).map(({ label }) => label)
  }
  const config = await listOffered('istio:\n  meshConfig:\n    defaultConfig:\n      ')
  assert.ok(config.includes('proxyMetadata') && config.includes('statNameLength'))
  assert.not.ok(config.includes('terminationDrainDuration'))
  const toleration = 'gateways:\n  public:\n    values:\n      tolerations:\n        - '
  assert.equal((await listOffered(toleration)).toSorted(), [
    'effect',
    'key',
    'operator',
    'tolerationSeconds',
    'value',
  ])
  assert.ok((await listOffered('istio:\n  meshConfig:\n    enablePrometheusMerge: ')).includes('true'))
  const affinity = 'gateways:\n  public:\n    values:\n      affinity:\n        nodeAffinity'
  await server.write(specFile, `${modeline}${affinity}: {}\n`)
  assert.match(await server.hover(specFile, getEnd(modeline + affinity)), 'A field of Affinity: a map')
})

test.run()

/** Returns a valid value of a field, on one line. */
function getExample({ enum: words, examples, type }: JsonSchema): string {
  const [value] = [...readList(words), ...readList(examples)]
  return value === undefined ? ([type].flat()[0] === 'array' ? '[]' : '{}') : printFlowYaml(value)
}
