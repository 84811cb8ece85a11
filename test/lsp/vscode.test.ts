import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { locateServer } from '../../bin/vscode/server-path.ts'

const test = suite('lsp: vscode')

const workspaceServer = '/work/node_modules/@team/meshc/dist/meshc.cjs'
const bundled = '/extension/meshc/dist/meshc.cjs'
const served = (setting: string, isTrusted: boolean, ...files: readonly string[]) =>
  locateServer({
    setting,
    isTrusted,
    workspaceFolders: ['/notes', '/work'],
    extensionFolder: '/extension',
    packageName: '@team/meshc',
    exists: path => files.includes(path),
  })

test('the meshc of the workspace serves, where there is one', () => {
  assert.is(served('', true, workspaceServer), workspaceServer)
  assert.is(served('', true), bundled)
  assert.is(served('', true, '/work/node_modules/meshc/dist/meshc.cjs'), bundled)
})

test('the one that is set comes first', () => {
  assert.is(served('/opt/meshc.cjs', true, workspaceServer, '/opt/meshc.cjs'), '/opt/meshc.cjs')
  assert.is(
    served('tools/meshc.cjs', true, workspaceServer, '/work/tools/meshc.cjs'),
    '/work/tools/meshc.cjs',
  )
})

test('where the workspace is not trusted, nothing of it runs', () => {
  assert.is(served('', false, workspaceServer), bundled)
  assert.is(served('tools/meshc.cjs', false, workspaceServer, '/work/tools/meshc.cjs'), bundled)
})

test.run()
