import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import schema from '../../schema/mesh.schema.json' with { type: 'json' }
import { goldenFolder } from '../support/golden.ts'
import { meshc } from '../support/meshc.ts'
import { pathsIn, project, write } from '../support/project.ts'
import { type LanguageServer, startLanguageServer } from './language-server.ts'
import { Session } from './session.ts'
import { modeline, schemaFile, specFile } from './workspace.ts'

const test = suite('editor: transcripts')
const golden = goldenFolder('editor/transcripts')

test('two services, a gateway and a canary are written from what the editor offers alone, and build', async () => {
  const folder = project({ [schemaFile]: JSON.stringify(schema) })
  const server = await startLanguageServer(folder)
  const person = new Session(server, specFile, modeline)

  await person.accept('a mesh in one file', 'bookshop', undefined)
  person.enter(0)
  await person.accept('mtls')
  await person.accept('strict')
  person.enter(0)
  await person.accept('gateways', undefined, 'books.example.com', undefined)
  person.enter(0)
  await person.accept('services', 'web', 'bookshop', '3000')
  person.enter(2)
  await person.accept('expose')
  await person.accept('public')
  person.enter(4)
  await person.accept('host', 'books.example.com')
  person.enter(2)
  await person.accept('allow')
  await person.accept('gateway/public')
  person.enter(4)
  await person.accept('methods')
  await person.accept('GET')
  person.enter(1)
  await person.accept('service', 'catalogue', 'bookshop', undefined)
  person.enter(2)
  await person.accept('canary')
  person.enter(2)
  await person.accept('timeout')
  await person.accept('5s')
  person.enter(2)
  await person.accept('allow')
  await person.accept('web')

  // The spec does not name the owner of the mesh yet.
  assert.match(
    await built(folder, specFile, server, person),
    /^warning: `prod`: deny-by-default[^\n]*\n.*\n$/,
  )
  const routes = pathsIn(folder).filter(path => path.includes('manifests') && path.includes('catalogue'))
  assert.ok(routes.length > 0)

  golden.matches('two-services.txt', getTranscript(person))
})

test('in a project, names of other files are taken rather than typed', async () => {
  const folder = project({})
  assert.is((await meshc(folder, ['init', '--mesh', 'bookshop', '--host', 'books.example.com'])).code, 0)
  const file = 'spec/staging/mesh.yaml'
  const server = await startLanguageServer(folder)
  const person = new Session(server, file, modeline)

  await person.accept('an environment over a base', 'staging', undefined)
  person.enter(0)
  person.type('services:')
  person.enter(1)
  await person.accept('api')
  await person.accept('traffic', 'stable', '50%')
  person.enter(3)
  await person.accept('canary', '50%')
  person.enter(1)
  await person.accept('service', 'reviews', 'bookshop', undefined)
  person.enter(2)
  await person.accept('allow')
  await person.accept('api')
  person.enter(0)
  await person.accept('expect')
  await person.accept('to')
  await person.accept('api')
  person.enter(2)
  await person.accept('from')
  await person.accept('web')
  await built(folder, file, server, person)
  golden.matches('names.txt', getTranscript(person))
})

/** Builds the written text, which has no diagnostics in the editor. Returns the stderr of meshc. */
async function built(folder: string, file: string, server: LanguageServer, person: Session): Promise<string> {
  assert.equal(await server.check(file, `${person.text}\n`), [], 'the editor has nothing to say')
  await server.stop()
  write(folder, { [file]: `${person.text}\n` })
  const { code, stderr } = await meshc(folder, ['build'])
  assert.is(code, 0, stderr)
  return stderr
}

const getTranscript = ({ steps, text }: Session) => `${steps.join('\n')}\n\nThe file then is:\n\n${text}\n`

test('no transcript is left over', () => golden.hasNoOther())

test.run()
