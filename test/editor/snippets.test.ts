import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { readList, readRecord } from '../../schema/json-schema.ts'
import schema from '../../schema/mesh.schema.json' with { type: 'json' }
import { compileText } from '../support/compile-text.ts'
import { project } from '../support/project.ts'
import { expandSnippet, indented } from './expand-snippet.ts'
import { type LanguageServer, startLanguageServer } from './language-server.ts'
import { listPlaces, textUpTo } from './place.ts'
import { Session } from './session.ts'
import { modeline, schemaFile, specFile } from './workspace.ts'

const test = suite<{ server: LanguageServer }>('editor: snippets')

test.before(async context => {
  context.server = await startLanguageServer(project({ [schemaFile]: JSON.stringify(schema) }))
})
test.after(({ server }) => server.stop())

/** Every snippet that inserts more than a word, with its place. */
const snippets = listPlaces(schema).flatMap(({ path, schema }) =>
  [schema, ...readList(schema['allOf']).map(readRecord)]
    .flatMap(part => readList(part['defaultSnippets']))
    .map(readRecord)
    .filter(({ body }) => typeof body === 'object')
    .map(({ label, description }, _, { length }) => ({
      path,
      label: String(label),
      description,
      // In this case, the key of the map inserts the snippet.
      isOnly: length === 1 && !('properties' in schema || 'allOf' in schema),
    })),
)

test('every snippet can be taken where its map begins, as the value of its key, and with the key, and leaves no red line', async ({
  server,
}) => {
  for (const { path, label, description, isOnly } of snippets) {
    const where = `${path.join('.')}: ${label}`
    const below = new Session(server, specFile, modeline + textUpTo(path))
    const item = (await below.offered()).find(item => item.label === label)
    assert.is(item?.documentation, description, where)
    await below.accept(label)
    assert.equal(await mistakesIn(server, below.text), [], below.text)
    const key = path.at(-1)
    // After a dash, the server does not count the dash as indentation.
    if (key === undefined || key === '*' || key === '[]' || path.at(-2) === '[]') continue
    const withKey = new Session(server, specFile, modeline + textUpTo(path.slice(0, -1)))
    await withKey.accept(key)
    if (isOnly) assert.equal(await mistakesIn(server, withKey.text), [], withKey.text)
    const beside = new Session(server, specFile, `${modeline}${textUpTo(path).trimEnd()} `)
    await beside.accept(label)
    assert.is(beside.text.replaceAll(/ +\n/g, '\n'), below.text, where)
    if (isOnly) assert.is(withKey.text, below.text, where)
  }
  assert.ok(snippets.length > 30)
})

/** Lists the diagnostics of a text, except those of text that must still be written around a snippet. */
const mistakesIn = async (server: LanguageServer, text: string) =>
  (await server.check(specFile, `${text}\n`))
    .map(({ message }) => message)
    .filter(message => !message.startsWith('Missing property'))

/** A mesh with the names that snippets refer to. */
const mesh = `${modeline}meshc: v1\nmesh: shop\nenvironment: prod\n`
const web = 'services:\n  web:\n    namespace: shop\n    port: { http: 3000 }\n'
const exposed = `${web}    expose: [{ gateway: public, host: app.example.com }]\n    allow: [{ from: gateway/public }]\n`
const api = `${web}  api:\n    namespace: shop\n    port: { http: 8080 }\n`

const owned = `services:\n  web: { namespace: shop, owner: team-web }\n`

/** The text in front of each snippet, and the words that a user types at its tab stops. */
const uses: Readonly<Record<string, readonly [before: string, ...typed: readonly (string | undefined)[]]>> = {
  'a mesh in one file': [modeline],
  'an environment over a base': [modeline],
  service: [`${mesh}${web}  `],
  canary: [`${mesh}${api}    `],
  'A/B route': [`${mesh}${api}    `],
  'blue-green pair': [`${mesh}${api}    `],
  'external API': [`${mesh}${api}external:\n  `],
  gateway: [`${mesh}${exposed}gateways:\n  `],
  'policy about services': [`${mesh}${owned}policies:\n  `],
  'policy about callers': [`${mesh}${owned}policies:\n  `],
}

for (const [label, [before, ...typed]] of Object.entries(uses)) {
  test(`a spec with the snippet \`${label}\`, as it is proposed, compiles`, async ({ server }) => {
    const session = new Session(server, specFile, before)
    await session.accept(label, ...typed)
    const base = 'meshc: v1\nmesh: shop\n'
    const { ok, diagnostics } = compileText(
      { [specFile]: session.text, 'spec/base/mesh.yaml': base },
      specFile,
    )
    assert.equal(
      diagnostics.map(({ code, message }) => `${code} ${message}`),
      [],
      session.text,
    )
    assert.ok(ok)
  })
}

test('the name of the other version of a blue-green pair is a choice', async ({ server }) => {
  const session = new Session(server, specFile, `${mesh}${api}    `)
  await session.accept('blue-green pair', 'v7', 'v8', 'green')
  assert.match(session.text, '      blue: { version: v7 }\n      green: { version: v8 }\n    active: green')
})

test('every snippet that the language has by name is among them', () => {
  const snippetPlaces = listPlaces(schema)
    .filter(({ path }) =>
      ['', 'gateways', 'services', 'services.*', 'external', 'policies'].includes(path.join('.')),
    )
    .flatMap(({ schema }) => readList(schema['defaultSnippets']).map(snippet => readRecord(snippet)['label']))
  assert.equal(snippetPlaces.sort(), Object.keys(uses).sort())
})

test('tab stops are read as the protocol writes them', () => {
  assert.is(expandSnippet('${1:shop}: $2\\$ ${3|blue,green|}${4}'), 'shop: $ blue')
  assert.is(
    expandSnippet('${1:a\\}b}', ({ proposal }) => `<${proposal}>`),
    '<a}b>',
  )
  assert.is(
    expandSnippet('${1:a} ${2}', ({ number }) => `n${number}`),
    'n1 n2',
  )
  assert.is(indented('a:\n  b', '    x'), 'a:\n      b')
})

test.run()
