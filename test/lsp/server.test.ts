import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import {
  CancellationTokenSource,
  type CodeAction,
  CodeActionRequest,
  DefinitionRequest,
  type Diagnostic,
  type Hover,
  HoverRequest,
  type Location,
  LSPErrorCodes,
  type MarkupContent,
  PrepareRenameRequest,
  ReferencesRequest,
  RenameRequest,
  ResponseError,
  ShowMessageNotification,
} from 'vscode-languageserver-protocol/node'
import { type LanguageClient, startLanguageClient } from '../support/language-client.ts'
import { bundle, meshc } from '../support/meshc.ts'
import { unseen } from '../support/obeyed.ts'
import { project } from '../support/project.ts'
import { readMarkdown } from '../support/read-markdown.ts'

const test = suite('lsp: server')

const base = 'spec/base/mesh.yaml'
const prod = 'spec/prod/mesh.yaml'
const staging = 'spec/staging/mesh.yaml'
const team = 'spec/prod/teams/orders.yaml'

const files = {
  [base]: `meshc: v1
mesh: shop
gateways:
  public: { hosts: [shop.example.com], certificate: { issuer: letsencrypt } }
services:
  cart: # cart is called by web
    namespace: shop
    owner: cart
    port: { http: 8080 }
    timeout: 5s
    versions: { stable: { version: v1 }, canary: { version: v2 } }
    traffic: { stable: 90%, canary: 10% }
    routes:
      - { name: testers, when: { headers: { x-canary: "on" } }, traffic: { canary: 100% } }
    allow:
      - { because: "é 😀", from: web }
      - from: gateway/public
    expose:
      - { gateway: public, host: shop.example.com }
  web: { namespace: shop }
`,
  [prod]: `meshc: v1
extends: ../base/mesh.yaml
include: [teams/*.yaml]
services:
  cart: { timeout: 2s }
expect:
  - { only: [web, gateway/public], to: cart }
  - { from: "web", to: cart }
`,
  [staging]: `meshc: v1
extends: ../base/mesh.yaml
services:
  cart: { active: canary, traffic: null, mirror: { stable: 5% } }
external:
  bank: { hosts: [bank.example.com], port: { https: 443 }, allow: [{ from: cart }] }
`,
  [team]: `services:
  orders:
    namespace: shop
    port: { http: 8080 }
    allow: [{ from: 'cart' }, { from: namespace/shop }]
expect:
  - { only: [cart, namespace/shop], to: orders }
`,
  'spec/other/notes.yaml': 'this: is no spec\nservices: 7\n',
}

/** Runs a session over a project with these files. `use` may change the project. */
async function session(
  texts: Readonly<Record<string, string>>,
  use: (client: LanguageClient, root: string) => Promise<void>,
) {
  const root = project(texts)
  const { code } = await meshc(root, ['--version'])
  assert.is(code, 0)
  const client = await startLanguageClient([process.execPath, bundle, 'lsp', '--stdio'], root)
  await use(client, root)
  assert.is(await client.stop(), 0)
}

const at = (client: LanguageClient, file: string, text: string, offset = 0) => ({
  textDocument: { uri: client.uriOf(file) },
  position: client.positionOf(file, text, offset),
})

async function definitions(client: LanguageClient, file: string, text: string, offset = 0) {
  const result = await client.connection.sendRequest(DefinitionRequest.type, at(client, file, text, offset))
  // The server returns locations, not links.
  return ((result ?? []) as Location[]).map(client.shown)
}

async function getReferences(client: LanguageClient, file: string, text: string, offset = 0) {
  const params = { ...at(client, file, text, offset), context: { includeDeclaration: true } }
  return ((await client.connection.sendRequest(ReferencesRequest.type, params)) ?? []).map(client.shown)
}

