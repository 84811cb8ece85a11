import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv } from 'ajv'
import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type Names, projectNames } from '../../bin/schema/project-names.ts'
import { deriveWorkspaceSchema } from '../../bin/schema/workspace-schema.ts'
import { isMeshFile } from '../../schema/generated/mesh-validator.mjs'
import schema from '../../schema/mesh.schema.json' with { type: 'json' }
import { specs } from '../arbitraries/mesh.ts'
import { mutations } from '../arbitraries/mutations.ts'
import { holds } from '../holds.ts'
import { project } from '../support/project.ts'
import { getEnd, type LanguageServer, startLanguageServer } from './language-server.ts'
import { listPlaces, type Place, textUpTo } from './place.ts'

const test = suite<{ server: LanguageServer; folder: string }>('editor: the names of a project')

test.before(async context => {
  context.folder = project({})
  context.server = await startLanguageServer(context.folder)
})
test.after(({ server }) => server.stop())

test('with the names of a project the schema accepts what it accepts without', () => {
  const documents = fc
    .sample(specs(), { numRuns: 30, seed: 1 })
    .flatMap(spec => Object.values(spec.documents))
  const named = deriveWorkspaceSchema(schema, projectNames(documents))
  const options = { strict: false, unicode: false, logger: false, ownProperties: true } as const
  const accepts = new Ajv(options).compile(named)
  const agrees = (document: unknown) =>
    assert.is(accepts(document), isMeshFile(document), JSON.stringify(document))
  for (const document of documents) agrees(document)
  holds(
    fc.property(
      specs().chain(spec => mutations(spec)),
      ({ spec }) => Object.values(spec.documents).forEach(agrees),
    ),
    { numRuns: 300 },
  )
})

/** The places that need names. */
const asking = listPlaces(schema).filter(({ schema }) => 'x-names' in schema)

test('every name of a drawn project is offered wherever one of its kind is meant', async ({
  server,
  folder,
}) => {
  let runs = 0
  await fc.assert(
    fc.asyncProperty(specs(), fc.constantFrom(...asking), async (spec, place) => {
      const names = projectNames(Object.values(spec.documents))
      const service = [...names.versions.keys()].find(name => !(name in {})) ?? 'cart'
      const expected = expectedAt(place, service, names)
      const offered = await labelsAt(server, folder, { place, service, names, run: runs++ })
      // The language server cannot propose these names.
      for (const name of expected.filter(name => !(name in {})))
        assert.ok(offered.includes(name), `${place.path.join('.')}: ${name}`)
    }),
    { numRuns: 100, includeErrorInReport: true },
  )
})

test('every kind of name that the language asks for is one that the project has', () => {
  const kinds = [...new Set(asking.map(({ schema }) => String(schema['x-names'])))].sort()
  const known = [
    'authorizer',
    'caller',
    'cluster',
    'destination',
    'external',
    'gateway',
    'host',
    'issuer',
    'limiter',
    'namespace',
    'place',
    'port',
    'receiver',
    'revision',
    'service',
    'version',
  ]
  assert.equal(kinds, known)
})

test('names come from every layer, but a removed entry gives no name', () => {
  const base = {
    istio: { revisions: { stable: { version: '1.31.2', tags: ['prod'] }, canary: null, next: {} } },
    gateways: { public: { namespace: 'ingress', hosts: ['app.example.com'] } },
    services: {
      web: { namespace: 'shop', owner: 'team-web', port: { http: 80 } },
      cart: { versions: { v1: null, v2: { version: 'two' } }, ports: { grpc: 7070 } },
      'old one': { namespace: 7 },
    },
    external: { stripe: { hosts: ['api.stripe.com'] } },
  }
  const prod = { namespaces: { legacy: {} }, services: { web: null, cart: { versions: { v3: {} } } } }
  const names = projectNames([base, prod, 'no map', { services: [] }])
  const plain = (names: Names) => Object.fromEntries(names)
  assert.equal(plain(names.services), { cart: '', 'old one': '', web: 'in shop, of team-web' })
  assert.equal(plain(names.revisions), { next: '', prod: 'tag of stable', stable: 'Istio 1.31.2' })
  assert.equal(plain(names.gateways), { public: 'app.example.com' })
  assert.equal(plain(names.hosts), { 'app.example.com': 'of public' })
  assert.equal(plain(names.externals), { stripe: 'api.stripe.com' })
  assert.equal(plain(names.namespaces), { ingress: '', legacy: '', shop: '' })
  assert.equal(plain(names.versions.get('cart')!), { v2: 'two', v3: '' })
  assert.equal(plain(names.ports.get('cart')!), { grpc: '' })
})

