import { Ajv } from 'ajv'
import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { isMeshFile } from '../../schema/generated/mesh-validator.mjs'
import editorSchema from '../../schema/mesh.schema.json' with { type: 'json' }
import { MeshSpec } from '../../schema/spec/mesh.ts'
import { leafEdits } from '../arbitraries/leaf-edits.ts'
import { specs } from '../arbitraries/mesh.ts'
import { mutations } from '../arbitraries/mutations.ts'
import { holds } from '../holds.ts'
import { everySpec } from '../support/drawn-specs.ts'

const meshSchema = suite('mesh schema')

/** The keywords that the schema for editors adds to draft 7. See https://code.visualstudio.com/docs/languages/json */
const keywords = [
  'defaultSnippets',
  'doNotSuggest',
  'enumDescriptions',
  'errorMessage',
  'markdownDescription',
  'patternErrorMessage',
  'x-names',
]

/** Validates as editors do: patterns have the flag `u`, lengths are in UTF-16. Strict ajv takes only a schema of draft 7. */
const isGoodInEditor = new Ajv({ strict: true, strictTypes: false, allowUnionTypes: true, keywords }).compile(
  editorSchema,
)

/** The language is written in zod, ajv checks specs, and editors have their own schema: all three accept the same specs. */
function assertAgreement(value: unknown): void {
  const zod = MeshSpec.safeParse(value)
  const ajv = isMeshFile(value)
  assert.is(isGoodInEditor(value), ajv, `in an editor: ${JSON.stringify(value)}`)
  const why = ajv ? String(zod.error) : JSON.stringify(isMeshFile.errors)
  const text = JSON.stringify(value)
  // zod skips a key `__proto__` of a record. ajv checks it, so ajv may be stricter here.
  if (zod.success && !ajv && text.includes('"__proto__":')) return
  assert.is(ajv, zod.success, `${text}\n${why}`)
}

meshSchema('zod and ajv accept every spec', () => {
  everySpec(spec => {
    for (const document of Object.values(spec.documents)) {
      assert.ok(isMeshFile(document), JSON.stringify(isMeshFile.errors))
      assertAgreement(document)
    }
  }, 150)
})

meshSchema('zod and ajv agree on mutated specs', () => {
  holds(
    fc.property(
      specs().chain(spec => mutations(spec)),
      ({ spec }) => {
        for (const document of Object.values(spec.documents)) assertAgreement(document)
      },
    ),
    { numRuns: 400 },
  )
})

meshSchema('zod and ajv agree on edited leaves', () => {
  holds(
    fc.property(
      specs().chain(spec => leafEdits(spec)),
      ({ spec, file }) => assertAgreement(spec.documents[file]),
    ),
    { numRuns: 150 },
  )
})

/** Values that YAML can express: without undefined, NaN, infinities and -0; each map has the prototype of a plain object. */
const json = fc.oneof(
  fc.jsonValue(),
  fc.anything({
    withNullPrototype: false,
    values: [
      fc.integer(),
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.string({ unit: 'grapheme' }),
      fc.constantFrom('', ' ', '__proto__', '30s', '0%', '*', '/', 'a\n', 'é', '\u{1F600}', 'x'.repeat(400)),
      fc.boolean(),
      fc.constant(null),
    ],
  }),
)
const sections = Object.keys(MeshSpec.shape)

meshSchema('zod and ajv agree on junk', () => {
  holds(fc.property(json, assertAgreement), { numRuns: 1000 })
})

meshSchema('zod and ajv agree on junk where a section should be', () => {
  const junk = fc.dictionary(fc.constantFrom(...sections, '__proto__', 'extra'), json, { maxKeys: 3 })
  holds(fc.property(junk, assertAgreement), { numRuns: 1000 })
})

meshSchema('zod and ajv agree on junk deep in a spec', () => {
  const names = fc.oneof(fc.constantFrom('cart', 'Cart', '', '1', 'constructor', 'a'.repeat(64)), fc.string())
  const entry = (section: keyof typeof entries) =>
    fc.record({
      [section]: fc.dictionary(
        names,
        fc.dictionary(fc.constantFrom(...entries[section]), json, { maxKeys: 3 }),
        { maxKeys: 2 },
      ),
    })
  const deep = fc.oneof(...(['services', 'gateways', 'external', 'namespaces'] as const).map(entry))
  holds(fc.property(deep, assertAgreement), { numRuns: 1000 })
})

const entries = {
  services: [
    'name',
    'namespace',
    'port',
    'ports',
    'versions',
    'traffic',
    'routes',
    'allow',
    'timeout',
    'retries',
  ],
  gateways: ['namespace', 'hosts', 'certificate', 'http', 'tls', 'replicas', 'service', 'labels'],
  external: ['hosts', 'port', 'tls', 'addresses', 'allow', 'timeout', 'circuitBreaker'],
  namespaces: ['mtls', 'labels', 'extra'],
} as const

meshSchema.run()