async function hovered(client: LanguageClient, file: string, text: string, offset = 0) {
  const hover: Hover | null = await client.connection.sendRequest(
    HoverRequest.type,
    at(client, file, text, offset),
  )
  // The server returns markup, and not the older forms.
  return hover === null ? null : (hover.contents as MarkupContent).value
}

/** Returns the first line of the message of a diagnostic, without the remedy. */
const firstLine = (diagnostic: Diagnostic | undefined) => String(diagnostic?.message).split('\n')[0]!

test('a clean project has no diagnostics, and files outside of environments get none', () =>
  session(files, async client => {
    await client.open('spec/other/notes.yaml')
    await client.open(base)
    await client.until(base, diagnostics => diagnostics.length === 0)
    assert.equal(client.diagnosticsOf('spec/other/notes.yaml'), [])
    assert.equal(client.registered, ['workspace/didChangeWatchedFiles'])
    assert.is(await hovered(client, 'spec/other/notes.yaml', 'services'), null)
  }))

test('an error in a base appears once, with its environments, until it is fixed', () =>
  session(files, async client => {
    await client.open(base)
    await client.type(base, 'canary: 10%', 'canary: 20%')
    const [wrong, ...otherDiagnostics] = await client.until(base, diagnostics => diagnostics.length > 0)
    assert.equal(otherDiagnostics, [])
    assert.is(firstLine(wrong), 'the weights of `cart` add up to 110, not 100 (in `prod`)')
    assert.is(wrong?.severity, 1)
    assert.is(wrong?.source, 'meshc')
    const page = readFileSync(fileURLToPath(wrong?.codeDescription?.href ?? ''), 'utf8')
    assert.match(page, new RegExp(`^# ${wrong?.code}`))

    await client.type(base, 'canary: 20%', 'canary: 10%')
    await client.type(base, 'from: web', 'from: webb')
    const [both] = await client.until(base, ([first]) => firstLine(first).includes('webb'))
    assert.match(firstLine(both), '(in `prod` and `staging`)')
    // The position counts UTF-16 units: the emoji before it on the line has two units.
    assert.is(client.shown({ uri: client.uriOf(base), range: both!.range }), `${base}:16 webb`)
    assert.is(both?.range.start.character, '      - { because: "é 😀", from: '.length)
    await client.type(base, 'from: webb', 'from: web')
    await client.until(base, diagnostics => diagnostics.length === 0)
  }))

test('an error that an edit causes in another file appears there, with its cause', () =>
  session(files, async client => {
    await client.open(base)
    await client.type(base, '  web:', '  site:')
    const statedDiagnostics = await client.until(prod, diagnostics => diagnostics.length > 0)
    assert.equal(statedDiagnostics.map(firstLine), [
      'the mesh has no service `web`',
      'the mesh has no service `web`',
    ])
    await client.type(base, '  site:', '  web:')
    await client.until(prod, diagnostics => diagnostics.length === 0)

    await client.open(prod)
    await client.type(prod, 'only: [web, gateway/public]', 'only: [web]')
    const [diagnostic] = await client.until(prod, diagnostics => diagnostics.length > 0)
    assert.equal(
      diagnostic?.relatedInformation?.map(({ location }) => client.shown(location)),
      [`${base}:17 from: gateway/public`],
    )
  }))

test('closing a file withdraws the diagnostics of its environments', () =>
  session(files, async client => {
    await client.open(prod)
    await client.type(prod, 'to: cart', 'to: cartt')
    await client.until(prod, diagnostics => diagnostics.length === 1)
    await client.close(prod)
    await client.until(prod, diagnostics => diagnostics.length === 0)
  }))

test('the server sees changes on the disk', () =>
  session(files, async (client, root) => {
    await client.open(prod)
    await client.until(prod, diagnostics => diagnostics.length === 0)
    writeFileSync(
      join(root, base),
      files[base]!.replace('namespace: shop\n    owner', 'namespace: Shop\n    owner'),
    )
    await client.changedOnDisk(base)
    const [diagnostic] = await client.until(base, diagnostics => diagnostics.length > 0)
    assert.match(firstLine(diagnostic), 'Shop')
  }))

