import { cpSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { HoverRequest } from 'vscode-languageserver-protocol/node'
import { startLanguageClient } from '../support/language-client.ts'
import { meshc } from '../support/meshc.ts'
import { project } from '../support/project.ts'

/** A meshc with a defect: the message of the defect, and an editor that keeps its server. */
const test = suite('bin/defects')

const root = join(import.meta.dirname, '../..')
const spec = `meshc: v1
mesh: shop
services:
  cart: { namespace: shop, port: { http: 80 }, allow: [{ from: web }] }
  web: { namespace: shop }
`

/** Makes a copy of the bundle in which one library throws an error on its first use. */
async function brokenBundle(library: string): Promise<string> {
  // The first run builds the bundle again if it is stale.
  await meshc(root, ['--version'])
  const folder = project({})
  for (const part of ['dist', 'package.json', 'schema/generated', 'docs/diagnostics'])
    cpSync(join(root, part), join(folder, part), { recursive: true })
  writeFileSync(join(folder, 'dist', library), 'throw new RangeError("Maximum call stack size exceeded")\n')
  return join(folder, 'dist/meshc.cjs')
}

test('every thrown value is a defect with a page to report it', async () => {
  const { bugs } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  const broken = await brokenBundle('behavior.cjs')
  const folder = project({ 'spec/prod/mesh.yaml': spec })
  const plain = await meshc(folder, ['lint'], { bundle: broken })
  assert.is(plain.code, 2)
  assert.is(plain.stdout, '')
  assert.is(
    plain.stderr,
    [
      'error: meshc has a defect: Maximum call stack size exceeded',
      `  = help: report it at ${bugs.url} with the spec or manifests, and with what \`MESHC_TRACE=1\` adds`,
      '',
    ].join('\n'),
  )
  const traced = await meshc(folder, ['lint'], { bundle: broken, environment: { MESHC_TRACE: '1' } })
  assert.match(traced.stderr, /^\s+at /m)
  const json = await meshc(folder, ['lint', '--json'], { bundle: broken })
  assert.match(JSON.parse(json.stdout).failure.help, bugs.url)
})

test('a thrown error does not end the language server', async () => {
  const broken = await brokenBundle('expectations.cjs')
  const folder = project({
    'spec/prod/mesh.yaml': spec,
    'spec/asking/mesh.yaml': `${spec}expect:\n  - { from: web, to: cart }\n`,
  })
  const client = await startLanguageClient([process.execPath, broken, 'lsp'], folder)
  try {
    await client.open('spec/asking/mesh.yaml')
    await client.open('spec/prod/mesh.yaml', spec.replace('http: 80', 'htp: 80'))
    await client.until('spec/prod/mesh.yaml', diagnostics => diagnostics.length === 1)
    const elsewhere = {
      textDocument: { uri: 'file://host/spec/prod/mesh.yaml' },
      position: { line: 0, character: 0 },
    }
    assert.is(await client.connection.sendRequest(HoverRequest.type, elsewhere), null)
    await client.type('spec/prod/mesh.yaml', 'htp: 80', 'http: 80')
    await client.until('spec/prod/mesh.yaml', diagnostics => diagnostics.length === 0)
    assert.is(await client.stop(), 0)
  } catch (error) {
    await client.abandon()
    throw error
  }
})

test.run()