test('an unknown name has no red line, an invalid name has one', async ({ server, folder }) => {
  const named = deriveWorkspaceSchema(schema, projectNames([{ services: { web: {}, 'Not A Name': {} } }]))
  const text = writeProject(folder, named, 'words')
  const callers = (from: string) => `${text}services:\n  cart:\n    allow: [{ from: ${from} }]\n`
  assert.equal(await server.check('words.yaml', callers('web')), [])
  assert.equal(await server.check('words.yaml', callers('nobody')), [])
  const [wrong, ...editorDiagnostics] = await server.check('words.yaml', callers('Web'))
  assert.match(wrong?.message ?? '', /^must be a service, /)
  assert.equal(editorDiagnostics, [])
  await server.write('words.yaml', `${text}services:\n  `)
  const labels = (await server.complete('words.yaml', getEnd(`${text}services:\n  `))).map(
    ({ label }) => label,
  )
  assert.equal(labels, ['web', 'service'], 'what has not the form of a name is not offered')
})

test.run()

/** Lists the names that the server must propose at a place, among the names of the project. */
function expectedAt(
  { schema }: Place,
  service: string,
  {
    services,
    clusters,
    issuers,
    authorizers,
    limiters,
    gateways,
    externals,
    namespaces,
    revisions,
    hosts,
    versions,
    ports,
  }: ReturnType<typeof projectNames>,
): readonly string[] {
  const at = (prefix: string, names: Names | undefined) =>
    [...(names?.keys() ?? [])].map(name => prefix + name)
  const expected: Readonly<Record<string, readonly string[]>> = {
    service: at('', services),
    cluster: at('', clusters),
    issuer: at('', issuers),
    authorizer: at('', authorizers),
    limiter: at('', limiters),
    gateway: at('', gateways),
    external: at('', externals),
    namespace: at('', namespaces),
    revision: at('', revisions),
    host: at('', hosts),
    version: at('', versions.get(service)),
    port: at('', ports.get(service)),
    caller: [...at('', services), ...at('gateway/', gateways), ...at('namespace/', namespaces), 'anyone'],
    destination: [...at('', services), ...at('external/', externals)],
    place: [...at('services.', services), ...at('gateways.', gateways), ...at('external.', externals)],
  }
  return expected[String(schema['x-names'])] ?? []
}

/** Lists the proposed labels at a place, with the schema of a project. */
async function labelsAt(
  server: LanguageServer,
  folder: string,
  {
    place,
    service,
    names,
    run,
  }: {
    readonly place: Place
    readonly service: string
    readonly names: ReturnType<typeof projectNames>
    readonly run: number
  },
): Promise<readonly string[]> {
  const head = writeProject(folder, deriveWorkspaceSchema(schema, names), String(run))
  const upTo = head + textUpTo(place.path, service)
  const isMap = [place.schema['type']].flat().includes('object')
  const text = isMap ? upTo : `${upTo.trimEnd()} `
  await server.write(`${run}.yaml`, text)
  return (await server.complete(`${run}.yaml`, getEnd(text))).map(({ label }) => label.replaceAll('"', ''))
}

/** Writes a schema, and returns the line by which a spec names it. */
function writeProject(folder: string, schema: unknown, name: string): string {
  mkdirSync(join(folder, 'schema'), { recursive: true })
  writeFileSync(join(folder, `schema/${name}.json`), JSON.stringify(schema))
  return `# yaml-language-server: $schema=schema/${name}.json\n`
}