test('a definition is found from every place that names something', () =>
  session(files, async client => {
    for (const file of [base, prod, staging, team]) await client.open(file)
    const cart = [`${base}:6 cart`]
    assert.equal(await definitions(client, prod, 'cart: { timeout'), cart)
    assert.equal(await definitions(client, prod, 'to: cart', 4), cart)
    assert.equal(await definitions(client, team, "'cart'", 2), cart)
    assert.equal(await definitions(client, staging, '{ from: cart', 9), cart)
    assert.equal(await definitions(client, prod, '"web"', 1), [`${base}:20 web`])
    assert.equal(await definitions(client, base, 'from: web', 6), [`${base}:20 web`])
    const gateway = [`${base}:4 public`]
    assert.equal(await definitions(client, base, 'gateway: public', 10), gateway)
    assert.equal(await definitions(client, base, 'gateway/public', 10), gateway)
    assert.equal(await definitions(client, prod, 'gateway/public', 10), gateway)
    const canary = [`${base}:11 canary`]
    assert.equal(await definitions(client, base, 'canary: 10%', 2), canary)
    assert.equal(await definitions(client, base, 'canary: 100%', 2), canary)
    assert.equal(await definitions(client, staging, 'active: canary', 9), canary)
    assert.equal(await definitions(client, staging, 'stable: 5%', 2), [`${base}:11 stable`])
    assert.equal(await definitions(client, prod, 'to: cart }', 4), cart)
    assert.equal(await definitions(client, team, 'to: orders', 5), [`${team}:2 orders`])
    assert.equal(await definitions(client, team, 'namespace/shop', 11), [`${base}:7 shop`])
    // The comment, the owner and a header contain the same text, but no reference.
    assert.equal(await definitions(client, base, 'cart is called'), [])
    assert.equal(await definitions(client, base, 'owner: cart', 8), [])
    assert.equal(await definitions(client, base, 'x-canary', 3), [])
  }))

test('references are those of every file and every environment', () =>
  session(files, async client => {
    await client.open(prod)
    assert.equal(await getReferences(client, prod, 'to: cart', 4), [
      `${base}:6 cart`,
      `${prod}:5 cart`,
      `${prod}:7 cart`,
      `${prod}:8 cart`,
      `${team}:5 cart`,
      `${team}:7 cart`,
      `${staging}:4 cart`,
      `${staging}:6 cart`,
    ])
    await client.open(base)
    assert.equal(await getReferences(client, base, 'canary: 10%'), [
      `${base}:11 canary`,
      `${base}:12 canary`,
      `${base}:14 canary`,
      `${staging}:4 canary`,
    ])
  }))

test('a renaming edits every file, what is open as it is there, and nothing else in them', () =>
  session(files, async client => {
    await client.open(base)
    // The change is not saved.
    await client.type(base, 'timeout: 5s', 'timeout: 6s')
    const place = at(client, base, '  cart:', 3)
    assert.equal(await client.connection.sendRequest(PrepareRenameRequest.type, place), {
      range: { start: { line: 5, character: 2 }, end: { line: 5, character: 6 } },
      placeholder: 'cart',
    })
    const edit = await client.connection.sendRequest(RenameRequest.type, { ...place, newName: 'basket' })
    const renamed = client.applied(edit!)
    const isMentioned = (line: string) => !/owner: cart/.test(line)
    const expected = (text: string) =>
      text
        .split('\n')
        .map(line => (isMentioned(line) ? line.replace(/\bcart\b(?! is)/g, 'basket') : line))
        .join('\n')
    assert.equal(
      renamed,
      Object.fromEntries([base, prod, team, staging].map(file => [file, expected(client.textOf(file))])),
    )
    const versions = edit?.documentChanges?.map(
      change => 'textDocument' in change && change.textDocument.version,
    )
    assert.equal(versions, [2, null, null, null])
  }))

