import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type Hover, HoverRequest } from 'vscode-languageserver-protocol/node'
import { startLanguageClient } from '../support/language-client.ts'
import { project } from '../support/project.ts'
import { runOrThrow } from './command.ts'
import { oracle, requireOracle, withDirectory } from './tools.ts'

const vscode = suite('vscode')
const root = join(import.meta.dirname, '../..')

const testVsce = await requireOracle(vscode, 'vsce')

testVsce('the extension is packaged, and the server in it answers an editor', () =>
  withDirectory(async directory => {
    const { vsce } = await oracle()
    await runOrThrow(process.execPath, ['bin/build/bundle.mjs'], { cwd: root })
    await runOrThrow(process.execPath, ['bin/vscode/package.mjs', '--stage'], { cwd: root })
    const file = join(directory, 'meshc.vsix')
    const words = ['package', '--no-dependencies', '--allow-missing-repository', '--out', file]
    const { status, stdout, stderr } = await vsce(words, { cwd: join(root, 'dist/vscode') })
    assert.is(status, 0, stdout + stderr)
    assert.not.match(stdout + stderr, 'WARNING')

    await runOrThrow('python3', ['-m', 'zipfile', '-e', file, directory])
    const extension = join(directory, 'extension')
    assert.equal(
      readdirSync(extension).sort(),
      [
        'LICENSE.txt',
        'LICENSES.txt',
        'extension.cjs',
        'icon.png',
        'meshc',
        'package.json',
        'readme.md',
      ].sort(),
    )
    const manifest = JSON.parse(readFileSync(join(extension, 'package.json'), 'utf8'))
    const ownPackage = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
    assert.is(manifest.version, ownPackage.version)
    const [{ url }] = manifest.contributes.yamlValidation
    assert.is(
      readFileSync(join(extension, url), 'utf8'),
      readFileSync(join(root, 'schema/mesh.schema.json'), 'utf8'),
    )

    const spec = 'spec/prod/mesh.yaml'
    const folder = project({
      [spec]: 'meshc: v1\nmesh: shop\nservices:\n  cart: { namespace: shop, port: { htpp: 80 } }\n',
    })
    const server = join(extension, 'meshc/dist/meshc.cjs')
    const client = await startLanguageClient([process.execPath, server, 'lsp', '--stdio'], folder)
    assert.equal(client.initialized.serverInfo, { name: 'meshc', version: ownPackage.version })
    await client.open(spec)
    const [wrong] = await client.until(spec, diagnostics => diagnostics.length > 0)
    assert.match(String(wrong?.message), 'htpp')
    const page = new URL(wrong?.codeDescription?.href ?? '')
    assert.match(readFileSync(page, 'utf8'), `# ${wrong?.code}`)
    const hover: Hover | null = await client.connection.sendRequest(HoverRequest.type, {
      textDocument: { uri: client.uriOf(spec) },
      position: client.positionOf(spec, 'namespace'),
    })
    assert.match(JSON.stringify(hover), 'services.cart.namespace: shop')
    assert.is(await client.stop(), 0)
  }),
)

vscode('npm run vscode uses the packager that this test uses', () => {
  const { dependencies } = JSON.parse(
    readFileSync(join(root, 'test/oracle/vscode-packer/package.json'), 'utf8'),
  )
  const script = readFileSync(join(root, 'bin/vscode/package.mjs'), 'utf8')
  assert.match(script, `'@vscode/vsce@${dependencies['@vscode/vsce']}'`)
})

vscode.run()
