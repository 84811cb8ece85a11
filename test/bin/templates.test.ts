import { rmSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { listDiagnostics } from '../../bin/lsp/diagnostics.ts'
import { makeSnapshot } from '../../bin/lsp/snapshot.ts'
import { getView } from '../../bin/lsp/view.ts'
import { usualLimits } from '../../compiler/behavior/budget.ts'
import { getWorkspace } from '../support/compile-text.ts'
import { meshc } from '../support/meshc.ts'
import { getContent, project, write } from '../support/project.ts'
import { commit, git } from '../support/repository.ts'

/** Each command that reads a spec also reads its templates. */
const test = suite('bin/templates')

const spec = `meshc: v1
mesh: shop
delivery:
  outputs: []
  documents:
    ON-CALL.md: templates/on-call.liquid
services:
  cart:
    namespace: shop
    owner: team-cart
`
const template = 'templates/on-call.liquid'

const makeProject = () =>
  project({
    'spec/prod/mesh.yaml': spec,
    [template]: '{% for s in mesh.services %}{{ s.key }}: {{ s.owner }}\n{% endfor %}',
  })

test('a build writes the document, and a check finds the template that changed', async () => {
  const folder = makeProject()
  assert.is((await meshc(folder, ['build', '--verify'])).code, 0)
  assert.is(getContent(folder)['out/prod/docs/ON-CALL.md'], 'cart: team-cart\n')
  assert.is((await meshc(folder, ['build', '--check'])).code, 0)
  write(folder, { [template]: 'nobody' })
  const { code, stdout, stderr } = await meshc(folder, ['build', '--check'])
  assert.is(code, 1)
  assert.match(`${stdout}${stderr}`, template)
  assert.match(`${stdout}${stderr}`, 'ON-CALL.md')
})

test('a diagnostic names the line and column of the template', async () => {
  const folder = makeProject()
  write(folder, { [template]: '# On-call\n\n{{ mesh.nam }}\n' })
  const { code, stderr } = await meshc(folder, ['validate'])
  assert.is(code, 1)
  assert.match(stderr, 'templates/on-call.liquid:3:9')
  assert.match(stderr, 'did you mean `name`?')
})

test('why names the template of a line and its subject', async () => {
  const folder = makeProject()
  assert.is((await meshc(folder, ['build'])).code, 0)
  const { code, stdout } = await meshc(folder, ['why', 'out/prod/docs/ON-CALL.md:1'])
  assert.is(code, 0)
  assert.match(stdout, 'is what the template `templates/on-call.liquid` makes')
  const whole = await meshc(folder, ['why', 'out/prod/docs/ON-CALL.md'])
  assert.match(whole.stdout, 'spec/prod/mesh.yaml:6')
})

test('a comparison reads the template of the revision', async () => {
  const folder = makeProject()
  git(folder, 'init', '--quiet', '--initial-branch', 'main')
  commit(folder)
  write(folder, {
    'spec/prod/mesh.yaml': spec.replace('ON-CALL.md: templates/on-call', 'TEAMS.md: templates/teams'),
    'templates/teams.liquid': '{{ mesh.name }}',
  })
  rmSync(join(folder, template))
  const { code, stdout, stderr } = await meshc(folder, ['diff', '--base', 'main'])
  assert.is(code, 0, stdout + stderr)
})

test('a link out of the project is not read', async () => {
  const folder = makeProject()
  const outside = project({ 'secret.liquid': 'secret' })
  rmSync(join(folder, template))
  symlinkSync(join(outside, 'secret.liquid'), join(folder, template))
  const { code, stderr } = await meshc(folder, ['build'])
  assert.is(code, 1)
  assert.match(stderr, 'MESH1026')
  assert.match(stderr, 'it is a symbolic link that leaves the project')
})

test('an editor shows the mistakes of a template, and can rename beside one', () => {
  const environment = { name: 'prod', entry: 'spec/prod/mesh.yaml', output: 'out/prod' }
  const workspace = getWorkspace({ [environment.entry]: spec, [template]: '{{ mesh.nam }}' })
  const view = getView(
    environment,
    workspace,
    '2027-01-31',
    () => undefined,
    () => usualLimits,
  )
  assert.equal([...view.broken], [])
  const naming = { uriOf: (file: string) => `file:///${file}`, versionOf: () => null }
  const diagnostics = listDiagnostics(makeSnapshot([view], naming), [view], code => code)
  assert.equal(
    diagnostics.get(template)?.map(({ code, range }) => [code, range.start]),
    [['MESH2053', { line: 0, character: 8 }]],
  )
})

test.run()