test('a renaming lists objects with that name in the cluster that meshc does not write', () =>
  session(files, async client => {
    const stated = new Promise<string>(resolve =>
      client.connection.onNotification(ShowMessageNotification.type, ({ message }) => resolve(message)),
    )
    await client.open(base)
    const place = at(client, base, '  cart:', 3)
    await client.connection.sendRequest(RenameRequest.type, { ...place, newName: 'basket' })
    assert.is(
      await stated,
      'in the cluster, rename as well: the Service `cart` to `basket`, the service account `cart` to `basket`, the label `app` of its pods from `cart` to `basket`; or say in the spec that it keeps its name',
    )
  }))

test('an impossible renaming is refused with a message', () =>
  session(files, async client => {
    await client.open(base)
    await client.open(team)
    const refused = async (file: string, text: string, offset: number, newName: string) => {
      const params = { ...at(client, file, text, offset), newName }
      try {
        await client.connection.sendRequest(RenameRequest.type, params)
      } catch (error) {
        return error instanceof Error ? error.message : error
      }
      return 'it is not refused'
    }
    assert.is(
      await refused(base, '  cart:', 3, 'The Cart'),
      'a service cannot be called so: `The Cart` is not a DNS label',
    )
    assert.is(await refused(base, '  cart:', 3, 'web'), '`prod` has a service `web` already')
    assert.is(await refused(base, 'canary: 10%', 3, 'stable'), '`prod` has a version `stable` already')
    assert.is(
      await refused(base, '  cart:', 3, 'anyone'),
      'with the name `anyone`, `anyone` is a reserved word: it cannot name a service',
    )
    assert.is(await refused(base, 'owner: cart', 8, 'x'), 'nothing that can be renamed is named here')
    await client.type(team, 'services:', 'services: [')
    assert.is(
      await refused(base, '  cart:', 3, 'basket'),
      '`spec/prod/teams/orders.yaml` cannot be read as it is, so what it names is not known: mend it first',
    )
  }))

test('hover tells the value that wins and the layers that lost, in each environment', () =>
  session(files, async client => {
    await client.open(base)
    assert.is(
      await hovered(client, base, 'timeout: 5s', 10),
      `\`\`\`text
services.cart.timeout: 2s
  in prod
  --> spec/prod/mesh.yaml:5:20
   |
 5 |   cart: { timeout: 2s }
   |                    ^^ \`services.cart.timeout\`
   |
  ::: spec/base/mesh.yaml:10:14
   |
10 |     timeout: 5s
   |              -- overridden: 5s
   |

services.cart.timeout: 5s
  in staging
  --> spec/base/mesh.yaml:10:14
   |
10 |     timeout: 5s
   |              ^^ \`services.cart.timeout\`
   |
\`\`\``,
    )
    assert.is(await hovered(client, base, '# cart is', 4), null)
  }))

test('hover shows the words of a spec as text: no link, nothing that cannot be seen', () =>
  session(files, async client => {
    await client.open(base)
    await client.type(base, 'timeout: 5s', 'timeout: "\\u202e\\e[2J```\\n[x](command:evil)"')
    const shown = (await hovered(client, base, 'command:evil')) ?? ''
    assert.match(shown, 'services.cart.timeout: ')
    assert.match(shown, 'command:evil')
    assert.not.match(shown, unseen)
    assert.equal([...readMarkdown(shown).kinds], ['root', 'code'])
  }))

test('the server offers a fix for an error, and the fix removes the error', () =>
  session(files, async client => {
    await client.open(base)
    await client.type(base, 'from: web', 'from: webb')
    const diagnostics = await client.until(base, diagnostics => diagnostics.length > 0)
    const actions = await client.connection.sendRequest(CodeActionRequest.type, {
      textDocument: { uri: client.uriOf(base) },
      range: diagnostics[0]!.range,
      context: { diagnostics: [...diagnostics] },
    })
    // The server returns actions, not commands.
    const [action, ...codeActions] = (actions ?? []) as CodeAction[]
    assert.equal(codeActions, [])
    assert.is(action?.title, 'write `web`')
    assert.equal(action?.diagnostics, [...diagnostics])
    assert.is(client.applied(action!.edit!)[base], files[base])
    await client.type(base, 'from: webb', 'from: web')
    await client.until(base, diagnostics => diagnostics.length === 0)
  }))

test('while a file is typed and is no YAML, the last that could be read answers', () =>
  session(files, async client => {
    await client.open(base)
    await client.open(prod)
    await client.until(base, diagnostics => diagnostics.length === 0)
    await client.type(base, '    owner: cart', '    owner: cart\n    labels: {')
    const [broken] = await client.until(base, diagnostics => diagnostics.length > 0)
    assert.match(String(broken?.code), /^MESH/)
    // Three lines were two lines before, so the lines below have moved.
    assert.equal(await definitions(client, base, 'from: web', 6), [`${base}:21 web`])
    assert.equal(await definitions(client, prod, 'to: cart', 4), [`${base}:6 cart`])
    assert.match((await hovered(client, prod, 'timeout: 2s', 10)) ?? '', 'services.cart.timeout: 2s')
    await client.type(base, '\n    labels: {', '')
    await client.until(base, diagnostics => diagnostics.length === 0)
  }))

test('while a file is typed and is no YAML, what is wrong elsewhere stays', () =>
  session(files, async client => {
    await client.open(base)
    await client.open(prod)
    await client.type(prod, 'timeout: 2s', 'timeout: 2')
    await client.until(prod, diagnostics => diagnostics.length === 1)
    await client.type(base, '    owner: cart', '    owner: cart\n    labels: {')
    await client.until(base, diagnostics => diagnostics.length > 0)
    const length = client.diagnosticsOf(prod).length
    await client.type(prod, 'timeout: 2', 'timeout: 22')
    const [wrong, ...otherDiagnostics] = await client.until(
      prod,
      () => client.diagnosticsOf(prod).length > length,
    )
    assert.equal(otherDiagnostics, [])
    assert.is(wrong?.code, 'MESH1016')
    await client.type(base, '\n    labels: {', '')
    await client.until(base, diagnostics => diagnostics.length === 0)
  }))

test('the server survives any typing, letter by letter, and its last diagnostics are right', () =>
  session(files, async client => {
    await client.open(base, '')
    const text = files[base]!
    for (let length = 0; length < text.length; length += 7)
      await client.type(base, client.textOf(base), text.slice(0, length))
    await client.type(base, client.textOf(base), text)
    await client.until(base, diagnostics => diagnostics.length === 0)
    // The server did not begin outdated work.
    assert.ok(
      client.diagnosticsOf(base).length < text.length / 7 / 2,
      `${client.diagnosticsOf(base).length} messages`,
    )
  }))

test('the server does not answer cancelled requests', () =>
  session(files, async client => {
    await client.open(base)
    const cancelling = new CancellationTokenSource()
    const asked = client.connection.sendRequest(
      DefinitionRequest.type,
      at(client, base, 'from: web', 6),
      cancelling.token,
    )
    cancelling.cancel()
    const error: unknown = await asked.catch(error => error)
    assert.is(error instanceof ResponseError && error.code, LSPErrorCodes.RequestCancelled)
    assert.equal(await definitions(client, base, 'from: web', 6), [`${base}:20 web`])
  }))

test('a server whose editor is gone ends', async () => {
  const root = project(files)
  await meshc(root, ['--version'])
  const client = await startLanguageClient([process.execPath, bundle, 'lsp'], root)
  await client.open(base)
  await client.until(base, () => true)
  assert.is(await client.abandon(), 1)
})

test.run()
